using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Local response normalization: each element divided by a power of the squares in a window of channels around it.</summary>
internal sealed class Lrn : CpuLayer, ILRNLayer
{
    private long window;
    private float alpha;
    private float beta;
    private float k;

    private Lrn(CpuNetwork network, CpuTensor input, long window, float alpha, float beta, float k)
        : base(network, 1, input)
    {
        this.window = window;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
    }

    public override LayerType Type => LayerType.LRN;

    public long WindowSize
    {
        get => Get(window);
        set => Set(ref window, value, IsWindow(value), "setWindowSize", WindowText);
    }

    public float Alpha
    {
        get => Get(alpha);
        set => Set(ref alpha, value, IsAlpha(value), "setAlpha", AlphaText);
    }

    public float Beta
    {
        get => Get(beta);
        set => Set(ref beta, value, IsBeta(value), "setBeta", BetaText);
    }

    public float K
    {
        get => Get(k);
        set => Set(ref k, value, IsK(value), "setK", KText);
    }

    protected override string Tag => "LRN";

    protected override string Interface => "ILRNLayer";

    private static string WindowText => "windowSize is odd and 1 to 15";

    private static string AlphaText => "alpha is -1e20 to 1e20";

    private static string BetaText => "beta is 0.01 to 1e5";

    private static string KText => "k is 1e-5 to 1e10";

    public static Lrn Create(CpuNetwork network, ITensor input, long window, float alpha, float beta, float k)
    {
        CpuTensor own = network.Own(input);
        return !IsWindow(window) ? throw network.RefuseAdd("addLRN", $"{WindowText}. It is {window}")
            : !IsAlpha(alpha) ? throw network.RefuseAdd("addLRN", $"{AlphaText}. It is {alpha}")
            : !IsBeta(beta) ? throw network.RefuseAdd("addLRN", $"{BetaText}. It is {beta}")
            : !IsK(k) ? throw network.RefuseAdd("addLRN", $"{KText}. It is {k}")
            : new Lrn(network, own, window, alpha, beta, k);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Real);
        context.Set(0, context.AtLeastRank(0, 4));
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Float(0);
        DimExpr[] dims = graph.Dims(0);
        bool flat = dims.Length != 4;
        if (flat)
        {
            // ONNX Runtime's operator wants four axes; those behind the channels count as one.
            x = graph.Node("Reshape", x.Type, [x, graph.Shape([dims[0], dims[1], DimExpr.Volume(dims.AsSpan(2)), DimExpr.One])]);
        }

        OnnxValue y = graph.Node("LRN", x.Type, [x], Attr.Int("size", window), Attr.Float("alpha", alpha), Attr.Float("beta", beta), Attr.Float("bias", k));
        graph.Set(0, flat ? graph.Node("Reshape", y.Type, [y, graph.Shape(dims)]) : y);
    }

    private static bool IsWindow(long value) => value is >= 1 and <= 15 && value % 2 == 1;

    private static bool IsAlpha(float value) => Math.Abs(value) <= 1e20f;

    private static bool IsBeta(float value) => value is >= 0.01f and <= 1e5f;

    private static bool IsK(float value) => value is >= 1e-5f and <= 1e10f;
}
