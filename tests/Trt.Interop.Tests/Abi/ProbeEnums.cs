using System.Collections.Concurrent;

namespace Trt.Interop.Tests.Abi;

/// <summary>An enumeration in one of the probe's releases, by the headers' names: what the bindings' own tables are checked with.</summary>
internal sealed class ProbeEnums
{
    private static readonly ConcurrentDictionary<(int, Type), ProbeEnums> Known = new();

    private ProbeEnums(int release, Type type)
    {
        string text = ProbeTables.Enums[type][release] ?? string.Empty;
        Members = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Select(pair => ((int)Enum.Parse(type, pair[0]), int.Parse(pair[1])))];
    }

    /// <summary>Managed value and the release's number, in the header's order.</summary>
    public IReadOnlyList<(int Managed, int Native)> Members { get; }

    public static ProbeEnums Of(int release, Type type) => Known.GetOrAdd((release, type), static key => new ProbeEnums(key.Item1, key.Item2));

    /// <summary>The release's number; what the release does not name stays as it is.</summary>
    public int Native(int managed) => Members.FirstOrDefault(member => member.Managed == managed, (Managed: managed, Native: managed)).Native;
}
