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

    private static string PaddingText => "padding has 2 or 3 numbers, none negative";

    /// <summary>Whether this is height and width, as 8.x's properties want them.</summary>
    protected static bool IsPair(Dims value, long least) => value.NbDims == 2 && Extents.AreSpatial(value, least);

    protected static string PairText(string name, string each) => $"{name} has 2 numbers, each {each}";
}
