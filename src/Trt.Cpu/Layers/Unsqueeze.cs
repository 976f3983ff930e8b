using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Puts in axes of length 1.</summary>
internal sealed class Unsqueeze : AxesLayer, IUnsqueezeLayer
{
    private Unsqueeze(CpuNetwork network, CpuTensor input, CpuTensor axes)
        : base(network, input, axes)
    {
    }

    public override LayerType Type => LayerType.Unsqueeze;

    protected override string Tag => "Unsqueeze";

    protected override string Interface => "IUnsqueezeLayer";

    protected override string Verb => "unsqueeze";

    public static Unsqueeze Create(CpuNetwork network, ITensor input, ITensor axes) => new(network, network.Own(input), network.Own(axes));

    protected override int RankWithAxes(int rank, int axes) => rank + axes;

    protected override DimExpr[] Result(Inference context, DimExpr[] dims, bool[] chosen)
    {
        int next = 0;
        return Array.ConvertAll(chosen, isNew => isNew ? DimExpr.One : dims[next++]);
    }
}
