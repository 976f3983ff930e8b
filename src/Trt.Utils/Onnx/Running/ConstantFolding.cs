using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Computes, with ONNX Runtime, what depends on constants only, and puts constants in its place.</summary>
/// <param name="model">The model; its types have been inferred.</param>
/// <param name="mostBytes">Results of more bytes are not kept, unless they take no more than what they are computed from.</param>
/// <param name="keptFor">Operators whose inputs are not computed.</param>
internal sealed class ConstantFolding(EditableModel model, long mostBytes, IReadOnlySet<string> keptFor)
{
    /// <summary>Operators whose results are no larger than their inputs, times the rank; that is enough where no size can be inferred.</summary>
    private static readonly HashSet<string> Bounded = ["NonZero", "Unique", "Compress", "NonMaxSuppression"];

    /// <summary>Scales and zero points must stay visible to whoever quantises.</summary>
    private static readonly HashSet<string> Kept = ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Constant"];

    /// <summary>The nodes that can be computed.</summary>
    public IReadOnlyList<NodeProto> Nodes
    {
        get
        {
            HashSet<string> computed = new(StringComparer.Ordinal);
            List<NodeProto> nodes = [];
            foreach (NodeProto node in model.Main.Nodes)
            {
                if (CanFold(model.Main, node, computed))
                {
                    nodes.Add(node);
                    computed.UnionWith(node.Output.Where(output => output.Length > 0));
                }
            }

            return nodes;
        }
    }

    /// <summary>Computes nodes.</summary>
    /// <returns>How many of them went.</returns>
    public int Fold(IReadOnlyList<NodeProto> nodes)
    {
        if (nodes.Count == 0)
        {
            return 0;
        }

        EditableGraph graph = model.Main;
        string[] computed = [.. nodes.SelectMany(node => node.Output).Where(output => output.Length > 0)];
        HashSet<NodeProto> folded = new(nodes, ReferenceEqualityComparer.Instance);
        string[] wanted = [.. computed.Where(name => graph.IsOutput(name) || graph.Uses(name).Any(use => use.Node is null || !ReferenceEquals(use.Graph, graph) || !folded.Contains(use.Node)))];
        if (TryCompute(nodes, wanted) is { } values)
        {
            foreach (NodeProto node in nodes)
            {
                graph.Remove(node);
            }

            Keep(graph, values);
            return nodes.Count;
        }

        // One of them cannot be computed; the others can, each by itself.
        int count = 0;
        foreach (NodeProto node in nodes.Where(node => node.Input.All(input => input.Length == 0 || graph.IsConstant(input))))
        {
            if (TryCompute([node], [.. node.Output.Where(graph.IsUsed)]) is { } own)
            {
                graph.Remove(node);
                Keep(graph, own);
                count++;
            }
        }

        return count;
    }

    /// <summary>A constant in a value's place; an output of the graph stays a node's.</summary>
    private static void Keep(EditableGraph graph, IReadOnlyDictionary<string, OnnxTensor> values)
    {
        foreach ((string name, OnnxTensor value) in values)
        {
            TensorProto tensor = TensorContents.Write(name, value);
            if (!graph.IsOutput(name))
            {
                graph.AddInitializer(tensor);
                continue;
            }

            NodeProto constant = new() { OpType = "Constant", Name = graph.Model.NewName($"{name}_constant") };
            constant.Output.Add(name);
            constant.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = tensor });
            graph.Add(constant);
        }
    }

    private bool CanFold(EditableGraph graph, NodeProto node, HashSet<string> computed)
    {
        if (Kept.Contains(node.OpType) || !node.IsStandard() || RandomOps.Draws(node) || graph.Bodies(node).Count > 0 || !node.Output.Any(graph.IsUsed)
            || !node.Input.All(input => input.Length == 0 || computed.Contains(input) || graph.IsConstant(input)))
        {
            return false;
        }

        if (keptFor.Count > 0 && node.Output.SelectMany(graph.Uses).Any(use => use.Node is not null && keptFor.Contains(use.Node.OpType)))
        {
            return false;
        }

        double read = node.Input.Sum(input => Bytes(graph.TypeOf(input)) ?? 0);
        foreach (string output in node.Output.Where(output => output.Length > 0))
        {
            if (Bytes(graph.TypeOf(output)) is { } bytes ? bytes > mostBytes && bytes > read : !(Bounded.Contains(node.OpType) && read <= mostBytes))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Bytes of a tensor; null where its size is not known.</summary>
    private static double? Bytes(TensorType? type) => type is { IsStatic: true } known && known.Element.BitSize() > 0
        ? known.Dims.Aggregate(known.Element.BitSize() / 8.0, (product, dim) => product * dim.Value)
        : null;

    private IReadOnlyDictionary<string, OnnxTensor>? TryCompute(IReadOnlyList<NodeProto> nodes, string[] wanted)
    {
        GraphProto graph = new() { Name = "constants" };
        graph.Node.Add(nodes);
        graph.Output.Add(wanted.Select(name => new ValueInfoProto { Name = name }));
        HashSet<string> made = new(nodes.SelectMany(node => node.Output), StringComparer.Ordinal);
        graph.Initializer.Add(nodes.SelectMany(node => node.Input).Where(input => input.Length > 0 && !made.Contains(input)).Distinct(StringComparer.Ordinal).Select(Constant));
        ModelProto proto = new() { IrVersion = model.Proto.IrVersion, Graph = graph };
        proto.OpsetImport.Add(model.Proto.OpsetImport);
        try
        {
            using IOnnxSession session = RunnableModel.Open(proto, model.Contents, null, out RunnableModel runnable);
            return runnable.Unknown.Count == 0 ? session.Run(new Dictionary<string, OnnxTensor>()) : null;
        }
        catch (Exception error) when (error is OnnxRuntimeException or NotSupportedException)
        {
            return null; // they stay as they are, and fail or not when the model is run
        }
    }

    private TensorProto Constant(string name)
    {
        TensorProto constant = model.Main.ConstantOf(name)!;
        if (constant.Name == name)
        {
            return constant;
        }

        TensorProto named = constant.Clone(); // a Constant's value has no name of its own
        named.Name = name;
        return named;
    }
}
