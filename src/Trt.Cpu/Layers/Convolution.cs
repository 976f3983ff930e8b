using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Correlation of an N×C×spatial input with filters.</summary>
internal sealed class Convolution : WindowedLayer, IConvolutionLayer
{
    private Convolution(CpuNetwork network, CpuTensor input, long maps, Dims kernel, Weights weights, Weights bias)
        : base(network, input, maps, kernel, weights, bias)
    {
    }

    public override LayerType Type => LayerType.Convolution;

    protected override string Tag => "Convolution";

    protected override string Interface => "IConvolutionLayer";

    public static Convolution Create(CpuNetwork network, ITensor input, long maps, Dims kernel, Weights weights, Weights bias)
    {
        CpuTensor own = network.Own(input);
        CheckArguments(network, "addConvolutionNd", maps, kernel, weights, bias);
        return new Convolution(network, own, maps, kernel, weights, bias);
    }

    protected override int KernelOutputAxis => 0;

    protected override DimExpr OutputExtent(Inference context, DimExpr extent, int axis)
    {
        long window = EffectiveWindow(axis);
        DimExpr padded = Windows.IsSame(Mode) ? DimExpr.Max(extent, DimExpr.Constant(window)) : extent + (Before[axis] + After[axis]);
        if (padded.IsConstant && padded.Number == window - 1)
        {
            throw context.Refuse("image size is smaller than filter size");
        }

        if (padded.IsConstant && padded.Number < window)
        {
            return padded + -window;
        }

        context.Require(ShapeRuleKind.AtLeast, padded, DimExpr.Constant(window), $"image size {{0}} is smaller than filter size {{1}}.");
        return Windows.Count(extent, window, Stride[axis], Before[axis], After[axis], Mode);
    }

    protected override void CheckWeights(Inference context, long channels)
    {
        CheckGroups(context, channels);
        CheckKernel(context, channels);
        CheckBias(context);
        CheckTypes(context);
        context.AtLeastRank(0, Kernel.NbDims + 2);
    }

    protected override long[] KernelShape(long channels) => [NbOutputMaps, channels / NbGroups, .. Kernel.AsSpan()];

    public override void Lower(Lowering graph)
    {
        DimExpr[] input = AsBatch(graph.Dims(0), Kernel.NbDims);
        DimExpr[] output = AsBatch(graph.OutputDims(0), Kernel.NbDims);
        Windows.AxisPadding[] paddings = [.. Enumerable.Range(0, Kernel.NbDims).Select(axis =>
            Windows.Padding(input[axis + 2], output[axis + 2], EffectiveWindow(axis), Stride[axis], Before[axis], After[axis], Mode))];
        OnnxValue x = BatchInput(graph, Kernel.NbDims);
        var pads = Attr.Ints("pads", Windows.Flat(paddings));
        if (paddings.Any(padding => padding.Automatic))
        {
            if (Windows.IsSame(Mode))
            {
                pads = Attr.Text("auto_pad", Mode == PaddingMode.SameUpper ? "SAME_UPPER" : "SAME_LOWER");
            }
            else
            {
                x = Padded(graph, x, input, output);
                pads = Attr.Ints("pads", new long[2 * Kernel.NbDims]);
            }
        }

        OnnxValue[] operands = Operands(graph, x);
        OnnxValue result = graph.Node("Conv", x.Type, operands, Attr.Ints("kernel_shape", Kernel.AsSpan()), Attr.Ints("strides", Stride.AsSpan()),
            Attr.Ints("dilations", Dilation.AsSpan()), Attr.Int("group", NbGroups), pads);
        SetFromBatch(graph, result, Kernel.NbDims);
    }

    /// <summary>The input with as many zeros around it as the last windows reach, which only a run knows.</summary>
    private OnnxValue Padded(Lowering graph, OnnxValue x, DimExpr[] input, DimExpr[] output)
    {
        DimExpr[] before = [.. Before.ToArray().Select(DimExpr.Constant)];
        DimExpr[] after = [.. before.Select((front, axis) => DimExpr.Max(
            ((output[axis + 2] + -1) * Stride[axis]) + EffectiveWindow(axis) - input[axis + 2] - front, DimExpr.Constant(After[axis])))];
        DimExpr[] none = [DimExpr.Zero, DimExpr.Zero];
        return graph.Node("Pad", x.Type, [x, graph.Shape([.. none, .. before, .. none, .. after]), graph.Number(0, x.Type)]);
    }
}
