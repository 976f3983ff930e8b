using Google.Protobuf;
using Trt.Interop;
using Trt.Onnx;
using Location = Trt.Onnx.TensorProto.Types.DataLocation;

namespace Trt.Utils;

/// <summary>
/// A graph as ONNX Runtime opens it: large weights are handed over where they lie instead of being copied into the serialized form, and what ONNX Runtime has no operator for,
/// such as a TensorRT plugin, is left out with all that needs it.
/// </summary>
internal sealed class RunnableModel
{
    private const int Inline = 1024; // what is larger decides no shape
    private const int MostCuts = 16;
    private readonly ModelProto model;
    private readonly TensorContents contents;
    private readonly HashSet<NodeProto> left = new(ReferenceEqualityComparer.Instance);
    private readonly List<NodeProto> unknown = [];

    private RunnableModel(ModelProto model, TensorContents contents)
    {
        this.model = model;
        this.contents = contents;
    }

    /// <summary>Nodes that ONNX Runtime has no operator for.</summary>
    public IReadOnlyList<NodeProto> Unknown => unknown;

    /// <summary>Nodes that were left out: the unknown ones, and what needs their results.</summary>
    public IReadOnlySet<NodeProto> LeftOut => left;

    /// <summary>Names of the values that nodes make which were not left out.</summary>
    public IEnumerable<string> Made => model.Graph.Node.Where(node => !left.Contains(node)).SelectMany(node => node.Output).Where(output => output.Length > 0);

    /// <summary>The model's output of a name; null when it is none.</summary>
    public ValueInfoProto? Declared(string name) => model.Graph.Output.FirstOrDefault(output => output.Name == name);

    /// <summary>Opens a model without optimisation.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="contents">Reads its tensors.</param>
    /// <param name="wanted">Outputs of a graph, given the nodes that are left out; null for those of the model that there still are.</param>
    /// <param name="runnable">What was opened.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refused it for another reason than an operator that it does not have.</exception>
    /// <exception cref="TensorRtNotFoundException">No runtime is registered.</exception>
    public static IOnnxSession Open(ModelProto model, TensorContents contents, Func<RunnableModel, IEnumerable<ValueInfoProto>>? wanted, out RunnableModel runnable)
    {
        runnable = new RunnableModel(model, contents);
        while (true)
        {
            try
            {
                return runnable.Open((wanted ?? Outputs)(runnable));
            }
            catch (OnnxRuntimeException error) when (runnable.unknown.Count < MostCuts && runnable.CutUnknown(error.Message))
            {
                // Try again without.
            }
        }
    }

    private static IEnumerable<ValueInfoProto> Outputs(RunnableModel runnable)
    {
        HashSet<string> missing = new(runnable.left.SelectMany(node => node.Output), StringComparer.Ordinal);
        return runnable.model.Graph.Output.Where(output => !missing.Contains(output.Name));
    }

    private IOnnxSession Open(IEnumerable<ValueInfoProto> outputs)
    {
        Dictionary<string, OnnxTensor> weights = new(StringComparer.Ordinal);
        GraphProto graph = new() { Name = model.Graph.Name };
        graph.Node.Add(model.Graph.Node.Where(node => !left.Contains(node)));
        graph.Input.Add(model.Graph.Input);
        graph.Output.Add(outputs);

        // ONNX Runtime first drops what is not read, and then refuses data for it.
        HashSet<string> settable = new(model.Graph.Input.Select(input => input.Name), StringComparer.Ordinal);
        HashSet<string> read = new(graph.Node.SelectMany(node => node.Input.Concat(Reads(node))).Concat(graph.Output.Select(output => output.Name)).Concat(settable), StringComparer.Ordinal);
        graph.Initializer.Add(model.Graph.Initializer.Where(tensor => read.Contains(tensor.Name)).Select(tensor => Lean(tensor, settable.Contains(tensor.Name) ? null : weights)));
        graph.SparseInitializer.Add(model.Graph.SparseInitializer);
        graph.ValueInfo.Add(model.Graph.ValueInfo);
        ModelProto lean = new() { IrVersion = model.IrVersion, Graph = graph };
        lean.OpsetImport.Add(model.OpsetImport);
        lean.Functions.Add(model.Functions);
        OnnxSessionOptions options = new() { OptimizationLevel = OnnxOptimizationLevel.None, Initializers = weights };
        return TensorRt.OpenOnnx(lean.ToByteArray(), options);
    }

    /// <summary>A tensor without its data, which goes among the weights, or with its data inside where that is small or may be set from outside.</summary>
    private TensorProto Lean(TensorProto tensor, Dictionary<string, OnnxTensor>? weights)
    {
        if (tensor.DataType == (int)OnnxElementType.String || (tensor.DataLocation != Location.External && contents.Bytes(tensor) <= Inline))
        {
            return tensor;
        }

        OnnxTensor values = contents.Read(tensor);
        TensorProto lean = new() { Name = tensor.Name, DataType = tensor.DataType };
        lean.Dims.Add(tensor.Dims);
        if (values.ByteCount <= Inline || weights is null)
        {
            lean.RawData = ByteString.CopyFrom(values.AsBytes());
            return lean;
        }

        lean.DataLocation = Location.External;
        lean.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "memory" });
        weights[tensor.Name] = values;
        return lean;
    }

    /// <summary>Leaves out the nodes that an error says there is no operator for.</summary>
    private bool CutUnknown(string message)
    {
        if (!UnknownOperator.Is(message))
        {
            return false;
        }

        NodeProto[] found = UnknownOperator.Find(message, [.. model.Graph.Node.Where(node => !left.Contains(node))]);
        if (found.Length == 0)
        {
            return false;
        }

        unknown.AddRange(found);
        HashSet<string> missing = new(StringComparer.Ordinal);
        foreach (NodeProto node in model.Graph.Node)
        {
            if (left.Contains(node) || found.Contains(node, ReferenceEqualityComparer.Instance) || node.Input.Concat(Reads(node)).Any(missing.Contains))
            {
                left.Add(node);
                missing.UnionWith(node.Output.Where(output => output.Length > 0));
            }
        }

        return true;
    }

    /// <summary>All names that graphs inside a node read.</summary>
    private static IEnumerable<string> Reads(NodeProto node) => ModelTensors.Bodies(node).SelectMany(ModelTensors.Graphs).SelectMany(graph => graph.Node.SelectMany(inner => inner.Input).Concat(graph.Output.Select(output => output.Name)));
}
