using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A function of each element that neural networks put between layers.</summary>
internal sealed class Activation : CpuLayer, IActivationLayer
{
    private ActivationType kind;
    private float alpha;
    private float beta;

    private Activation(CpuNetwork network, CpuTensor input, ActivationType kind)
        : base(network, 1, input)
    {
        this.kind = kind;
        (alpha, beta) = Defaults(kind);
    }

    public override LayerType Type => LayerType.Activation;

    public ActivationType ActivationType
    {
        get => Get(kind);
        set => Set(ref kind, value, IsDefined(value), "setActivationType", "type is an enumerator of ActivationType");
    }

    public float Alpha
    {
        get => Get(alpha);
        set => Set(ref alpha, value, true, "setAlpha", string.Empty);
    }

    public float Beta
    {
        get => Get(beta);
        set => Set(ref beta, value, true, "setBeta", string.Empty);
    }

    /// <summary>
    /// Hardware makes 0 of NaN here, ONNX's Relu does not, ThresholdedRelu with threshold 0 does. Behind a convolution, also a scaled one, Relu is fused
    /// into it, which is faster and comes to the same.
    /// </summary>
    private bool FollowsConvolution => InputAt(0) is { } input && IsConvolution(input) && input.InferredType == DataType.Float;

    protected override string Tag => "Activation";

    protected override string Interface => "IActivationLayer";

    public static Activation Create(CpuNetwork network, ITensor input, ActivationType kind) => IsDefined(kind)
        ? new Activation(network, network.Own(input), kind)
        : throw network.RefuseAdd("addActivation", $"type is an enumerator of ActivationType, {(int)kind} is none");

    /// <summary>Alpha and beta of a new layer; setting another function later leaves them as they are.</summary>
    private static (float Alpha, float Beta) Defaults(ActivationType kind) => kind switch
    {
        ActivationType.LeakyRelu => (0.01f, 0),
        ActivationType.Selu => (1.6732632423543772f, 1.0507009873554805f),
        ActivationType.HardSigmoid => (0.2f, 0.5f),
        ActivationType.Softplus or ActivationType.ScaledTanh => (1, 1),
        ActivationType.Elu or ActivationType.ThresholdedRelu => (1, 0),
        ActivationType.Clip => (float.MinValue, float.MaxValue),
        _ => (0, 0),
    };

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.RealOrInteger);
        if (kind != ActivationType.Relu && Types.IsInteger(context.Type(0)))
        {
            throw context.Refuse($"input has type {Types.Name(context.Type(0))}, which only activation RELU accepts.");
        }

        context.Set(0, context.Dims(0));
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Real(0);
        x = x.Type == DataType.Int8 ? graph.Float(0) : x;
        DataType type = x.Type;
        (float alpha, float beta) = (Alpha, Beta);
        OnnxValue Number(double value) => graph.Number(value, type);
        OnnxValue Node(string operation, params ReadOnlySpan<OnnxValue> operands) => graph.Node(operation, type, operands);
        graph.Set(0, kind switch
        {
            ActivationType.Relu when type == DataType.Float && FollowsConvolution => Node("Relu", x),
            ActivationType.Relu when type == DataType.Float => graph.Node("ThresholdedRelu", type, [x], Attr.Float("alpha", 0)),
            ActivationType.Relu => Node("Max", x, Number(0)),

            // ONNX Runtime's own function is 0 below -18; small probabilities keep their digits so.
            ActivationType.Sigmoid => Node("Reciprocal", Node("Add", graph.Number(1, type), Node("Exp", Node("Neg", x)))),
            ActivationType.Tanh => Node("Tanh", x),
            ActivationType.LeakyRelu => graph.Node("LeakyRelu", type, [x], Attr.Float("alpha", alpha)),
            ActivationType.Elu => graph.Node("Elu", type, [x], Attr.Float("alpha", alpha)),
            ActivationType.Selu => graph.Node("Selu", type, [x], Attr.Float("alpha", alpha), Attr.Float("gamma", beta)),
            ActivationType.Softsign => Node("Softsign", x),
            ActivationType.Softplus => Node("Mul", Node("Softplus", Node("Mul", x, Number(beta))), Number(alpha)),
            ActivationType.Clip => Node("Max", Node("Min", x, Number(beta)), Number(alpha)),
            ActivationType.HardSigmoid => graph.Node("HardSigmoid", type, [x], Attr.Float("alpha", alpha), Attr.Float("beta", beta)),
            ActivationType.ScaledTanh => Node("Mul", Node("Tanh", Node("Mul", x, Number(beta))), Number(alpha)),
            ActivationType.ThresholdedRelu => graph.Node("ThresholdedRelu", type, [x], Attr.Float("alpha", alpha)),
            ActivationType.GeluErf => Node("Mul", Node("Mul", x, Number(0.5)), Node("Add", Node("Erf", Node("Mul", x, Number(Math.Sqrt(0.5)))), Number(1))),
            _ => GeluTanh(),
        });

        // 0.5·x·(1 + tanh(sqrt(2/π)·(x + 0.044715·x³)))
        OnnxValue GeluTanh()
        {
            OnnxValue cube = Node("Mul", Node("Mul", x, x), x);
            OnnxValue inner = Node("Mul", Node("Add", x, Node("Mul", cube, Number(0.044715))), Number(Math.Sqrt(2 / Math.PI)));
            return Node("Mul", Node("Mul", x, Number(0.5)), Node("Add", Node("Tanh", inner), Number(1)));
        }
    }

    private static bool IsConvolution(CpuTensor tensor) => tensor.Consumers.Count == 1 && !tensor.IsNetworkOutput && tensor.Producer switch
    {
        Convolution => true,
        Scale scale => scale.InputAt(0) is { } scaled && IsConvolution(scaled),
        _ => false,
    };

    private static bool IsDefined(ActivationType kind) => kind is >= ActivationType.Relu and <= ActivationType.GeluTanh;
}
