using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Who makes and who reads what in the model that is reduced; only nodes that compute count.</summary>
internal sealed class ReductionGraph
{
    private readonly EditableGraph graph;
    private readonly HashSet<string> constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> makers = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeProto, string[]> reads = new(ReferenceEqualityComparer.Instance);

    public ReductionGraph(EditableModel model)
    {
        graph = model.Main;
        List<NodeProto> nodes = [];
        constants.UnionWith(graph.Initializers.Select(tensor => tensor.Name).Where(name => !graph.IsInput(name)));
        constants.UnionWith(graph.SparseInitializers);
        foreach (NodeProto node in graph.Nodes)
        {
            string[] inputs = [.. NodeSort.Reads(graph, node).Distinct(StringComparer.Ordinal)];
            reads[node] = inputs;
            foreach (string output in node.Output.Where(output => output.Length > 0))
            {
                makers[output] = node;
            }

            if (!RandomOps.Draws(node) && inputs.All(constants.Contains))
            {
                constants.UnionWith(node.Output.Where(output => output.Length > 0));
            }

            if (!node.Is("Constant"))
            {
                nodes.Add(node);
            }
        }

        Nodes = nodes;
        Inputs = [.. graph.Proto.Input.Select(input => input.Name).Where(name => graph.Initializers.All(tensor => tensor.Name != name))];
        Outputs = [.. graph.Proto.Output.Select(output => output.Name)];
    }

    /// <summary>Nodes in order, but for those that only hold a constant.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    public IReadOnlyList<string> Inputs { get; }

    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Tensors that nodes make and that can be inputs of a part: their types are known.</summary>
    public bool CanBeInput(string name) => CanBeOutput(name) && graph.TypeOf(name) is { Element: not OnnxElementType.Undefined };

    /// <summary>Tensors that nodes make and that can be outputs of a part. Behind an operator that nobody knows there are no types, and outputs need none.</summary>
    public bool CanBeOutput(string name) => makers.TryGetValue(name, out NodeProto? maker) && !maker.Is("Constant");

    /// <summary>Whether a tensor follows from constants alone.</summary>
    public bool IsConstant(string name) => constants.Contains(name);

    public IEnumerable<string> Reads(NodeProto node) => reads[node];

    public NodeProto? Maker(string name) => makers.GetValueOrDefault(name);

    /// <summary>Nodes that compute tensors from others, in order.</summary>
    public List<NodeProto> Between(IReadOnlySet<string> inputs, IEnumerable<string> outputs)
    {
        HashSet<NodeProto> needed = new(ReferenceEqualityComparer.Instance);
        Stack<string> ahead = new(outputs);
        while (ahead.TryPop(out string? name))
        {
            if (!inputs.Contains(name) && makers.TryGetValue(name, out NodeProto? node) && needed.Add(node))
            {
                foreach (string read in reads[node])
                {
                    ahead.Push(read);
                }
            }
        }

        return [.. Nodes.Where(needed.Contains)];
    }

    /// <summary>Of what some nodes make: what other nodes read, or the model gives, and can be an output.</summary>
    public string[] Frontier(IReadOnlyCollection<NodeProto> nodes)
    {
        HashSet<NodeProto> inside = new(nodes, ReferenceEqualityComparer.Instance);
        HashSet<string> wanted = new(Outputs, StringComparer.Ordinal);
        wanted.UnionWith(Nodes.Where(node => !inside.Contains(node)).SelectMany(node => reads[node]));
        return [.. nodes.SelectMany(node => node.Output).Where(output => wanted.Contains(output) && CanBeOutput(output))];
    }
}
