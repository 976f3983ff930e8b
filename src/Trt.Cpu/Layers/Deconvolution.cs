using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Transposed convolution of an N×C×spatial input.</summary>
internal sealed class Deconvolution : WindowedLayer, IDeconvolutionLayer
{
    private Deconvolution(CpuNetwork network, CpuTensor input, long maps, Dims kernel, Weights weights, Weights bias)
        : base(network, input, maps, kernel, weights, bias)
    {
    }

    public override LayerType Type => LayerType.Deconvolution;

    protected override string Tag => "Deconvolution";

    protected override string Interface => "IDeconvolutionLayer";

    public static Deconvolution Create(CpuNetwork network, ITensor input, long maps, Dims kernel, Weights weights, Weights bias)
    {
        CpuTensor own = network.Own(input);
        CheckArguments(network, "addDeconvolutionNd", maps, kernel, weights, bias);
        return new Deconvolution(network, own, maps, kernel, weights, bias);
    }

    protected override int KernelOutputAxis => 1;

    public override void Lower(Lowering graph)
    {
        OnnxValue x = BatchInput(graph, Kernel.NbDims);
        long[] pads = new long[Kernel.NbDims * 2];
        for (int axis = 0; axis < Kernel.NbDims; axis++)
        {
            (pads[axis], pads[axis + Kernel.NbDims]) = Cut(axis);
        }

        OnnxValue[] operands = Operands(graph, x);
        OnnxValue result = graph.Node("ConvTranspose", x.Type, operands, Attr.Ints("kernel_shape", Kernel.AsSpan()), Attr.Ints("strides", Stride.AsSpan()),
            Attr.Ints("dilations", Dilation.AsSpan()), Attr.Int("group", NbGroups), Attr.Ints("pads", pads));
        SetFromBatch(graph, result, Kernel.NbDims);
    }

    protected override DimExpr OutputExtent(Inference context, DimExpr extent, int axis)
    {
        (long before, long after) = Cut(axis);
        return ((extent + -1) * Stride[axis]) + (EffectiveWindow(axis) - before - after);
    }

    protected override void CheckWeights(Inference context, long channels)
    {
        CheckTypes(context);
        context.AtLeastRank(0, Kernel.NbDims + 2);
        CheckGroups(context, channels);
        CheckKernel(context, channels);
        CheckBias(context);
    }

    protected override long[] KernelShape(long channels) => [channels, NbOutputMaps / NbGroups, .. Kernel.AsSpan()];

    /// <summary>What is cut off both ends of the full result; nothing where the kernel is shorter than the stride.</summary>
    private (long Before, long After) Cut(int axis)
    {
        if (!Windows.IsSame(Mode))
        {
            return (Before[axis], After[axis]);
        }

        long total = Math.Max(EffectiveWindow(axis) - Stride[axis], 0);
        long small = total / 2;
        long large = total - small;
        return Mode == PaddingMode.SameUpper ? (small, large) : (large, small);
    }
}
