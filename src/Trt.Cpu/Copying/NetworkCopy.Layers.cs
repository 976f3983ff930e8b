using Trt.Interop;

namespace Trt.Cpu;

/// <content>One line or two for each kind of layer: made with its first inputs, then its parameters.</content>
internal sealed partial class NetworkCopy
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
        INMSLayer from => With(target.AddNMS(In(from, 0), In(from, 1), In(from, 2), from.GetOutput(0).Type),
            copy => (copy.BoundingBoxFormat, copy.TopKBoxLimit) = (from.BoundingBoxFormat, from.TopKBoxLimit)),
        INonZeroLayer from => target.AddNonZero(In(from, 0), from.GetOutput(0).Type),
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
        ITopKLayer from => target.AddTopK(In(from, 0), from.Operation, Math.Max(from.K, 0), from.ReduceAxes, from.GetOutput(1).Type),
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

    /// <summary>Dims that an input replaces read as unknown; the copy gets the input too.</summary>
    private static Dims Known(Dims dims) => dims.NbDims < 0 ? [] : dims;

    private IFillLayer Fill(IFillLayer from)
    {
        IFillLayer copy = target.AddFill(Known(from.Dimensions), from.Operation, from.GetOutput(0).Type);
        if (from.NbInputs > 1 && from.GetInput(1) is not null)
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

        if (!source.GetFlag(NetworkDefinitionCreationFlag.StronglyTyped))
        {
            copy.ComputePrecision = from.ComputePrecision;
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
        float[] scales = from.GetScales();
        if (scales.Length > 0)
        {
            copy.SetScales(scales);
        }
        else if ((from.NbInputs < 2 || from.GetInput(1) is null) && from.OutputDimensions is { NbDims: > 0 } dims)
        {
            copy.OutputDimensions = dims;
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
        if ((from.NbInputs < 2 || from.GetInput(1) is null) && from.ReshapeDimensions is { NbDims: >= 0 } dims)
        {
            copy.ReshapeDimensions = dims;
        }

        return copy;
    }

    private ISliceLayer Slice(ISliceLayer from)
    {
        ISliceLayer copy = target.AddSlice(In(from, 0), Known(from.Start), Known(from.Size), Known(from.Stride));
        copy.Mode = from.Mode;
        Optional(() =>
        {
            if (from.Axes is { NbDims: > 0 } axes)
            {
                copy.Axes = axes;
            }
        });
        return copy;
    }

    private ILayer CreateQuantizing(ILayer layer) => layer switch
    {
        IQuantizeLayer from => With(target.AddQuantize(In(from, 0), In(from, 1), from.GetOutput(0).Type), copy => SetAxis(from.Axis, axis => copy.Axis = axis)),
        IDequantizeLayer from => With(target.AddDequantize(In(from, 0), In(from, 1), from.GetOutput(0).Type), copy => SetAxis(from.Axis, axis => copy.Axis = axis)),
        _ => DynamicQuantize((IDynamicQuantizeLayer)layer),
    };

    private IDynamicQuantizeLayer DynamicQuantize(IDynamicQuantizeLayer from)
    {
        Dims blocks = default;
        Optional(() => blocks = from.BlockShape);
        return blocks.NbDims > 0
            ? target.AddDynamicQuantizeV2(In(from, 0), blocks, from.ToType, from.ScaleType)
            : target.AddDynamicQuantize(In(from, 0), from.Axis, from.BlockSize, from.ToType, from.ScaleType);
    }

    private static void SetAxis(int axis, Action<int> set)
    {
        if (axis >= 0)
        {
            set(axis);
        }
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

    /// <summary>An attention is two layers, of which the first has the inputs; both are made at once.</summary>
    private ILayer Attention(IAttentionInputLayer layer)
    {
        IAttention from = layer.Attention!;
        ITensor query = tensors[from.GetInput(0)!];
        ITensor key = tensors[from.GetInput(1)!];
        ITensor values = tensors[from.GetInput(2)!];
        IAttention copy = target.AddAttention(query, key, values, from.NormalizationOperation, from.Causal);
        Optional(() => copy.CausalKind = from.CausalKind);
        Optional(() => (copy.QueryForm, copy.KeyValueForm) = (from.QueryForm, from.KeyValueForm));
        Optional(() => (copy.QueryLengths, copy.KeyValueLengths) =
            (from.QueryLengths is { } ofQuery ? tensors[ofQuery] : null, from.KeyValueLengths is { } ofKeys ? tensors[ofKeys] : null));
        copy.Name = from.Name;
        copy.Decomposable = from.Decomposable;
        if (from.Mask is { } mask)
        {
            copy.Mask = tensors[mask];
        }

        if (from.NormalizationQuantizeScale is { } scale)
        {
            copy.NormalizationQuantizeScale = tensors[scale];
            copy.NormalizationQuantizeToType = from.NormalizationQuantizeToType;
        }

        attentionOutputs.Add(from, target.GetLayer(target.NbLayers - 1));
        return target.GetLayer(target.NbLayers - 2);
    }

    private IKVCacheUpdateLayer KVCacheUpdate(IKVCacheUpdateLayer from)
    {
        IKVCacheUpdateLayer copy = target.AddKVCacheUpdate(In(from, 0), In(from, 1), In(from, 2), from.CacheMode);
        Optional(() => copy.UpdateForm = from.UpdateForm);
        Optional(() => copy.UpdateLengths = from.UpdateLengths is { } lengths ? tensors[lengths] : null);
        return copy;
    }

    private IMoELayer MoE(IMoELayer from)
    {
        IMoELayer copy = target.AddMoE(In(from, 0), In(from, 1), In(from, 2));
        if (from.NbInputs > 3)
        {
            copy.SetGatedWeights(In(from, 3), In(from, 4), In(from, 5), from.ActivationType);
        }

        if (from.NbInputs > 6 && from.GetInput(6) is not null)
        {
            copy.SetGatedBiases(In(from, 6), In(from, 7), In(from, 8));
        }

        if (from.NbInputs > 9)
        {
            copy.SetQuantizationStatic(In(from, 9), DataType.FP8);
        }

        copy.QuantizationToType = from.QuantizationToType;

        copy.ActivationType = from.ActivationType;
        copy.SetSwigluParams(from.SwigluParamLimit, from.SwigluParamAlpha, from.SwigluParamBeta);
        return copy;
    }

    private ILayer CreateControl(ILayer layer) => layer switch
    {
        IRecurrenceLayer from => LoopOf(from).AddRecurrence(In(from, 0)),
        ITripLimitLayer from => LoopOf(from).AddTripLimit(In(from, 0), from.TripLimit),
        IIteratorLayer from => LoopOf(from).AddIterator(In(from, 0), from.Axis, from.Reverse),
        ILoopOutputLayer from => LoopOf(from).AddLoopOutput(In(from, 0), from.LoopOutput, from.Axis),
        IConditionLayer from => ConditionalOf(from).SetCondition(In(from, 0)),
        IIfConditionalInputLayer from => ConditionalOf(from).AddInput(In(from, 0)),
        IIfConditionalOutputLayer from => ConditionalOf(from).AddOutput(In(from, 0), In(from, 1)),
        _ => throw new NotSupportedException($"Layer \"{layer.Name}\" of type {layer.Type} is a boundary of a kind that cannot be copied."),
    };

    private ILoop LoopOf(ILoopBoundaryLayer layer)
    {
        ILoop from = layer.Loop!;
        if (!loops.TryGetValue(from, out ILoop? copy))
        {
            copy = target.AddLoop();
            copy.Name = from.Name;
            loops.Add(from, copy);
        }

        return copy;
    }

    private IIfConditional ConditionalOf(IIfConditionalBoundaryLayer layer)
    {
        IIfConditional from = layer.Conditional!;
        if (!conditionals.TryGetValue(from, out IIfConditional? copy))
        {
            copy = target.AddIfConditional();
            copy.Name = from.Name;
            conditionals.Add(from, copy);
        }

        return copy;
    }
}
