namespace Trt.Interop.Copying;

/// <content>One line or two for each kind of layer: made with its first inputs, then its parameters.</content>
internal sealed partial class NetworkCopier
{
    private ILayer Create(ILayer layer) => layer switch
    {
        IActivationLayer from => With(target.AddActivation(In(from, 0), from.ActivationType), copy => (copy.Alpha, copy.Beta) = (from.Alpha, from.Beta)),
        IAssertionLayer from => target.AddAssertion(In(from, 0), from.Message),
        ICastLayer from => target.AddCast(In(from, 0), from.ToType),
        IConcatenationLayer from => With(target.AddConcatenation(AllIn(from)), copy => copy.Axis = from.Axis),
        IConstantLayer from => target.AddConstant(from.Dimensions, from.Weights),
        ICumulativeLayer from => target.AddCumulative(In(from, 0), In(from, 1), from.Operation, from.Exclusive, from.Reverse),
        IEinsumLayer from => target.AddEinsum(AllIn(from), from.Equation),
        IElementWiseLayer from => target.AddElementWise(In(from, 0), In(from, 1), from.Operation),
        IFillLayer from => Fill(from),
        IFullyConnectedLayer from => target.AddFullyConnected(In(from, 0), from.NbOutputChannels, from.KernelWeights, from.BiasWeights),
        IGatherLayer from => Gather(from),
        IGridSampleLayer from => With(target.AddGridSample(In(from, 0), In(from, 1)),
            copy => (copy.InterpolationMode, copy.AlignCorners, copy.SampleMode) = (from.InterpolationMode, from.AlignCorners, from.SampleMode)),
        IIdentityLayer from => target.AddIdentity(In(from, 0)),
        IKVCacheUpdateLayer from => KVCacheUpdate(from),
        ILRNLayer from => target.AddLRN(In(from, 0), from.WindowSize, from.Alpha, from.Beta, from.K),
        IMatrixMultiplyLayer from => target.AddMatrixMultiply(In(from, 0), from.GetOperation(0), In(from, 1), from.GetOperation(1)),
        INMSLayer from => With(Newer(() => target.AddNMS(In(from, 0), In(from, 1), In(from, 2), from.GetOutput(0).Type), () => target.AddNMS(In(from, 0), In(from, 1), In(from, 2))),
            copy => (copy.BoundingBoxFormat, copy.TopKBoxLimit) = (from.BoundingBoxFormat, from.TopKBoxLimit)),
        INonZeroLayer from => Newer(() => target.AddNonZero(In(from, 0), from.GetOutput(0).Type), () => target.AddNonZero(In(from, 0))),
        INormalizationLayer from => Normalization(from),
        IOneHotLayer from => target.AddOneHot(In(from, 0), In(from, 1), In(from, 2), from.Axis),
        IPaddingLayer from => target.AddPaddingNd(In(from, 0), from.PrePaddingNd, from.PostPaddingNd),
        IParametricReLULayer from => target.AddParametricReLU(In(from, 0), In(from, 1)),
        IPluginV2Layer from => target.AddPluginV2(AllIn(from), from.Plugin),
        IPluginV3Layer from => PluginV3(from),
        IRaggedSoftMaxLayer from => target.AddRaggedSoftMax(In(from, 0), In(from, 1)),
        IReduceLayer from => target.AddReduce(In(from, 0), from.Operation, from.ReduceAxes, from.KeepDimensions),
        IResizeLayer from => Resize(from),
        IReverseSequenceLayer from => With(target.AddReverseSequence(In(from, 0), In(from, 1)),
            copy => (copy.BatchAxis, copy.SequenceAxis) = (from.BatchAxis, from.SequenceAxis)),
        IRotaryEmbeddingLayer from => target.AddRotaryEmbedding(In(from, 0), In(from, 1), In(from, 2), from.Interleaved, from.RotaryEmbeddingDim),
        IScaleLayer from => target.AddScaleNd(In(from, 0), from.Mode, from.Shift, from.Scale, from.Power, from.ChannelAxis),
        IScatterLayer from => With(target.AddScatter(In(from, 0), In(from, 1), In(from, 2), from.Mode), copy => copy.Axis = from.Axis),
        ISelectLayer from => target.AddSelect(In(from, 0), In(from, 1), In(from, 2)),
        IShapeLayer from => target.AddShape(In(from, 0)),
        IShuffleLayer from => Shuffle(from),
        ISliceLayer from => Slice(from),
        ISoftMaxLayer from => With(target.AddSoftMax(In(from, 0)), copy => copy.Axes = from.Axes),
        ISqueezeLayer from => target.AddSqueeze(In(from, 0), In(from, 1)),
        ITopKLayer from => Newer(() => target.AddTopK(In(from, 0), from.Operation, Math.Max(from.K, 0), from.ReduceAxes, from.GetOutput(1).Type),
            () => target.AddTopK(In(from, 0), from.Operation, Math.Max(from.K, 0), from.ReduceAxes)),
        IUnaryLayer from => target.AddUnary(In(from, 0), from.Operation),
        IUnsqueezeLayer from => target.AddUnsqueeze(In(from, 0), In(from, 1)),
        IQuantizeLayer or IDequantizeLayer or IDynamicQuantizeLayer => CreateQuantizing(layer),
        IConvolutionLayer or IDeconvolutionLayer or IPoolingLayer => CreateWindowed(layer),
        ILoopBoundaryLayer or IIfConditionalBoundaryLayer => CreateControl(layer),
        IMoELayer from => MoE(from),
        IAttentionInputLayer from => Attention(from),
        IAttentionOutputLayer from => attentionOutputs[from.Attention!],
        _ => throw new NotSupportedException(
            $"Layer \"{layer.Name}\" of type {layer.Type} cannot be copied: only the network that made it can say how it is connected. Take it out of the network, or define it by other layers."),
    };

    private static T With<T>(T layer, Action<T> set)
        where T : ILayer
    {
        set(layer);
        return layer;
    }

    /// <summary>Whether a layer has an optional input, in place of which its getters say nothing but a warning.</summary>
    private static bool HasInput(ILayer layer, int index) => index < layer.NbInputs && layer.GetInput(index) is not null;

    /// <summary>Dims that are not given read as unknown.</summary>
    private static Dims Known(Dims dims) => dims.NbDims < 0 ? [] : dims;

    private IFillLayer Fill(IFillLayer from)
    {
        Dims dims = HasInput(from, 0) ? [] : Known(from.Dimensions);
        IFillLayer copy = Newer(() => target.AddFill(dims, from.Operation, from.GetOutput(0).Type), () => target.AddFill(dims, from.Operation));
        if (HasInput(from, 1))
        {
            return copy; // Alpha and beta are inputs.
        }

        if (from.IsAlphaBetaInt64)
        {
            (copy.AlphaInt64, copy.BetaInt64) = (from.AlphaInt64, from.BetaInt64);
        }
        else
        {
            (copy.Alpha, copy.Beta) = (from.Alpha, from.Beta);
        }

        return copy;
    }

    private IGatherLayer Gather(IGatherLayer from)
    {
        IGatherLayer copy = target.AddGatherV2(In(from, 0), In(from, 1), from.Mode);
        copy.GatherAxis = from.GatherAxis;
        copy.NbElementWiseDims = from.NbElementWiseDims;
        return copy;
    }

    private INormalizationLayer Normalization(INormalizationLayer from)
    {
        bool isV2 = false;
        Optional(() => isV2 = from.IsV2);
        INormalizationLayer copy = isV2
            ? target.AddNormalizationV2(In(from, 0), In(from, 1), In(from, 2), from.Axes)
            : target.AddNormalization(In(from, 0), In(from, 1), In(from, 2), from.Axes);
        copy.Epsilon = from.Epsilon;
        if (from.NbGroups != 1)
        {
            copy.NbGroups = from.NbGroups;
        }

        if (!isStronglyTyped)
        {
            Optional(() => copy.ComputePrecision = from.ComputePrecision);
        }

        return copy;
    }

    private IPluginV3Layer PluginV3(IPluginV3Layer from)
    {
        // The layer does not say which of its inputs are shape inputs; tensors on the host are.
        ITensor[] inputs = [.. Enumerable.Range(0, from.NbInputs).Select(index => from.GetInput(index)!)];
        ITensor[] shapes = [.. inputs.Where(tensor => !tensor.IsExecutionTensor)];
        return target.AddPluginV3([.. inputs.Except(shapes).Select(tensor => tensors[tensor])], [.. shapes.Select(tensor => tensors[tensor])], from.Plugin);
    }

    private IResizeLayer Resize(IResizeLayer from)
    {
        IResizeLayer copy = target.AddResize(In(from, 0));
        if (!HasInput(from, 1))
        {
            float[] scales = from.GetScales();
            if (scales.Length > 0)
            {
                copy.SetScales(scales);
            }
            else if (from.OutputDimensions is { NbDims: > 0 } dims)
            {
                copy.OutputDimensions = dims;
            }
        }

        copy.ResizeMode = from.ResizeMode;
        copy.CoordinateTransformation = from.CoordinateTransformation;
        copy.SelectorForSinglePixel = from.SelectorForSinglePixel;
        copy.NearestRounding = from.NearestRounding;
        copy.CubicCoeff = from.CubicCoeff;
        copy.ExcludeOutside = from.ExcludeOutside;
        return copy;
    }

    private IShuffleLayer Shuffle(IShuffleLayer from)
    {
        IShuffleLayer copy = target.AddShuffle(In(from, 0));
        copy.FirstTranspose = from.FirstTranspose;
        copy.SecondTranspose = from.SecondTranspose;
        copy.ZeroIsPlaceholder = from.ZeroIsPlaceholder;
        if (!HasInput(from, 1) && from.ReshapeDimensions is { NbDims: >= 0 } dims)
        {
            copy.ReshapeDimensions = dims;
        }

        return copy;
    }

    private ISliceLayer Slice(ISliceLayer from)
    {
        ISliceLayer copy = target.AddSlice(
            In(from, 0), HasInput(from, 1) ? [] : Known(from.Start), HasInput(from, 2) ? [] : Known(from.Size), HasInput(from, 3) ? [] : Known(from.Stride));
        copy.Mode = from.Mode;
        Optional(() =>
        {
            if (!HasInput(from, 5) && from.Axes is { NbDims: > 0 } axes)
            {
                copy.Axes = axes;
            }
        });
        return copy;
    }

    private ILayer CreateQuantizing(ILayer layer) => layer switch
    {
        IQuantizeLayer from => With(Quantize(from),
            copy => SetAxisOrBlocks(from.Axis, () => from.BlockShape, axis => copy.Axis = axis, blocks => copy.BlockShape = blocks)),
        IDequantizeLayer from => With(Newer(() => target.AddDequantize(In(from, 0), In(from, 1), from.GetOutput(0).Type), () => target.AddDequantize(In(from, 0), In(from, 1))),
            copy => SetAxisOrBlocks(from.Axis, () => from.BlockShape, axis => copy.Axis = axis, blocks => copy.BlockShape = blocks)),
        _ => DynamicQuantize((IDynamicQuantizeLayer)layer),
    };

    /// <summary>Weakly typed networks of 8.x tell a quantized tensor as 32-bit floats; the type is the layer's own then.</summary>
    private IQuantizeLayer Quantize(IQuantizeLayer from) => from.GetOutput(0).Type == DataType.Float
        ? target.AddQuantize(In(from, 0), In(from, 1))
        : Newer(() => target.AddQuantize(In(from, 0), In(from, 1), from.GetOutput(0).Type), () => target.AddQuantize(In(from, 0), In(from, 1)));

    private IDynamicQuantizeLayer DynamicQuantize(IDynamicQuantizeLayer from)
    {
        Dims blocks = default;
        Optional(() => blocks = from.BlockShape);
        return blocks.NbDims > 0
            ? target.AddDynamicQuantizeV2(In(from, 0), blocks, from.ToType, from.ScaleType)
            : target.AddDynamicQuantize(In(from, 0), from.Axis, from.BlockSize, from.ToType, from.ScaleType);
    }

    private static void SetAxisOrBlocks(int axis, Func<Dims> blocks, Action<int> setAxis, Action<Dims> setBlocks)
    {
        if (axis >= 0)
        {
            setAxis(axis);
        }

        Optional(() =>
        {
            if (blocks() is { NbDims: > 0 } shape)
            {
                setBlocks(shape);
            }
        });
    }

    private ILayer CreateWindowed(ILayer layer)
    {
        switch (layer)
        {
            case IConvolutionLayer from:
                IConvolutionLayer convolution = target.AddConvolutionNd(In(from, 0), from.NbOutputMaps, from.KernelSizeNd, from.KernelWeights, from.BiasWeights);
                (convolution.StrideNd, convolution.DilationNd, convolution.NbGroups) = (from.StrideNd, from.DilationNd, from.NbGroups);
                (convolution.PrePadding, convolution.PostPadding, convolution.PaddingMode) = (from.PrePadding, from.PostPadding, from.PaddingMode);
                return convolution;
            case IDeconvolutionLayer from:
                IDeconvolutionLayer deconvolution = target.AddDeconvolutionNd(In(from, 0), from.NbOutputMaps, from.KernelSizeNd, from.KernelWeights, from.BiasWeights);
                (deconvolution.StrideNd, deconvolution.DilationNd, deconvolution.NbGroups) = (from.StrideNd, from.DilationNd, from.NbGroups);
                (deconvolution.PrePadding, deconvolution.PostPadding, deconvolution.PaddingMode) = (from.PrePadding, from.PostPadding, from.PaddingMode);
                return deconvolution;
            default:
                IPoolingLayer pool = (IPoolingLayer)layer;
                IPoolingLayer pooling = target.AddPoolingNd(In(pool, 0), pool.PoolingType, pool.WindowSizeNd);
                (pooling.StrideNd, pooling.PrePadding, pooling.PostPadding, pooling.PaddingMode) = (pool.StrideNd, pool.PrePadding, pool.PostPadding, pool.PaddingMode);
                (pooling.BlendFactor, pooling.AverageCountExcludesPadding) = (pool.BlendFactor, pool.AverageCountExcludesPadding);
                return pooling;
        }
    }
}
