using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>
/// Writes a model's nodes as another version of ONNX's operators has them. Between versions 11 and 23 most operators only took on element types; the others have a rule in
/// <see cref="OpsetRules"/>. What a rule cannot write is refused by name.
/// </summary>
/// <param name="model">The model; constants are initializers, and types have been inferred.</param>
/// <param name="target">The version.</param>
internal sealed class OpsetConversion(EditableModel model, int target)
{
    /// <summary>The oldest and newest version that are known.</summary>
    public const int Oldest = 11;

    /// <inheritdoc cref="Oldest"/>
    public const int Newest = 23;

    /// <summary>Operators of version 11 and before whose nodes are the same in all versions since.</summary>
    private static readonly HashSet<string> Stable =
    [
        "Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Clip", "Compress", "Concat", "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "Cosh", "CumSum",
        "DepthToSpace", "Div", "Elu", "Equal", "Erf", "Exp", "Expand", "EyeLike", "Flatten", "Floor", "Gather", "GatherElements", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "Greater", "HardSigmoid",
        "Identity", "If", "InstanceNormalization", "IsInf", "IsNaN", "LeakyRelu", "Less", "Log", "Loop", "LRN", "LpNormalization", "MatMul", "MatMulInteger", "ConvInteger", "MaxPool", "Mean", "Mod", "Mul", "Multinomial", "Neg",
        "NonMaxSuppression", "NonZero", "Not", "OneHot", "Or", "Pow", "PRelu", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Range", "Reciprocal", "Relu", "ReverseSequence",
        "Round", "Scan", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Size", "Slice", "Softplus", "Softsign", "SpaceToDepth", "Sqrt", "Sub", "Sum", "Tan", "Tanh", "ThresholdedRelu", "Tile", "TopK",
        "Transpose", "Unique", "Where", "Xor", "ConcatFromSequence", "DynamicQuantizeLinear", "GlobalLpPool", "MaxRoiPool", "MaxUnpool", "MeanVarianceNormalization", "QLinearConv", "QLinearMatMul", "SequenceAt", "SequenceConstruct",
        "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "SplitToSequence", "StringNormalizer", "TfIdfVectorizer",
    ];

    /// <summary>Operators that came later and stayed as they were.</summary>
    private static readonly Dictionary<string, int> Later = new(StringComparer.Ordinal)
    {
        ["Celu"] = 12, ["Einsum"] = 12, ["Trilu"] = 14, ["CastLike"] = 15, ["Bernoulli"] = 15, ["Mish"] = 18, ["Col2Im"] = 18, ["CenterCropPad"] = 18,
        ["NegativeLogLikelihoodLoss"] = 12, ["SoftmaxCrossEntropyLoss"] = 12, ["HannWindow"] = 17, ["HammingWindow"] = 17, ["BlackmanWindow"] = 17, ["MelWeightMatrix"] = 17, ["BitwiseAnd"] = 18, ["BitwiseOr"] = 18, ["BitwiseXor"] = 18, ["BitwiseNot"] = 18, ["AffineGrid"] = 20, ["StringConcat"] = 20, ["StringSplit"] = 20, ["RegexFullMatch"] = 20,
    };

    public EditableModel Model => model;

    public int Target => target;

    public int Source => (int)model.Opset;

    /// <summary>Whether the target is before a version that changed something, and the model is not.</summary>
    public bool Leaves(int version) => target < version && Source >= version;

    /// <summary>Whether the target is at or behind a version that changed something, and the model is not.</summary>
    public bool Reaches(int version) => target >= version && Source < version;

    /// <exception cref="NotSupportedException">A node has no equal in the version.</exception>
    public void Run()
    {
        if (target is < Oldest or > Newest || Source is < Oldest or > Newest)
        {
            throw new NotSupportedException($"Operator sets {Oldest} to {Newest} are converted into one another, but the model has {Source} and {target} was asked for.");
        }

        foreach (EditableGraph graph in Source == target ? [] : model.Graphs.ToArray())
        {
            foreach (NodeProto node in graph.Nodes.Where(node => node.IsStandard()).ToArray())
            {
                Convert(graph, node);
            }
        }

        foreach (OperatorSetIdProto import in model.Proto.OpsetImport.Where(import => import.Domain is "" or "ai.onnx"))
        {
            import.Version = target;
        }

        model.Proto.IrVersion = Math.Min(model.Proto.IrVersion, IrVersionOf(target));
    }

    public NotSupportedException Refuse(NodeProto node, string reason) =>
        new($"Node \"{node.Name}\" ({node.OpType}, which makes {node.Output.FirstOrDefault()}) cannot be written in operator set {target}: {reason}.");

    /// <summary>Adds a node.</summary>
    /// <returns>Its output.</returns>
    public string Add(EditableGraph graph, NodeProto place, string op, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        Make(graph, place, model.NewName($"{place.Output[0]}_{op}"), op, inputs, attributes);

    /// <summary>Makes a node's output in another way, and takes the node away.</summary>
    public void Replace(EditableGraph graph, NodeProto node, string op, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        string output = node.Output[0];
        string[] names = [.. inputs];
        graph.Remove(node);
        Make(graph, node, output, op, names, attributes);
    }

    private static long IrVersionOf(int opset) => opset switch { <= 11 => 6, 12 or 13 or 14 => 7, <= 18 => 8, <= 20 => 9, 21 or 22 => 10, _ => 11 };

    private string Make(EditableGraph graph, NodeProto place, string output, string op, IEnumerable<string> inputs, (string Name, object Value)[] attributes)
    {
        NodeProto node = new() { OpType = op, Name = place.Name.Length == 0 ? string.Empty : model.NewName($"{place.Name}_{op}") };
        node.Input.Add(inputs);
        node.Output.Add(output);
        foreach ((string name, object value) in attributes)
        {
            switch (value)
            {
                case long number: node.Set(name, number); break;
                case long[] numbers: node.Set(name, numbers); break;
                case float number: node.Set(name, number); break;
                default: node.Set(name, (string)value); break;
            }
        }

        graph.Add(node);
        return output;
    }

    private void Convert(EditableGraph graph, NodeProto node)
    {
        if (OpsetRules.Find(node.OpType) is { } rule)
        {
            rule(this, graph, node);
        }
        else if (Later.TryGetValue(node.OpType, out int since) ? target < since : !Stable.Contains(node.OpType))
        {
            throw Refuse(node, since > 0 ? $"the operator came with version {since}" : "what became of the operator between the versions is not known here");
        }
    }
}
