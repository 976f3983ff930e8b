using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>What convolution and deconvolution share: parameters, weights and their checks.</summary>
internal abstract class WindowedLayer : SpatialLayer
{
    private Weights kernelWeights;
    private Weights biasWeights;
    private long maps;
    private long groups = 1;
    private Dims kernel;
    private Dims dilation;
    private long channels;

    protected WindowedLayer(CpuNetwork network, CpuTensor input, long maps, Dims kernel, Weights weights, Weights bias)
        : base(network, input, kernel.NbDims)
    {
        this.maps = maps;
        this.kernel = kernel;
        kernelWeights = weights;
        biasWeights = bias;
        dilation = Extents.Same(kernel.NbDims, 1);
    }

    public long NbOutputMaps
    {
        get => Get(maps);
        set => Set(ref maps, value, value is > 0 and <= int.MaxValue, "setNbOutputMaps", "nbOutputMaps > 0");
    }

    public long NbGroups
    {
        get => Get(groups);
        set => Set(ref groups, value, value is > 0 and <= int.MaxValue, "setNbGroups", "nbGroups > 0");
    }

    public Weights KernelWeights
    {
        get => Get(kernelWeights);
        set => Set(ref kernelWeights, value, true, "setKernelWeights", string.Empty);
    }

    public Weights BiasWeights
    {
        get => Get(biasWeights);
        set => Set(ref biasWeights, value, true, "setBiasWeights", string.Empty);
    }

    public Dims KernelSizeNd
    {
        get => Get(kernel);
        set => Set(ref kernel, value, Extents.AreSpatial(value, 1), "setKernelSizeNd", "kernelSize has 2 or 3 numbers, each over 0");
    }

    public Dims DilationNd
    {
        get => Get(dilation);
        set => Set(ref dilation, value, Extents.AreSpatial(value, 1), "setDilationNd", "dilation has 2 or 3 numbers, each over 0");
    }

    /// <summary>TensorRT 8.x's property for two axes.</summary>
    public Dims KernelSize
    {
        get => Get(kernel);
        set => Set(ref kernel, value, IsPair(value, 1), "setKernelSize", PairText("kernelSize", "over 0"));
    }

    /// <summary>TensorRT 8.x's property for two axes.</summary>
    public Dims Dilation
    {
        get => Get(dilation);
        set => Set(ref dilation, value, IsPair(value, 1), "setDilation", PairText("dilation", "over 0"));
    }

    protected Dims Kernel => kernel;

    protected override int? InputLimit => 3;

    public override void Infer(Inference context)
    {
        DimExpr[] dims = context.Dims(0);
        CheckSpatialRanks(dims, kernel.NbDims, dilation);
        if (Network.IsStronglyTyped && ((context.Has(1) && kernelWeights.Count > 0) || (context.Has(2) && biasWeights.Count > 0)))
        {
            string role = context.Has(1) && kernelWeights.Count > 0 ? "kernel" : "bias";
            throw Refusal.Internal($"{Label}: {role} weights are given both by a tensor and as constants; give empty weights where a tensor gives them");
        }

        int channel = dims.Length - kernel.NbDims - 1;
        channels = Channels(context, dims[channel]);
        context.Require(ShapeRuleKind.Equal, dims[channel], DimExpr.Constant(channels), "the input has {0} channels, but the kernel is for {1}.");
        DimExpr[] result = [.. dims];
        result[channel] = DimExpr.Constant(maps);
        CheckWeights(context, channels);
        if (maps % groups != 0)
        {
            throw context.Refuse($"{groups} groups must divide the output maps. There are {maps}.");
        }

        for (int axis = 0; axis < kernel.NbDims; axis++)
        {
            result[channel + 1 + axis] = OutputExtent(context, dims[channel + 1 + axis], axis);
        }

        context.Set(0, result);
    }

    public override IEnumerable<(WeightsRole? Role, Weights Weights)> OwnWeights() => [(WeightsRole.Kernel, kernelWeights), (WeightsRole.Bias, biasWeights)];

    protected static void CheckArguments(CpuNetwork network, string method, long maps, Dims kernel, Weights weights, Weights bias)
    {
        if (weights.Values != 0 && weights.Count <= 0)
        {
            throw network.RefuseAdd(method, $"kernelWeights.count > 0. It is {weights.Count}");
        }

        if ((bias.Count > 0) != (bias.Values != 0))
        {
            throw network.RefuseAdd(method, $"(biasWeights.count > 0) == (biasWeights.values != nullptr). There are {bias.Count} at 0x{bias.Values:x}");
        }

        if (kernel.NbDims is not (2 or 3) || !Extents.AreSpatial(kernel, 1))
        {
            throw network.RefuseAdd(method, $"kernelSize has 2 or 3 numbers, each over 0. It is {Extents.Text(kernel)}");
        }

        if (maps is <= 0 or > int.MaxValue)
        {
            throw network.RefuseAdd(method, $"nbOutputMaps > 0. It is {maps}");
        }
    }

    /// <summary>Length of the dilated kernel on a spatial axis.</summary>
    protected long EffectiveWindow(int axis) => ((kernel[axis] - 1) * dilation[axis]) + 1;

    protected abstract DimExpr OutputExtent(Inference context, DimExpr extent, int axis);

    protected abstract long[] KernelShape(long channels);

    /// <summary>The kernel's axis along which output channels lie.</summary>
    protected abstract int KernelOutputAxis { get; }

    /// <summary>Data, kernel and bias as ONNX wants them.</summary>
    protected OnnxValue[] Operands(Lowering graph, OnnxValue x)
    {
        OnnxValue kernelValue = graph.Has(1) ? graph.Cast(graph.Input(1), x.Type) : graph.Weights(kernelWeights, KernelShape(channels), x.Type, WeightsRole.Kernel);
        OnnxValue w = graph.Kernel(kernelValue, kernel.NbDims + 2, KernelOutputAxis);
        return graph.Has(2) ? [x, w, graph.Cast(graph.Input(2), x.Type)]
            : biasWeights.Count > 0 ? [x, w, graph.Weights(biasWeights, [maps], x.Type, WeightsRole.Bias)]
            : [x, w];
    }

    /// <summary>The number of input channels; where only a run knows it, the kernel says what it must be.</summary>
    private long Channels(Inference context, DimExpr extent)
    {
        if (extent.IsConstant)
        {
            return extent.Number;
        }

        if (!context.Has(1))
        {
            return kernelWeights.Count * groups / Math.Max(maps * kernel.Volume, 1);
        }

        DimExpr[] given = context.Dims(1);
        return given.Length > 1 && given[1 - KernelOutputAxis] is { IsConstant: true, Number: long count } ? count * (KernelOutputAxis == 0 ? groups : 1)
            : throw context.Refuse("the number of input channels must be known when building, from the input or from the kernel.");
    }

    /// <summary>The checks of weights and types, in NVIDIA's order.</summary>
    protected abstract void CheckWeights(Inference context, long channels);

    protected void CheckGroups(Inference context, long channels)
    {
        if (channels % groups != 0)
        {
            throw context.Refuse($"{groups} groups must divide the channels of the input. There are {channels}.");
        }
    }

    /// <summary>Input, kernel and bias are real numbers of one type; weakly typed networks take floats of any width.</summary>
    protected void CheckTypes(Inference context)
    {
        context.CheckType(0, "input", Types.Real);
        CheckType(context, 1, kernelWeights, "kernel");
        CheckType(context, 2, biasWeights, "bias");
    }

    private void CheckType(Inference context, int input, Weights weights, string role)
    {
        if (!Network.IsStronglyTyped || (!context.Has(input) && weights.Count == 0))
        {
            return;
        }

        DataType type = context.Has(input) ? context.Type(input) : weights.Type;
        if (!Types.Real.Contains(type))
        {
            throw context.Refuse($"{role} has type {Types.Name(type)} but must have type {Types.List(Types.Real)}.");
        }

        if (type != context.Type(0))
        {
            throw context.Refuse($"input and {role} must be of the same type. They are of type {Types.Name(context.Type(0))} and {Types.Name(type)}.");
        }
    }

    protected void CheckKernel(Inference context, long channels)
    {
        long[] shape = KernelShape(channels);
        if (context.Has(1))
        {
            DimExpr[] given = context.Dims(1);
            if (given.Length != shape.Length || !given.Zip(shape).All(pair => !pair.First.IsConstant || pair.First.Number == pair.Second))
            {
                throw context.Refuse($"the kernel given as a tensor has dimensions {Extents.Text(given)} but {Extents.Text(new Dims(shape))} was expected.");
            }

            return;
        }

        long expected = new Dims(shape).Volume;
        CheckValues(context, kernelWeights, "kernel");
        if (kernelWeights.Count != expected)
        {
            throw new Refusal(ErrorCode.InvalidConfig, Refusal.ApiUsage,
                $"{Label}: count of {kernelWeights.Count} weights in kernel, but kernel {Extents.Text(kernel)} with {channels} input channels, {maps} output channels and {groups} groups has {expected}.")
            {
                Preface = $"Error Code: 3: {Label}:kernel weights has count {kernelWeights.Count} but {expected} was expected",
            };
        }
    }

    private static void CheckValues(Inference context, Weights weights, string role)
    {
        if (weights.Count > 0 && (weights.Values == 0 || !Types.IsSupported(weights.Type)))
        {
            throw context.Refuse($"{role} weights need values of a type that the CPU runtime computes with. They are {weights.Count} of type {Types.Name(weights.Type)} at 0x{weights.Values:x}.");
        }
    }

    protected void CheckBias(Inference context)
    {
        if (!context.Has(2))
        {
            CheckValues(context, biasWeights, "bias");
        }

        if (!context.Has(2) && biasWeights.Count > 0 && biasWeights.Count != maps)
        {
            throw new Refusal(ErrorCode.InvalidConfig, Refusal.ApiUsage, $"{Label}: count of {biasWeights.Count} weights in bias, but there are {maps} output maps.")
            {
                Preface = $"Error Code: 3: {Label}:bias weights has count {biasWeights.Count} but {maps} was expected",
            };
        }

        if (context.Has(2) && context.Dims(2) is { } dims && (dims.Length != 1 || (dims[0].IsConstant && dims[0].Number != maps)))
        {
            throw context.Refuse($"the bias given as a tensor has dimensions {Extents.Text(dims)} but [{maps}] was expected.");
        }
    }
}
