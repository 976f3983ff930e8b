using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Takes away axes of length 1.</summary>
internal sealed class Squeeze : AxesLayer, ISqueezeLayer
{
    private Squeeze(CpuNetwork network, CpuTensor input, CpuTensor axes)
        : base(network, input, axes)
    {
    }

    public override LayerType Type => LayerType.Squeeze;

    protected override string Tag => "Squeeze";

    protected override string Interface => "ISqueezeLayer";

    protected override string Verb => "squeeze";

    public static Squeeze Create(CpuNetwork network, ITensor input, ITensor axes) => new(network, network.Own(input), network.Own(axes));

    protected override int RankWithAxes(int rank, int axes) => rank;

    protected override DimExpr[] Result(Inference context, DimExpr[] dims, bool[] chosen)
    {
        for (int axis = 0; axis < dims.Length; axis++)
        {
            if (chosen[axis])
            {
                context.Require(ShapeRuleKind.Equal, dims[axis], DimExpr.One, $"axis {axis} is to be squeezed and must have {{1}} element, but has {{0}}.");
            }
        }

        return [.. dims.Where((_, axis) => !chosen[axis])];
    }
}
