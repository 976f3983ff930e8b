using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Puts zeros around the last two axes, or takes their borders away where a number is negative.</summary>
internal sealed class Padding : CpuLayer, IPaddingLayer
{
    private Dims before;
    private Dims after;

    private Padding(CpuNetwork network, CpuTensor input, Dims before, Dims after)
        : base(network, 1, input)
    {
        this.before = before;
        this.after = after;
    }

    public override LayerType Type => LayerType.Padding;

    public Dims PrePaddingNd
    {
        get => Get(before);
        set => Set(ref before, value, value.NbDims == 2, "setPrePaddingNd", "padding.nbDims == 2");
    }

    public Dims PostPaddingNd
    {
        get => Get(after);
        set => Set(ref after, value, value.NbDims == 2, "setPostPaddingNd", "padding.nbDims == 2");
    }

    public Dims PrePadding
    {
        get => PrePaddingNd;
        set => Set(ref before, value, value.NbDims == 2, "setPrePadding", "padding.nbDims == 2");
    }

    public Dims PostPadding
    {
        get => PostPaddingNd;
        set => Set(ref after, value, value.NbDims == 2, "setPostPadding", "padding.nbDims == 2");
    }

    protected override string Tag => "Padding";

    protected override string Interface => "IPaddingLayer";

    public static Padding Create(CpuNetwork network, ITensor input, Dims before, Dims after)
    {
        CpuTensor own = network.Own(input);
        return before.NbDims != 2 ? throw network.RefuseAdd("addPaddingNd", $"prePadding.nbDims == 2. It is {before.NbDims}")
            : after.NbDims != 2 ? throw network.RefuseAdd("addPaddingNd", $"postPadding.nbDims == 2. It is {after.NbDims}")
            : new Padding(network, own, before, after);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Real);
        DimExpr[] result = [.. context.AtLeastRank(0, 4)];
        for (int i = 0; i < 2; i++)
        {
            result[result.Length - 2 + i] = result[result.Length - 2 + i] + before[i] + after[i];
            if (!result[result.Length - 2 + i].IsConstant)
            {
                context.Require(ShapeRuleKind.AtLeast, result[result.Length - 2 + i], DimExpr.Zero, "negative padding leaves {0} elements.");
            }
        }

        context.Set(0, result);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Carried(graph.Input(0));
        long[] none = new long[graph.Dims(0).Length - 2];
        graph.Set(0, graph.Node("Pad", x.Type, [x, graph.Integers([.. none, .. before, .. none, .. after])]));
    }
}
