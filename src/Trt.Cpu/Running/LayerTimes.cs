using System.Text.Json;

namespace Trt.Cpu;

/// <summary>Times of layers out of the file that a session with profiling writes: each node is named after its layer.</summary>
internal static class LayerTimes
{
    private const string KernelTime = "_kernel_time";

    /// <summary>Milliseconds of each layer, in the order of the names; 0 where ONNX Runtime made a layer part of another.</summary>
    /// <param name="json">The file's text: events of Chrome's trace viewer.</param>
    /// <param name="layers">Names of the layers.</param>
    /// <param name="makers">Names of nodes by the value that each makes.</param>
    public static float[] Read(ReadOnlyMemory<byte> json, IReadOnlyList<string> layers, IReadOnlyDictionary<string, string> makers)
    {
        Dictionary<string, int> indexes = new(StringComparer.Ordinal);
        for (int i = 0; i < layers.Count; i++)
        {
            indexes.TryAdd(layers[i], i);
        }

        double[] microseconds = new double[layers.Count];
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            if (entry.TryGetProperty("cat", out JsonElement category) && category.ValueEquals("Node")
                && entry.TryGetProperty("name", out JsonElement name) && name.GetString() is { } text && text.EndsWith(KernelTime, StringComparison.Ordinal)
                && FindNode(text[..^KernelTime.Length], indexes, makers) is { } index)
            {
                microseconds[index] += entry.GetProperty("dur").GetDouble();
            }
        }

        return Array.ConvertAll(microseconds, time => (float)(time / 1000));
    }

    /// <summary>Some optimisations name their nodes after the value that they make, with a word behind.</summary>
    private static int? FindNode(string node, Dictionary<string, int> layers, IReadOnlyDictionary<string, string> makers) =>
        Find(node, layers) ?? (makers.TryGetValue(node.Split('_')[0], out string? maker) ? Find(maker, layers) : null);

    /// <summary>The layer of a node: what stands before a slash and a number. Optimisations put words before and after.</summary>
    private static int? Find(string node, Dictionary<string, int> layers)
    {
        for (int slash = node.LastIndexOf('/'); slash > 0; slash = node.LastIndexOf('/', slash - 1))
        {
            if (slash + 1 == node.Length || !char.IsAsciiDigit(node[slash + 1]))
            {
                continue;
            }

            for (int start = 0; start >= 0 && start < slash; start = node.IndexOf(' ', start) is >= 0 and int blank && blank < slash ? blank + 1 : -1)
            {
                if (layers.TryGetValue(node[start..slash], out int index))
                {
                    return index;
                }
            }
        }

        return null;
    }
}
