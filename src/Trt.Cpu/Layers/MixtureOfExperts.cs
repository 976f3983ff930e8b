using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Gated linear units, of which each token uses some: their results, weighted by scores, are added.</summary>
/// <remarks>All experts compute all tokens here, and what a token did not select counts 0: the result is the same.</remarks>
internal sealed class MixtureOfExperts : CpuLayer, IMoELayer
{
    private const int Gate = 3;
    private const int Up = 4;
    private const int Down = 5;
    private const int Biases = 6;
    private const int DownScale = 9;

    private MoEActType activation = MoEActType.Silu;
    private DataType quantizedType = DataType.Float;
    private DataType scaleType = DataType.FP8;
    private Dims blockShape;
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

    /// <remarks>Only together with a scale, which <see cref="SetQuantizationStatic"/> brings, is anything quantized.</remarks>
    public DataType QuantizationToType
    {
        get => Get(quantizedType);
        set => Set(ref quantizedType, value, Types.IsDefined(value), "setQuantizationToType", "type is an enumerator of DataType");
    }

    /// <remarks>Kept for dynamic quantization, which no release has.</remarks>
    public Dims QuantizationBlockShape
    {
        get => Get(blockShape);
        set => Set(ref blockShape, value, true, "setQuantizationBlockShape", string.Empty);
    }

    /// <remarks>Kept for dynamic quantization, which no release has.</remarks>
    public DataType DynQOutputScaleType
    {
        get => Get(scaleType);
        set => Set(ref scaleType, value, Types.IsDefined(value), "setDynQOutputScaleType", "type is an enumerator of DataType");
    }

    public float SwigluParamLimit
    {
        get => Get(limit);
        set => Set(ref limit, value, true, "setSwigluParamLimit", string.Empty);
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

    protected override int? InputLimit => 3;

    public static MixtureOfExperts Create(CpuNetwork network, ITensor states, ITensor experts, ITensor scores) =>
        new(network, network.Own(states), network.Own(experts), network.Own(scores));

    public void SetGatedWeights(ITensor fcGateWeights, ITensor fcUpWeights, ITensor fcDownWeights, MoEActType activationType)
    {
        PutInput(Gate, Network.Own(fcGateWeights));
        PutInput(Up, Network.Own(fcUpWeights));
        PutInput(Down, Network.Own(fcDownWeights));
        ActivationType = activationType;
    }

    public void SetGatedBiases(ITensor fcGateBiases, ITensor fcUpBiases, ITensor fcDownBiases)
    {
        PutInput(Biases, Network.Own(fcGateBiases));
        PutInput(Biases + 1, Network.Own(fcUpBiases));
        PutInput(Biases + 2, Network.Own(fcDownBiases));
    }

    public void SetQuantizationStatic(ITensor fcDownActivationScale, DataType dataType)
    {
        CpuTensor scale = Network.Own(fcDownActivationScale);
        int rank = scale.Dimensions.NbDims;
        if (dataType != DataType.FP8 || rank > 1)
        {
            Network.Journal.BadParameter("IMoELayer::setQuantizationStatic",
                dataType != DataType.FP8 ? $"dataType is kFP8. It is {Types.Name(dataType)}" : $"fcDownActivationScale has no or 1 dimension. It has {rank}");
            return;
        }

        PutInput(DownScale, scale);
        quantizedType = dataType;
    }

    public void SetQuantizationDynamicDblQ(ITensor fcDownActivationDblQScale, DataType dataType, Dims blockShape, DataType dynQOutputScaleType)
    {
        Network.ThrowIfDisposed();
        Network.Journal.BadParameter("IMoELayer::setQuantizationDynamicDblQ", "the quantization is static: TensorRT has no dynamic one in this layer yet. Quantize with setQuantizationStatic");
    }

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
        DimExpr[] gate = context.Dims(Gate);
        if (gate.Length != 3 || !gate[0].IsConstant)
        {
            throw context.Refuse($"the gate's weights must have 3 dimensions, of which the first, the number of experts, is known when building. They are {Extents.Text(gate)}.");
        }

        Same(context, "the gate's weights", gate, [gate[0], states[2], gate[2]]);
        Same(context, "the up projection's weights", context.Dims(Up), gate);
        Same(context, "the down projection's weights", context.Dims(Down), [gate[0], gate[2], states[2]]);
        if (context.Has(Biases))
        {
            Same(context, "the gate's biases", context.Dims(Biases), [gate[0], gate[2]]);
            Same(context, "the up projection's biases", context.Dims(Biases + 1), [gate[0], gate[2]]);
            Same(context, "the down projection's biases", context.Dims(Biases + 2), [gate[0], states[2]]);
        }

        if (context.Has(DownScale))
        {
            context.CheckType(DownScale, "fcDownActivationScale", [.. Types.Floating, DataType.FP8, DataType.E8M0]);
            if (context.Dims(DownScale) is [var count])
            {
                Same(context, "fcDownActivationScale", [count], [gate[0]]);
            }
        }

        context.Set(0, states);
    }

    public override void Validate(Inference context)
    {
        if (context.Has(DownScale) && quantizedType is not (DataType.FP8 or DataType.Float))
        {
            throw context.Refuse($"results of the gated units can be quantized to type FP8 only, not to {Types.Name(quantizedType)}.", ErrorCode.InvalidArgument);
        }
    }

    public override void Lower(Lowering graph)
    {
        const DataType real = DataType.Float;
        DimExpr[] states = graph.Dims(0);
        DimExpr tokens = states[0] * states[1];
        long experts = graph.Dims(Gate)[0].Number;
        OnnxValue Number(double value) => graph.Number(value, real);
        OnnxValue Of(string operation, OnnxValue left, OnnxValue right) => graph.Node(operation, real, [left, right]);
        OnnxValue Flat(OnnxValue value, DimExpr width) => graph.Node("Reshape", value.Type, [value, graph.Shape([DimExpr.One, tokens, width])]);

        OnnxValue x = Flat(graph.Real(0), states[2]);
        OnnxValue gate = Linear(x, Gate);
        OnnxValue up = Linear(x, Up);
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

        OnnxValue results = Linear(Quantized(graph, Of("Mul", gate, up)), Down);

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
            return graph.Has(Biases) ? Of("Add", product, graph.Node("Unsqueeze", real, [graph.Real(input + Biases - Gate), graph.Integers(1)])) : product;
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

    /// <summary>Rounded to 8-bit floats and back where a scale is set: one for all experts, or one for each.</summary>
    private OnnxValue Quantized(Lowering graph, OnnxValue value)
    {
        if (!graph.Has(DownScale) || quantizedType != DataType.FP8)
        {
            return value;
        }

        OnnxValue scale = graph.Node("Reshape", DataType.Float, [graph.Float(DownScale), graph.Integers(-1, 1, 1)]);
        OnnxValue rounded = Quantization.Round(graph, graph.Node("Div", DataType.Float, [value, scale]), DataType.FP8);
        return graph.Node("Mul", DataType.Float, [graph.Cast(rounded, DataType.Float), scale]);
    }
}
