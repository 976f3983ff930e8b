using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Values that are part of the network.</summary>
internal sealed class Constant : CpuLayer, IConstantLayer
{
    private Weights weights;
    private Dims dims;

    private Constant(CpuNetwork network, Dims dims, Weights weights)
        : base(network, 1)
    {
        this.dims = dims;
        this.weights = weights;
    }

    public override LayerType Type => LayerType.Constant;

    public Weights Weights
    {
        get => Get(weights);
        set => Set(ref weights, value, Types.IsKnown(value.Type) && AreWhole(value), "setWeights", "weights have a type that the CPU runtime computes with, and both values and a count or neither");
    }

    public Dims Dimensions
    {
        get => Get(dims);
        set => Set(ref dims, value, Extents.AreValid(value) && value.IsStatic, "setDimensions", "dimensions has no negative number");
    }

    protected override string Tag => "Constant";

    protected override string Interface => "IConstantLayer";

    public static Constant Create(CpuNetwork network, Dims dims, Weights weights)
    {
        network.ThrowIfDisposed();
        return dims.NbDims is < 0 or > Dims.MaxDims ? throw network.RefuseAdd("addConstant", $"dimensions has 0 to {Dims.MaxDims} numbers. It has {dims.NbDims}")
            : !Types.IsKnown(weights.Type) ? throw network.RefuseAdd("addConstant", $"weights have a type that the CPU runtime computes with. It is {Types.Name(weights.Type)}")
            : !AreWhole(weights) ? throw network.RefuseAdd("addConstant", $"!weights.values == !weights.count. There are {weights.Count} at 0x{weights.Values:x}")
            : new Constant(network, dims, weights);
    }

    public override void Infer(Inference context)
    {
        int negative = Array.FindIndex(dims.ToArray(), extent => extent < 0);
        if (negative >= 0)
        {
            throw Refusal.Api($"Tensor {OutputAt(0)} has axis {negative} with the negative length {dims[negative]}.");
        }

        if (weights.Type == DataType.UInt8)
        {
            throw context.Refuse("weights of type UInt8 cannot be constants; cast another type.", ErrorCode.InvalidArgument);
        }

        if (weights.Count != dims.Volume || (weights.Count > 0 && weights.Values == 0))
        {
            throw new Refusal(ErrorCode.InvalidConfig, Refusal.ApiUsage, $"{Label}: the weights do not fill dimensions {Extents.Text(dims)}.")
            {
                Preface = $"Error Code: 3: {Label}:constant weights has count {weights.Count} but {dims.Volume} was expected",
            };
        }

        context.Set(0, Extents.Constants(dims), Values(), weights.Type == DataType.Float && weights.Count <= TensorFacts.MostValues ? SmallReals.Of(weights.AsSpan<float>()) : null);
    }

    public override void Lower(Lowering graph) => graph.Set(0, graph.Weights(weights, dims.AsSpan(), weights.Type, WeightsRole.Constant));

    public override IEnumerable<(WeightsRole? Role, Weights Weights)> OwnWeights() => [(WeightsRole.Constant, weights)];

    protected override DataType OutputType(int output) => weights.Type;

    private static bool AreWhole(Weights weights) => weights.Values == 0 == (weights.Count == 0);

    private DimExpr[]? Values() => weights.Count > TensorFacts.MostValues ? null : weights.Type switch
    {
        DataType.Int32 => Array.ConvertAll(weights.AsSpan<int>().ToArray(), value => DimExpr.Constant(value)),
        DataType.Bool => Array.ConvertAll(weights.AsSpan<bool>().ToArray(), value => value ? DimExpr.One : DimExpr.Zero),
        DataType.Int64 => Array.ConvertAll(weights.AsSpan<long>().ToArray(), DimExpr.Constant),
        _ => null,
    };
}
