using System.Text.RegularExpressions;
using Trt.Interop;
using Trt.Interop.Core;
using Trt.Interop.Loading;
using Trt.Utils;

namespace Trt.GpuTests.Suite;

/// <summary>Tells a test that asked for what its library's release lacks from one that failed.</summary>
internal static partial class MissingMember
{
    /// <summary>What a test asked for in vain; null where it failed.</summary>
    /// <param name="type">Full name of the exception that ended the test: of the outermost one, since what is said within another's message proves nothing.</param>
    /// <param name="message">Its message.</param>
    /// <param name="library">The library, which must really lack what the message names.</param>
    public static string? Of(string type, string message, TensorRtLibrary library)
    {
        // An engine builder says of all options at once what the library cannot do, a line for each.
        string[] lines = type == typeof(NotInThisReleaseException).FullName ? [message]
            : type == typeof(BuildRefusedException).FullName ? message.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : [];
        return lines.Length > 0 && lines.All(line => Named().Match(line) is { Success: true } named && Lacks(library, named.Groups[1].Value)) ? lines[0].TrimEnd() : null;
    }

    private static unsafe bool Lacks(TensorRtLibrary library, string name)
    {
        int[] members = [.. Members.AllOf(name)];
        if (members.Length > 0)
        {
            // Of overloads, which have one name, a release may have some.
            return !library.Supports(name) || (library is not ManagedLibrary && members.Any(member => library.Table[member] == SlotTables.Absent));
        }

        string type = name.Split('.')[0];
        return library is not ManagedLibrary && Enumerable.Range(0, Enumerations).Where(id => EnumTables.NameOf(id, -1) == $"{type} -1")
            .Any(id => Enumerable.Range(0, 256).Any(value => EnumTables.NameOf(id, value) == name && !library.Enum(id).TryToNative(value, out _)));
    }

    /// <summary>How many enumerations the tables have; the last one that headers name.</summary>
    private const int Enumerations = Enumeration.NvUffParser_UffInputOrder + 1;

    [GeneratedRegex(@"\b([A-Za-z]\w*\.\w+) is not in \S")]
    private static partial Regex Named();
}
