using System.Runtime.CompilerServices;
using Trt.Interop;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>A node that is being imported: its attributes, its inputs, and what is needed to define its layers.</summary>
/// <param name="model">The import that it is part of.</param>
/// <param name="proto">The node.</param>
/// <param name="index">Its place in the graph.</param>
internal sealed partial class ImportNode(ModelImport model, NodeProto proto, int index)
{
    private readonly List<ImportedValue?> inputs = [];

    public ModelImport Model { get; } = model;

    public NodeProto Proto { get; } = proto;

    public int Index { get; } = index;

    public INetworkDefinition Network => Model.Network;

    public string Operator => Proto.OpType;

    /// <summary>The node's name, or one made of its first output's.</summary>
    public string Name => Proto.Name.Length > 0 ? Proto.Name : Proto.Output.Count > 0 ? "node_of_" + Proto.Output[0] : string.Empty;

    /// <summary>Version of the operator set that the node's operator comes from.</summary>
    public long Opset => Model.Opset(Proto.Domain);

    public int InputCount => Proto.Input.Count;

    public int OutputCount => Proto.Output.Count;

    /// <summary>Whether somebody may read output <paramref name="i"/>.</summary>
    public bool WantsOutput(int i) => i < Proto.Output.Count && Proto.Output[i].Length > 0;

    /// <summary>Whether optional input <paramref name="i"/> is there.</summary>
    public bool Has(int i) => i < Proto.Input.Count && Proto.Input[i].Length > 0;

    /// <summary>Input <paramref name="i"/> as it is.</summary>
    public ImportedValue Input(int i) => Has(i) && inputs[i] is { } value
        ? value
        : throw Invalid($"Node {Name} lacks input {i}, which {Operator} must have.");

    /// <summary>Input <paramref name="i"/>, or null when it is not there.</summary>
    public ImportedValue? InputOrNull(int i) => Has(i) ? inputs[i] : null;

    /// <summary>Input <paramref name="i"/> as a tensor; constants become a layer.</summary>
    public ITensor Tensor(int i) => Model.TensorOf(Input(i));

    /// <summary>The value as a tensor; constants become a layer.</summary>
    public ITensor Tensor(ImportedValue value) => Model.TensorOf(value);

    public DataType Type(int i) => Input(i).Type;

    /// <summary>Extents of input <paramref name="i"/>, -1 where only a run knows one.</summary>
    public long[] Dims(int i) => Input(i).Dims;

    public int Rank(int i) => Input(i).Rank;

    public bool IsConstant(int i) => Input(i).Constant is not null;

    /// <summary>Input <paramref name="i"/> as constant values; what a run computes is refused.</summary>
    public ConstantValues Constant(int i) => Input(i).Constant
        ?? throw Unsupported($"Input {i} ({Proto.Input[i]}) of {Operator} must be constant: an initializer or the output of a Constant node.");

    /// <summary>Input <paramref name="i"/> as constant integers.</summary>
    public long[] Integers(int i) => Constant(i).ToIntegers();

    /// <summary>Input <paramref name="i"/> as constant floats.</summary>
    public float[] Floats(int i) => Constant(i).ToFloats();

    /// <summary>A wish that TensorRT cannot fulfil.</summary>
    public ImportRefusal Unsupported(string text, ParseCode code = ParseCode.UnsupportedNode, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(code, text, file, line, "import" + Operator);

    /// <summary>A node that is wrong in itself.</summary>
    public ImportRefusal Invalid(string text, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => new(ParseCode.InvalidNode, text, file, line, "import" + Operator);

    /// <summary>An error with this node's place in it, unless it has one.</summary>
    public ParserError Located(ParserError error) => error.Node >= 0 ? error : error with
    {
        Node = Index,
        NodeName = Name,
        NodeOperator = Operator,
        LocalFunctionStack = Model.CallNames(),
    };

    internal void AddInput(ImportedValue? value) => inputs.Add(value);
}
