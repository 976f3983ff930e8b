using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>(input · scale + shift) ^ power with coefficients for the whole tensor, for each channel or for each element.</summary>
internal sealed class Scale : CpuLayer, IScaleLayer
{
    private ScaleMode mode;
    private Weights shift;
    private Weights scale;
    private Weights power;
    private int channelAxis;

    private Scale(CpuNetwork network, CpuTensor input, ScaleMode mode, Weights shift, Weights scale, Weights power, int channelAxis)
        : base(network, 1, input)
    {
        this.mode = mode;
        this.shift = shift;
        this.scale = scale;
        this.power = power;
        this.channelAxis = channelAxis;
    }

    public override LayerType Type => LayerType.Scale;

    public ScaleMode Mode
    {
        get => Get(mode);
        set => Set(ref mode, value, IsDefined(value), "setMode", "mode is an enumerator of ScaleMode");
    }

    public Weights Shift
    {
        get => Get(shift);
        set => Set(ref shift, value, IsWhole(value), "setShift", "shift.count > 0 where shift has values");
    }

    /// <remarks>The name of the C++ property is the layer's own.</remarks>
    Weights IScaleLayer.Scale
    {
        get => Get(scale);
        set => Set(ref scale, value, IsWhole(value), "setScale", "scale.count > 0 where scale has values");
    }

    public Weights Power
    {
        get => Get(power);
        set => Set(ref power, value, IsWhole(value), "setPower", "power.count > 0 where power has values");
    }

    public int ChannelAxis
    {
        get => Get(channelAxis);
        set
        {
            int rank = RequiredInput(0).Dimensions.NbDims;
            if (IsAxis(value, rank))
            {
                Set(ref channelAxis, value, true, "setChannelAxis", string.Empty);
            }
            else
            {
                Network.Journal.Refused("IScaleLayer::setChannelAxis", Refusal.Api(AxisText(Label, value, rank)));
            }
        }
    }

    protected override string Tag => "Scale";

    protected override string Interface => "IScaleLayer";

    public static Scale Create(CpuNetwork network, string method, ITensor input, ScaleMode mode, Weights shift, Weights scale, Weights power, int? channelAxis)
    {
        CpuTensor own = network.Own(input);
        foreach ((string name, Weights weights) in (ReadOnlySpan<(string, Weights)>)[("shift", shift), ("scale", scale), ("power", power)])
        {
            if (!IsWhole(weights))
            {
                throw network.RefuseAdd(method, $"{name}.count > 0 where {name} has values");
            }
        }

        int rank = own.Dimensions.NbDims;
        int axis = channelAxis ?? Math.Max(rank - 3, 0);
        if (channelAxis is not null && !IsAxis(axis, rank))
        {
            throw network.Journal.Failure($"INetworkDefinition::{method}", Refusal.Api(AxisText($"(Unnamed Layer* {network.NbLayers}) [Scale]", axis, rank)));
        }

        return !IsDefined(mode) ? throw network.RefuseAdd(method, $"mode is an enumerator of ScaleMode, {(int)mode} is none")
            : scale.Type != shift.Type || shift.Type != power.Type ? throw network.RefuseAdd(method, "scale.type == shift.type && shift.type == power.type")
            : new Scale(network, own, mode, shift, scale, power, axis);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Real);
        DimExpr[] dims = [.. context.Dims(0)];
        if (mode != ScaleMode.Uniform && !IsAxis(channelAxis, dims.Length))
        {
            throw Refusal.Api(AxisText(Label, channelAxis, dims.Length));
        }

        // As with NVIDIA's, the sets are compared with each other first, then with the input.
        (string Name, Weights Weights)[] sets = [.. Sets().Where(set => set.Weights.Count > 0)];
        if (sets.FirstOrDefault(set => set.Weights.Count != sets[0].Weights.Count) is { Name: { } odd } other)
        {
            throw new Refusal(ErrorCode.InvalidConfig, Refusal.InternalError,
                $"{Label}: {odd} has {other.Weights.Count} coefficients, but {sets[0].Name} has {sets[0].Weights.Count}.");
        }

        DimExpr expected = DimExpr.Volume(Coefficients(dims));
        foreach ((string name, Weights weights) in sets)
        {
            bool isWrong = expected.IsConstant && weights.Count != expected.Number;
            if (isWrong || weights.Values == 0 || !Types.IsFloating(weights.Type))
            {
                throw new Refusal(ErrorCode.InvalidConfig, Refusal.ApiUsage, $"{Label}: the {name} weights are {weights.Count} of type {Types.Name(weights.Type)} at 0x{weights.Values:x}; {expected} of a floating-point type are needed.")
                {
                    Preface = isWrong ? $"Error Code: 3: {Label}:{name} weights has count {weights.Count} but {expected} was expected"
                        : $"Error Code: 3: {Label}: {name} weights have no values of a floating-point type",
                };
            }
        }

        if (sets.Length > 0 && !expected.IsConstant)
        {
            // The number of coefficients says what the input does not.
            DimExpr count = DimExpr.Constant(sets[0].Weights.Count);
            context.Require(ShapeRuleKind.Equal, expected, count, "the input has {0} channels or elements, but there are {1} coefficients.");
            if (mode == ScaleMode.Channel)
            {
                dims[Place(dims.Length)] = count;
            }
        }

        context.Set(0, dims);
    }

    public override void Validate(Inference context)
    {
        if (Network.IsStronglyTyped && Sets().Any(set => set.Weights.Count > 0 && set.Weights.Type != context.Type(0)))
        {
            throw Refusal.Internal($"{Label}: the coefficients have type {Types.Name(Sets().First(set => set.Weights.Count > 0).Weights.Type)} but must have that of the input, {Types.Name(context.Type(0))}, in a strongly typed network");
        }
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue result = graph.Real(0);
        DimExpr[] dims = graph.Dims(0);
        int place = Place(dims.Length);
        OnnxValue Spread(Weights weights, WeightsRole? role) => mode switch
        {
            ScaleMode.Uniform => graph.Weights(weights, [], DataType.Float, role),
            ScaleMode.Channel => graph.Weights(weights, [weights.Count, .. Enumerable.Repeat(1L, dims.Length - place - 1)], DataType.Float, role),
            _ => graph.Node("Reshape", DataType.Float, [graph.Weights(weights, [weights.Count], DataType.Float, role), graph.Shape(dims.AsSpan(place))]),
        };
        foreach ((string operation, Weights weights, WeightsRole? role) in (ReadOnlySpan<(string, Weights, WeightsRole?)>)[("Mul", scale, WeightsRole.Scale), ("Add", shift, WeightsRole.Shift), ("Pow", power, null)])
        {
            if (weights.Count > 0)
            {
                result = graph.Node(operation, DataType.Float, [result, Spread(weights, role)]);
            }
        }

        // A scale layer whose output is made Int8 quantizes.
        graph.Set(0, graph.OutputType(0) == DataType.Int8 ? Quantization.Round(graph, result, DataType.Int8) : result);
    }

    private static bool IsDefined(ScaleMode mode) => mode is >= ScaleMode.Uniform and <= ScaleMode.Elementwise;

    public override IEnumerable<(WeightsRole? Role, Weights Weights)> OwnWeights() => [(WeightsRole.Shift, shift), (WeightsRole.Scale, scale), (null, power)];

    private static bool IsWhole(Weights weights) => weights.Count > 0 || (weights.Count == 0 && weights.Values == 0);

    private static bool IsAxis(int axis, int rank) => rank < 0 || (axis >= -rank && axis < rank);

    private static string AxisText(string label, int axis, int rank) => $"{label}: the channel axis {axis} does not exist; the input has {rank} dimensions.";

    private (string Name, Weights Weights)[] Sets() => [("scale", scale), ("shift", shift), ("power", power)];

    /// <summary>The channel axis from the front.</summary>
    private int Place(int rank) => channelAxis < 0 ? channelAxis + rank : channelAxis;

    /// <summary>The extents of the input that coefficients differ along.</summary>
    private DimExpr[] Coefficients(DimExpr[] dims) => mode switch
    {
        ScaleMode.Uniform => [],
        ScaleMode.Channel => [dims[Place(dims.Length)]],
        _ => dims[Place(dims.Length)..],
    };
}
