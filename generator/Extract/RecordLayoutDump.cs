using System.Globalization;
using System.Text;

namespace Trt.Generator.Extract;

/// <summary>Reads <c>-fdump-record-layouts-complete -fdump-record-layouts-simple</c>.</summary>
internal static class RecordLayoutDump
{
    /// <summary>Options that make clang print it.</summary>
    public static readonly IReadOnlyList<string> Options =
        ["-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete", "-Xclang", "-fdump-record-layouts-simple"];

    /// <summary>Layouts by qualified class name.</summary>
    public static IReadOnlyDictionary<string, RecordLayout> Read(byte[] output)
    {
        Dictionary<string, RecordLayout> layouts = [];
        string name = "";
        int size = 0, align = 0;
        foreach (string raw in Encoding.UTF8.GetString(output).Split('\n'))
        {
            string line = raw.Trim();
            if (line.StartsWith("Type: ", StringComparison.Ordinal))
            {
                string type = line["Type: ".Length..];
                int space = type.IndexOf(' ', StringComparison.Ordinal);
                name = type[..Math.Max(space, 0)] is "class" or "struct" or "union" ? type[(space + 1)..] : type;
            }
            else if (line.StartsWith("Size:", StringComparison.Ordinal))
            {
                size = Bytes(line["Size:".Length..]);
            }
            else if (line.StartsWith("Alignment:", StringComparison.Ordinal))
            {
                align = Bytes(line["Alignment:".Length..]);
            }
            else if (line.StartsWith("FieldOffsets: [", StringComparison.Ordinal))
            {
                string list = line["FieldOffsets: [".Length..line.IndexOf(']', StringComparison.Ordinal)];
                layouts[name] = new RecordLayout(size, align, [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Bytes)]);
            }
        }
        return layouts;
    }

    private static int Bytes(string bits) => int.Parse(bits, CultureInfo.InvariantCulture) / 8;
}
