using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Which node makes a tensor, from what, and where it stands in the graph.</summary>
internal sealed class GraphOrder
{
    private readonly Dictionary<string, (int Place, OnnxNode Node)> makers = new(StringComparer.Ordinal);
    private readonly Dictionary<OnnxNode, string[]> reads = new(ReferenceEqualityComparer.Instance);

    /// <param name="model">The model; null where there is none, so that nothing is known.</param>
    public GraphOrder(OnnxModel? model)
    {
        foreach (OnnxNode node in model?.Nodes ?? [])
        {
            reads[node] = [.. Reads(node).Distinct(StringComparer.Ordinal)];
            foreach (string output in node.Outputs.Where(output => output.Length > 0))
            {
                makers.TryAdd(output, (makers.Count, node));
            }
        }
    }

    public OnnxNode? Maker(string tensor) => makers.GetValueOrDefault(tensor).Node;

    /// <summary>A number that is greater for what comes later; what no node makes comes last.</summary>
    public int Place(string tensor) => makers.TryGetValue(tensor, out (int Place, OnnxNode Node) maker) ? maker.Place : int.MaxValue;

    /// <summary>Whether nothing of what is wrong goes into the node that makes a tensor, directly or through tensors that were not looked at.</summary>
    public bool IsOrigin(string tensor, IReadOnlySet<string> looked, IReadOnlySet<string> wrong)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        Stack<string> ahead = new([tensor]);
        while (ahead.TryPop(out string? name))
        {
            if (Maker(name) is not { } node)
            {
                continue;
            }

            foreach (string read in reads[node].Where(seen.Add))
            {
                if (wrong.Contains(read))
                {
                    return false;
                }

                if (!looked.Contains(read))
                {
                    ahead.Push(read);
                }
            }
        }

        return true;
    }

    /// <summary>How messages name a node.</summary>
    public static string Describe(OnnxNode node) => node.Name.Length > 0 ? $"{node.OpType} \"{node.Name}\"" : $"{node.OpType} that makes \"{node.Outputs.FirstOrDefault()}\"";

    private static IEnumerable<string> Reads(OnnxNode node)
    {
        // A body may have names of its own that are those of others outside: then one more tensor counts as read, and at worst a later one is called the origin.
        IEnumerable<OnnxNode> inner = node.OpType is "If" or "Loop" or "Scan" or "SequenceMap"
            ? node.Attributes.Values.SelectMany(value => value switch { IReadOnlyList<OnnxNode> body => body, IEnumerable<IReadOnlyList<OnnxNode>> bodies => bodies.SelectMany(body => body), _ => [] })
            : [];
        return node.Inputs.Where(input => input.Length > 0).Concat(inner.SelectMany(Reads));
    }
}
