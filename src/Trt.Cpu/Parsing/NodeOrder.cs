using Trt.Onnx;

namespace Trt.Cpu.Parsing;

/// <summary>The order in which nodes can be imported: each after those whose outputs it or its subgraphs read.</summary>
internal static class NodeOrder
{
    /// <summary>Places of the nodes, sorted; null when there is a cycle or two nodes have an output of the same name.</summary>
    public static List<int>? Sort(IReadOnlyList<NodeProto> nodes)
    {
        Dictionary<string, int> makers = new(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string output in nodes[i].Output)
            {
                if (output.Length > 0 && !makers.TryAdd(output, i))
                {
                    return null;
                }
            }
        }

        List<int> order = new(nodes.Count);
        byte[] state = new byte[nodes.Count];    // 0 not seen, 1 on the path, 2 done
        Stack<(int Node, IEnumerator<string> Reads)> path = new();
        for (int first = 0; first < nodes.Count; first++)
        {
            if (state[first] == 0)
            {
                Enter(first);
            }

            while (path.TryPeek(out (int Node, IEnumerator<string> Reads) top))
            {
                if (!top.Reads.MoveNext())
                {
                    path.Pop();
                    state[top.Node] = 2;
                    order.Add(top.Node);
                }
                else if (makers.TryGetValue(top.Reads.Current, out int maker) && state[maker] != 2)
                {
                    if (state[maker] == 1)
                    {
                        return null;
                    }

                    Enter(maker);
                }
            }
        }

        return order;

        void Enter(int node)
        {
            state[node] = 1;
            path.Push((node, Reads(nodes[node]).GetEnumerator()));
        }
    }

    /// <summary>Whether a node of the graph, or one of its outputs, is or reads a name.</summary>
    public static bool ReadsAnywhere(GraphProto graph, string name) =>
        graph.Output.Any(output => output.Name == name) || graph.Node.SelectMany(Reads).Contains(name);

    /// <summary>Names that a node reads, with those that its subgraphs take from outside.</summary>
    private static IEnumerable<string> Reads(NodeProto node)
    {
        foreach (string input in node.Input)
        {
            yield return input;
        }

        foreach (AttributeProto attribute in node.Attribute)
        {
            foreach (GraphProto graph in attribute.G is { } one ? attribute.Graphs.Prepend(one) : attribute.Graphs)
            {
                HashSet<string> own = [.. graph.Input.Select(input => input.Name), .. graph.Initializer.Select(tensor => tensor.Name), .. graph.Node.SelectMany(inner => inner.Output)];
                foreach (string read in graph.Node.SelectMany(Reads).Concat(graph.Output.Select(output => output.Name)))
                {
                    if (!own.Contains(read))
                    {
                        yield return read;
                    }
                }
            }
        }
    }
}
