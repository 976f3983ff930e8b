using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Orders nodes so that each comes after those whose values it or a graph in it reads; what needs no move keeps its place.</summary>
internal static class NodeSort
{
    /// <exception cref="OnnxFormatException">Nodes need one another in a circle.</exception>
    public static NodeProto[] Sort(EditableGraph graph, IReadOnlyList<NodeProto> nodes)
    {
        List<NodeProto> sorted = new(nodes.Count);
        Dictionary<NodeProto, bool> done = new(nodes.Count, ReferenceEqualityComparer.Instance); // false: its inputs are being placed
        Stack<(NodeProto Node, IEnumerator<NodeProto> Needed)> open = new();
        foreach (NodeProto first in nodes)
        {
            Enter(first);
            while (open.TryPeek(out (NodeProto Node, IEnumerator<NodeProto> Needed) top))
            {
                if (top.Needed.MoveNext())
                {
                    Enter(top.Needed.Current);
                    continue;
                }

                open.Pop();
                done[top.Node] = true;
                sorted.Add(top.Node);
            }
        }

        return [.. sorted];

        void Enter(NodeProto node)
        {
            if (done.TryAdd(node, false))
            {
                open.Push((node, Needed(graph, node).GetEnumerator()));
            }
            else if (!done[node])
            {
                string circle = string.Join(" → ", open.Select(entry => entry.Node).TakeWhile(other => !ReferenceEquals(other, node)).Append(node).Reverse().Append(node).Take(12).Select(Name));
                throw graph.Model.Refuse($"Nodes need one another in a circle: {circle}.");
            }
        }
    }

    /// <summary>Whether an order is one in which every node comes after what it reads.</summary>
    public static bool IsSorted(EditableGraph graph, IReadOnlyList<NodeProto> nodes)
    {
        HashSet<NodeProto> before = new(nodes.Count, ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in nodes)
        {
            if (!Needed(graph, node).All(before.Contains))
            {
                return false;
            }

            before.Add(node);
        }

        return true;
    }

    private static string Name(NodeProto node) => node.Name.Length > 0 ? node.Name : $"{node.OpType} of {node.Output.FirstOrDefault()}";

    /// <summary>Nodes of the graph that a node needs.</summary>
    private static IEnumerable<NodeProto> Needed(EditableGraph graph, NodeProto node) => Reads(graph, node).Select(graph.Producer).OfType<NodeProto>();

    /// <summary>Values of the graph that a node or a graph in it reads.</summary>
    public static IEnumerable<string> Reads(EditableGraph graph, NodeProto node) =>
        node.Input.Where(input => input.Length > 0).Concat(graph.Bodies(node).SelectMany(body => Captured(graph, body)));

    /// <summary>Names that a graph inside reads and that mean values of the graph outside.</summary>
    private static IEnumerable<string> Captured(EditableGraph graph, EditableGraph body) => body.WithInner()
        .SelectMany(inner => inner.Nodes.SelectMany(node => node.Input).Concat(inner.Proto.Output.Select(output => output.Name)).Where(name => ReferenceEquals(inner.DefinerOf(name), graph)));
}
