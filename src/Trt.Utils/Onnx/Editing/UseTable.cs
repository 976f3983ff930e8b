using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Where the values of a graph are read, by name.</summary>
internal sealed class UseTable
{
    private readonly Dictionary<string, List<ValueUse>> uses = new(StringComparer.Ordinal);

    public IReadOnlyList<ValueUse> Of(string name) => uses.TryGetValue(name, out List<ValueUse>? list) ? list : [];

    public void Add(string name, ValueUse use) => (CollectionsMarshal.GetValueRefOrAddDefault(uses, name, out _) ??= []).Add(use);

    public void Remove(string name, ValueUse use)
    {
        if (uses.TryGetValue(name, out List<ValueUse>? list))
        {
            list.Remove(use);
        }
    }

    /// <summary>All places where a value is read, which are then forgotten.</summary>
    public IReadOnlyList<ValueUse> Take(string name) => uses.Remove(name, out List<ValueUse>? list) ? list : [];
}
