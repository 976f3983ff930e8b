using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Says when a loop ends.</summary>
internal sealed class TripLimiter(CpuLoop loop, CpuTensor input, TripLimit limit) : LoopBoundary(loop, 0, input), ITripLimitLayer
{
    public override LayerType Type => LayerType.TripLimit;

    public TripLimit TripLimit => Get(limit);

    public override IEnumerable<CpuLayer> Dependents => Owner.Results;

    protected override string Tag => "TripLimit";

    protected override string Interface => "ITripLimitLayer";

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", limit == TripLimit.Count ? [DataType.Int64, DataType.Int32] : [DataType.Bool]);
        if (context.Dims(0) is { Length: > 0 } dims)
        {
            throw context.Refuse($"the input must be a scalar but has dimensions {Extents.Text(dims)}.");
        }
    }

    public override void Lower(Lowering graph) => throw new InvalidOperationException("A loop writes its limits.");
}
