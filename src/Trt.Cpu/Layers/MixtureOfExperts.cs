using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Gated linear units, of which each token uses some: their results, weighted by scores, are added.</summary>
/// <remarks>All experts compute all tokens here, and what a token did not select counts 0: the result is the same.</remarks>
internal sealed class MixtureOfExperts : CpuLayer, IMoELayer
{
    private MoEActType activation = MoEActType.Silu;
    private float limit = float.PositiveInfinity;
    private float alpha = 1;
    private float beta;

    private MixtureOfExperts(CpuNetwork network, CpuTensor states, CpuTensor experts, CpuTensor scores)
        : base(network, 1, states, experts, scores)
    {
    }

    public override LayerType Type => LayerType.MoE;

    public MoEActType ActivationType
    {
        get => Get(activation);
        set => Set(ref activation, value, value is MoEActType.None or MoEActType.Silu, "setActivationType", "activationType is an enumerator of MoEActType");
    }

    public DataType QuantizationToType
    {
        get => Get(DataType.Float);
        set => throw Quantizes("setQuantizationToType");
    }

    public Dims QuantizationBlockShape
    {
        get => Get(default(Dims));
        set => throw Quantizes("setQuantizationBlockShape");
    }

    public DataType DynQOutputScaleType
    {
        get => Get(DataType.Float);
        set => throw Quantizes("setDynQOutputScaleType");
    }

    public float SwigluParamLimit
    {
        get => Get(limit);
        set => Set(ref limit, value, value > 0, "setSwigluParamLimit", "limit > 0");
    }

    public float SwigluParamAlpha
    {
        get => Get(alpha);
        set => Set(ref alpha, value, true, "setSwigluParamAlpha", string.Empty);
    }

    public float SwigluParamBeta
    {
        get => Get(beta);
        set => Set(ref beta, value, true, "setSwigluParamBeta", string.Empty);
    }

    protected override string Tag => "MoE";

    protected override string Interface => "IMoELayer";

    protected override int InputLimit => 3;

    public static MixtureOfExperts Create(CpuNetwork network, ITensor states, ITensor experts, ITensor scores) =>
        new(network, network.Own(states), network.Own(experts), network.Own(scores));

    public void SetGatedWeights(ITensor fcGateWeights, ITensor fcUpWeights, ITensor fcDownWeights, MoEActType activationType)
    {
        PutInput(3, Network.Own(fcGateWeights));
        PutInput(4, Network.Own(fcUpWeights));
        PutInput(5, Network.Own(fcDownWeights));
        ActivationType = activationType;
    }

    public void SetGatedBiases(ITensor fcGateBiases, ITensor fcUpBiases, ITensor fcDownBiases)
    {
        PutInput(6, Network.Own(fcGateBiases));
        PutInput(7, Network.Own(fcUpBiases));
        PutInput(8, Network.Own(fcDownBiases));
    }

    public void SetQuantizationStatic(ITensor fcDownActivationScale, DataType dataType) => throw Quantizes("setQuantizationStatic");

    public void SetQuantizationDynamicDblQ(ITensor fcDownActivationDblQScale, DataType dataType, Dims blockShape, DataType dynQOutputScaleType) =>
        throw Quantizes("setQuantizationDynamicDblQ");

    public void SetSwigluParams(float limit, float alpha, float beta) => (SwigluParamLimit, SwigluParamAlpha, SwigluParamBeta) = (limit, alpha, beta);

    public override void Infer(Inference context)
    {
        context.CheckType(0, "hiddenStates", Types.Floating);
        context.CheckType(1, "selectedExpertsForTokens", [DataType.Int32, DataType.Int64]);
        context.CheckType(2, "scoresForSelectedExperts", Types.Floating);
        DimExpr[] states = context.Dims(0);
        DimExpr[] experts = context.Dims(1);
        if (states.Length != 3 || experts.Length != 3)
        {
            throw context.Refuse($"hiddenStates and selectedExpertsForTokens must have 3 dimensions. They are {Extents.Text(states)} and {Extents.Text(experts)}.");
        }

        Same(context, "selectedExpertsForTokens", experts, [states[0], states[1], experts[2]]);
        Same(context, "scoresForSelectedExperts", context.Dims(2), experts);
        DimExpr[] gate = context.Dims(3);
        if (gate.Length != 3 || !gate[0].IsConstant)
        {
            throw context.Refuse($"the gate's weights must have 3 dimensions, of which the first, the number of experts, is known when building. They are {Extents.Text(gate)}.");
        }

        Same(context, "the gate's weights", gate, [gate[0], states[2], gate[2]]);
        Same(context, "the up projection's weights", context.Dims(4), gate);
        Same(context, "the down projection's weights", context.Dims(5), [gate[0], gate[2], states[2]]);
        if (context.Has(6))
        {
            Same(context, "the gate's biases", context.Dims(6), [gate[0], gate[2]]);
            Same(context, "the up projection's biases", context.Dims(7), [gate[0], gate[2]]);
            Same(context, "the down projection's biases", context.Dims(8), [gate[0], states[2]]);
        }

        context.Set(0, states);
    }

    public override void Lower(Lowering graph)
    {
        const DataType real = DataType.Float;
        DimExpr[] states = graph.Dims(0);
        DimExpr tokens = states[0] * states[1];
        long experts = graph.Dims(3)[0].Number;
        OnnxValue Number(double value) => graph.Number(value, real);
        OnnxValue Of(string operation, OnnxValue left, OnnxValue right) => graph.Node(operation, real, [left, right]);
        OnnxValue Flat(OnnxValue value, DimExpr width) => graph.Node("Reshape", value.Type, [value, graph.Shape([DimExpr.One, tokens, width])]);

        OnnxValue x = Flat(graph.Real(0), states[2]);
        OnnxValue gate = Linear(x, 3);
        OnnxValue up = Linear(x, 4);
        if (activation == MoEActType.Silu)
        {
            if (float.IsFinite(limit))
            {
                gate = Of("Min", gate, Number(limit));
                up = Of("Max", Of("Min", up, Number(limit)), Number(-limit));
            }

            gate = Of("Mul", gate, graph.Node("Sigmoid", real, [Of("Mul", gate, Number(alpha))]));
            up = Of("Add", up, Number(beta));
        }

        OnnxValue results = Linear(Of("Mul", gate, up), 5);

        // Experts × tokens × 1: the sum of the scores with which a token selected an expert.
        OnnxValue selected = Flat(graph.Cast(graph.Input(1), DataType.Int64), graph.Dims(1)[2]);
        OnnxValue numbers = graph.Node("Reshape", DataType.Int64, [graph.Integers([.. Enumerable.Range(0, (int)experts).Select(number => (long)number)]), graph.Integers(-1, 1, 1)]);
        OnnxValue isSelected = graph.Cast(graph.Node("Equal", DataType.Bool, [selected, numbers]), real);
        OnnxValue weighted = Of("Mul", isSelected, Flat(graph.Real(2), graph.Dims(1)[2]));
        OnnxValue shares = graph.Node("ReduceSum", real, [weighted, graph.Integers(2)], Attr.Int("keepdims", 1));
        OnnxValue sum = graph.Node("ReduceSum", real, [Of("Mul", results, shares), graph.Integers(0)], Attr.Int("keepdims", 0));
        graph.Set(0, graph.Node("Reshape", real, [sum, graph.Shape(states)]));

        OnnxValue Linear(OnnxValue value, int input)
        {
            OnnxValue product = Of("MatMul", value, graph.Real(input));
            return graph.Has(6) ? Of("Add", product, graph.Node("Unsqueeze", real, [graph.Real(input + 3), graph.Integers(1)])) : product;
        }
    }

    private static void Same(Inference context, string name, DimExpr[] given, DimExpr[] wanted)
    {
        if (given.Length != wanted.Length)
        {
            throw context.Refuse($"{name} must have dimensions {Extents.Text(wanted)}. They are {Extents.Text(given)}.");
        }

        for (int i = 0; i < given.Length; i++)
        {
            context.Require(ShapeRuleKind.Equal, given[i], wanted[i], $"dimension {i} of {name} is {{0}} but must be {{1}}.");
        }
    }

    private TensorRtException Quantizes(string method) => Network.Journal.Failure($"IMoELayer::{method}", new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage,
        $"{Label}: {method} asks for quantization inside the layer, for which ONNX Runtime has no CPU kernels. Quantize and dequantize the weights before the layer instead."));
}
