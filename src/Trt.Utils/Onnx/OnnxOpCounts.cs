using System.Collections;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>How many nodes of each operator a model has, those in loops and branches included. Operators of other domains have the domain before a colon.</summary>
public sealed class OnnxOpCounts : IReadOnlyDictionary<string, int>
{
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);

    private OnnxOpCounts()
    {
    }

    /// <summary>All nodes.</summary>
    public int Total => counts.Values.Sum();

    /// <inheritdoc/>
    public IEnumerable<string> Keys => counts.Keys;

    /// <inheritdoc/>
    public IEnumerable<int> Values => counts.Values;

    /// <inheritdoc/>
    public int Count => counts.Count;

    /// <summary>Nodes of an operator; 0 where there are none.</summary>
    /// <param name="key">Such as <c>Conv</c> or <c>com.microsoft:Gelu</c>.</param>
    public int this[string key] => counts.GetValueOrDefault(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => counts.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out int value) => counts.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, int>> GetEnumerator() => counts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static OnnxOpCounts Of(ModelProto model)
    {
        OnnxOpCounts result = new();
        foreach (NodeProto node in ModelTensors.Graphs(model.Graph).SelectMany(graph => graph.Node))
        {
            string op = node.IsStandard() ? node.OpType : $"{node.Domain}:{node.OpType}";
            result.counts[op] = result[op] + 1;
        }

        return result;
    }
}
