using System.Globalization;
using System.Text;

namespace Trt.Generator.Extract;

/// <summary>Slots of virtual functions by class, read from <c>-fdump-vtable-layouts</c>.</summary>
/// <remarks>The sections "VTable indices" and "VFTable indices" list the functions that a class declares itself, with their slots counted from the address point.</remarks>
internal sealed class VtableDump
{
    private readonly Dictionary<string, Dictionary<string, int>> classes = [];

    private VtableDump()
    {
    }

    /// <summary>Classes that have a table.</summary>
    public IReadOnlyCollection<string> Classes => classes.Keys;

    /// <summary>Options that make clang print it; the object file goes to <paramref name="output"/>.</summary>
    public static IReadOnlyList<string> Options(string output) =>
        ["-Xclang", "-fno-access-control", "-Xclang", "-fdump-vtable-layouts", "-S", "-emit-llvm", "-o", output];

    /// <summary>Reads a dump.</summary>
    public static VtableDump Read(byte[] output)
    {
        VtableDump dump = new();
        Dictionary<string, int>? current = null;
        string owner = "";
        foreach (string raw in Encoding.UTF8.GetString(output).Split('\n'))
        {
            string line = raw.Trim();
            if (line.StartsWith("VTable indices for '", StringComparison.Ordinal) || line.StartsWith("VFTable indices for '", StringComparison.Ordinal))
            {
                int start = line.IndexOf('\'', StringComparison.Ordinal) + 1;
                owner = line[start..line.IndexOf('\'', start)];
                current = dump.classes[owner] = [];
            }
            else if (line.Length == 0 || line.StartsWith("V", StringComparison.Ordinal) || line.StartsWith("Original map", StringComparison.Ordinal))
            {
                current = null;
            }
            else if (current is not null && line.IndexOf(" | ", StringComparison.Ordinal) is int bar and > 0)
            {
                current[Signature(owner, line[(bar + 3)..])] = int.Parse(line[..bar], CultureInfo.InvariantCulture);
            }
        }
        return dump;
    }

    /// <summary>
    /// Slot of a function that the class declares, or null.
    /// </summary>
    /// <param name="owner">Qualified class name.</param>
    /// <param name="signature">Name, parameter types and const as clang prints them: <c>foo(const char *, int32_t) const</c>.</param>
    public int? Slot(string owner, string signature) =>
        classes.TryGetValue(owner, out Dictionary<string, int>? slots) && slots.TryGetValue(signature, out int slot) ? slot : null;

    /// <summary>All slots of a class by signature.</summary>
    public IReadOnlyDictionary<string, int> Slots(string owner) => classes[owner];

    /// <summary>Whether two dumps agree on every class.</summary>
    public bool Matches(VtableDump other) =>
        classes.Count == other.classes.Count
        && classes.All(pair => other.classes.TryGetValue(pair.Key, out Dictionary<string, int>? slots)
            && slots.Count == pair.Value.Count
            && pair.Value.All(slot => slots.TryGetValue(slot.Key, out int number) && number == slot.Value));

    private static string Signature(string owner, string entry)
    {
        int start = entry.IndexOf(owner + "::", StringComparison.Ordinal);
        // The class's name can occur in the return type before it; the function's own is the last one before its parameters.
        for (int next = start; next >= 0; next = entry.IndexOf(owner + "::", next + 1, StringComparison.Ordinal))
        {
            int parenthesis = entry.IndexOf('(', StringComparison.Ordinal);
            if (next < parenthesis)
            {
                start = next;
            }
        }
        return start < 0 ? entry : entry[(start + owner.Length + 2)..];
    }
}
