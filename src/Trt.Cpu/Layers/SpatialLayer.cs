using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>What convolution, deconvolution and pooling share: stride and padding of a window that moves over the spatial axes.</summary>
internal abstract class SpatialLayer : CpuLayer
{
    private Dims stride;
    private Dims before;
    private Dims after;
    private PaddingMode mode = PaddingMode.ExplicitRoundDown;

    protected SpatialLayer(CpuNetwork network, CpuTensor input, int spatialAxes)
        : base(network, 1, input)
    {
        stride = Extents.Same(spatialAxes, 1);
        before = Extents.Same(spatialAxes, 0);
        after = before;
    }

    public Dims PrePadding
    {
        get => Get(before);
        set => Set(ref before, value, Extents.AreSpatial(value, 0), "setPrePadding", PaddingText);
    }

    public Dims PostPadding
    {
        get => Get(after);
        set => Set(ref after, value, Extents.AreSpatial(value, 0), "setPostPadding", PaddingText);
    }

    public PaddingMode PaddingMode
    {
        get => Get(mode);
        set => Set(ref mode, value, value is >= PaddingMode.ExplicitRoundDown and <= PaddingMode.SameLower, "setPaddingMode", "paddingMode is an enumerator of PaddingMode");
    }

    public Dims StrideNd
    {
        get => Get(stride);
        set => Set(ref stride, value, Extents.AreSpatial(value, 1), "setStrideNd", "stride has 2 or 3 numbers, each over 0");
    }

    public Dims PaddingNd
    {
        get => Get(before);
        set
        {
            Set(ref before, value, Extents.AreSpatial(value, 0), "setPaddingNd", PaddingText);
            after = before == value ? value : after;
        }
    }

    /// <summary>TensorRT 8.x's property for two axes.</summary>
    public Dims Stride
    {
        get => Get(stride);
        set => Set(ref stride, value, IsPair(value, 1), "setStride", PairText("stride", "over 0"));
    }

    /// <summary>TensorRT 8.x's property for two axes.</summary>
    public Dims Padding
    {
        get => Get(before);
        set
        {
            Set(ref before, value, IsPair(value, 0), "setPadding", PairText("padding", "not negative"));
            after = before == value ? value : after;
        }
    }

    protected Dims Before => before;

    protected Dims After => after;

    protected PaddingMode Mode => mode;

    /// <summary>Refuses parameters that do not have as many numbers as the window, and inputs without channels before what the window moves over.</summary>
    protected void CheckSpatialRanks(DimExpr[] dims, int axes, params ReadOnlySpan<Dims> more)
    {
        foreach (Dims parameter in (ReadOnlySpan<Dims>)[stride, before, after, .. more])
        {
            if (parameter.NbDims != axes)
            {
                throw Refusal.Internal($"a window of {axes} dimensions needs as many numbers of stride, padding and dilation, not {parameter.NbDims}");
            }
        }

        if (dims.Length <= axes)
        {
            throw Refusal.Internal($"a window of {axes} dimensions needs an input with {axes + 2} or more, not {Extents.Text(dims)}");
        }
    }

    /// <summary>Dimensions as a batch, channels, and what the window moves over: all before the channels is one batch.</summary>
    protected static DimExpr[] AsBatch(DimExpr[] dims, int axes) => dims.Length == axes + 2 ? dims
        : [dims[..^(axes + 1)].Aggregate(DimExpr.One, (product, dim) => product * dim), .. dims[^(axes + 1)..]];

    /// <summary>Sets the output, which was computed with one batch axis.</summary>
    protected static void SetFromBatch(Lowering graph, OnnxValue value, int axes)
    {
        DimExpr[] dims = graph.OutputDims(0);
        graph.Set(0, dims.Length == axes + 2 ? value : graph.Reshape(value, dims));
    }

    /// <summary>The input with one batch axis.</summary>
    protected static OnnxValue BatchInput(Lowering graph, int axes)
    {
        OnnxValue x = graph.Cast(graph.Data(0), DataType.Float);
        DimExpr[] dims = graph.Dims(0);
        return dims.Length == axes + 2 ? x : graph.Reshape(x, AsBatch(dims, axes));
    }

    private static string PaddingText => "padding has 2 or 3 numbers, none negative";

    /// <summary>Whether this is height and width, as 8.x's properties want them.</summary>
    protected static bool IsPair(Dims value, long least) => value.NbDims == 2 && Extents.AreSpatial(value, least);

    protected static string PairText(string name, string each) => $"{name} has 2 numbers, each {each}";
}
