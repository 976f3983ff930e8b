using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>C++ methods of the cases as calls of the C# interfaces: one line each.</summary>
internal static class CaseCalls
{
    private static readonly Dictionary<string, Func<object, CaseArguments, object?>> Table = new(StringComparer.Ordinal)
    {
        ["network.addInput"] = (o, a) => Network(o).AddInput(a.Text(0), a.Enum<DataType>(1), a.Dims(2)),
        ["network.markOutput"] = (o, a) => Do(() => Network(o).MarkOutput(a.Tensor(0))),
        ["network.addActivation"] = (o, a) => Network(o).AddActivation(a.Tensor(0), a.Enum<ActivationType>(1)),
        ["network.addAssertion"] = (o, a) => Network(o).AddAssertion(a.Tensor(0), a.Text(1)),
        ["network.addCast"] = (o, a) => Network(o).AddCast(a.Tensor(0), a.Enum<DataType>(1)),
        ["network.addConcatenation"] = (o, a) => Network(o).AddConcatenation(a.Tensors(0)),
        ["network.addConstant"] = (o, a) => Network(o).AddConstant(a.Dims(0), a.Weights(1)),
        ["network.addConvolutionNd"] = (o, a) => Network(o).AddConvolutionNd(a.Tensor(0), a.Long(1), a.Dims(2), a.Weights(3), a.Weights(4)),
        ["network.addCumulative"] = (o, a) => Network(o).AddCumulative(a.Tensor(0), a.Tensor(1), a.Enum<CumulativeOperation>(2), a.Bool(3), a.Bool(4)),
        ["network.addDeconvolutionNd"] = (o, a) => Network(o).AddDeconvolutionNd(a.Tensor(0), a.Long(1), a.Dims(2), a.Weights(3), a.Weights(4)),
        ["network.addDequantize"] = (o, a) => a.Count == 2 ? Network(o).AddDequantize(a.Tensor(0), a.Tensor(1)) : Network(o).AddDequantize(a.Tensor(0), a.Tensor(1), a.Enum<DataType>(2)),
        ["network.addEinsum"] = (o, a) => Network(o).AddEinsum(a.Tensors(0), a.Text(2)),
        ["network.addElementWise"] = (o, a) => Network(o).AddElementWise(a.Tensor(0), a.Tensor(1), a.Enum<ElementWiseOperation>(2)),
        ["network.addFill"] = (o, a) => a.Count == 2 ? Network(o).AddFill(a.Dims(0), a.Enum<FillOperation>(1)) : Network(o).AddFill(a.Dims(0), a.Enum<FillOperation>(1), a.Enum<DataType>(2)),
        ["network.addGather"] = (o, a) => Network(o).AddGather(a.Tensor(0), a.Tensor(1), a.Int(2)),
        ["network.addGatherV2"] = (o, a) => Network(o).AddGatherV2(a.Tensor(0), a.Tensor(1), a.Enum<GatherMode>(2)),
        ["network.addGridSample"] = (o, a) => Network(o).AddGridSample(a.Tensor(0), a.Tensor(1)),
        ["network.addIdentity"] = (o, a) => Network(o).AddIdentity(a.Tensor(0)),
        ["network.addIfConditional"] = (o, a) => Network(o).AddIfConditional(),
        ["network.addLRN"] = (o, a) => Network(o).AddLRN(a.Tensor(0), a.Long(1), a.Float(2), a.Float(3), a.Float(4)),
        ["network.addLoop"] = (o, a) => Network(o).AddLoop(),
        ["network.addMatrixMultiply"] = (o, a) => Network(o).AddMatrixMultiply(a.Tensor(0), a.Enum<MatrixOperation>(1), a.Tensor(2), a.Enum<MatrixOperation>(3)),
        ["network.addNMS"] = (o, a) => Network(o).AddNMS(a.Tensor(0), a.Tensor(1), a.Tensor(2)),
        ["network.addNonZero"] = (o, a) => Network(o).AddNonZero(a.Tensor(0)),
        ["network.addNormalization"] = (o, a) => Network(o).AddNormalization(a.Tensor(0), a.Tensor(1), a.Tensor(2), a.Bits(3)),
        ["network.addOneHot"] = (o, a) => Network(o).AddOneHot(a.Tensor(0), a.Tensor(1), a.Tensor(2), a.Int(3)),
        ["network.addPaddingNd"] = (o, a) => Network(o).AddPaddingNd(a.Tensor(0), a.Dims(1), a.Dims(2)),
        ["network.addParametricReLU"] = (o, a) => Network(o).AddParametricReLU(a.Tensor(0), a.Tensor(1)),
        ["network.addPoolingNd"] = (o, a) => Network(o).AddPoolingNd(a.Tensor(0), a.Enum<PoolingType>(1), a.Dims(2)),
        ["network.addQuantize"] = (o, a) => a.Count == 2 ? Network(o).AddQuantize(a.Tensor(0), a.Tensor(1)) : Network(o).AddQuantize(a.Tensor(0), a.Tensor(1), a.Enum<DataType>(2)),
        ["network.addRaggedSoftMax"] = (o, a) => Network(o).AddRaggedSoftMax(a.Tensor(0), a.Tensor(1)),
        ["network.addReduce"] = (o, a) => Network(o).AddReduce(a.Tensor(0), a.Enum<ReduceOperation>(1), a.Bits(2), a.Bool(3)),
        ["network.addResize"] = (o, a) => Network(o).AddResize(a.Tensor(0)),
        ["network.addReverseSequence"] = (o, a) => Network(o).AddReverseSequence(a.Tensor(0), a.Tensor(1)),
        ["network.addScale"] = (o, a) => Network(o).AddScale(a.Tensor(0), a.Enum<ScaleMode>(1), a.Weights(2), a.Weights(3), a.Weights(4)),
        ["network.addScaleNd"] = (o, a) => Network(o).AddScaleNd(a.Tensor(0), a.Enum<ScaleMode>(1), a.Weights(2), a.Weights(3), a.Weights(4), a.Int(5)),
        ["network.addScatter"] = (o, a) => Network(o).AddScatter(a.Tensor(0), a.Tensor(1), a.Tensor(2), a.Enum<ScatterMode>(3)),
        ["network.addSelect"] = (o, a) => Network(o).AddSelect(a.Tensor(0), a.Tensor(1), a.Tensor(2)),
        ["network.addShape"] = (o, a) => Network(o).AddShape(a.Tensor(0)),
        ["network.addShuffle"] = (o, a) => Network(o).AddShuffle(a.Tensor(0)),
        ["network.addSlice"] = (o, a) => Network(o).AddSlice(a.Tensor(0), a.Dims(1), a.Dims(2), a.Dims(3)),
        ["network.addSoftMax"] = (o, a) => Network(o).AddSoftMax(a.Tensor(0)),
        ["network.addSqueeze"] = (o, a) => Network(o).AddSqueeze(a.Tensor(0), a.Tensor(1)),
        ["network.addTopK"] = (o, a) => Network(o).AddTopK(a.Tensor(0), a.Enum<TopKOperation>(1), a.Int(2), a.Bits(3)),
        ["network.addUnary"] = (o, a) => Network(o).AddUnary(a.Tensor(0), a.Enum<UnaryOperation>(1)),
        ["network.addUnsqueeze"] = (o, a) => Network(o).AddUnsqueeze(a.Tensor(0), a.Tensor(1)),
        ["tensor.setName"] = (o, a) => Do(() => ((ITensor)o).Name = a.Text(0)),
        ["tensor.setAllowedFormats"] = (o, a) => Do(() => ((ITensor)o).AllowedFormats = a.Set<TensorFormat>(0)),
        ["setInput"] = (o, a) => Do(() => ((ILayer)o).SetInput(a.Int(0), a.Tensor(1))),
        ["addInput"] = (o, a) => ((IIfConditional)o).AddInput(a.Tensor(0)),
        ["addOutput"] = (o, a) => ((IIfConditional)o).AddOutput(a.Tensor(0), a.Tensor(1)),
        ["setCondition"] = (o, a) => ((IIfConditional)o).SetCondition(a.Tensor(0)),
        ["addIterator"] = (o, a) => ((ILoop)o).AddIterator(a.Tensor(0), a.Int(1), a.Bool(2)),
        ["addLoopOutput"] = (o, a) => ((ILoop)o).AddLoopOutput(a.Tensor(0), a.Enum<LoopOutput>(1), a.Int(2)),
        ["addRecurrence"] = (o, a) => ((ILoop)o).AddRecurrence(a.Tensor(0)),
        ["addTripLimit"] = (o, a) => ((ILoop)o).AddTripLimit(a.Tensor(0), a.Enum<TripLimit>(1)),
        ["setAlpha"] = (o, a) => Do(() => _ = o switch { IActivationLayer l => l.Alpha = a.Float(0), _ => (float)(((IFillLayer)o).Alpha = a.Double(0)) }),
        ["setBeta"] = (o, a) => Do(() => _ = o switch { IActivationLayer l => l.Beta = a.Float(0), _ => (float)(((IFillLayer)o).Beta = a.Double(0)) }),
        ["setAlphaInt64"] = (o, a) => Do(() => ((IFillLayer)o).AlphaInt64 = a.Long(0)),
        ["setBetaInt64"] = (o, a) => Do(() => ((IFillLayer)o).BetaInt64 = a.Long(0)),
        ["setAxis"] = (o, a) => Do(() => _ = o switch
        {
            IConcatenationLayer l => l.Axis = a.Int(0),
            IDequantizeLayer l => l.Axis = a.Int(0),
            IQuantizeLayer l => l.Axis = a.Int(0),
            _ => ((IScatterLayer)o).Axis = a.Int(0),
        }),
        ["setAxes"] = (o, a) => Do(() =>
        {
            if (o is ISoftMaxLayer softMax)
            {
                softMax.Axes = a.Bits(0);
            }
            else
            {
                ((ISliceLayer)o).Axes = a.Dims(0);
            }
        }),
        ["getAxes"] = (o, a) => ((ISoftMaxLayer)o).Axes,
        ["getStrideNd"] = (o, a) => ((IConvolutionLayer)o).StrideNd,
        ["setStrideNd"] = (o, a) => Do(() => _ = o switch { IConvolutionLayer l => l.StrideNd = a.Dims(0), IDeconvolutionLayer l => l.StrideNd = a.Dims(0), _ => ((IPoolingLayer)o).StrideNd = a.Dims(0) }),
        ["setPaddingNd"] = (o, a) => Do(() => _ = o switch { IConvolutionLayer l => l.PaddingNd = a.Dims(0), IDeconvolutionLayer l => l.PaddingNd = a.Dims(0), _ => ((IPoolingLayer)o).PaddingNd = a.Dims(0) }),
        ["setPrePadding"] = (o, a) => Do(() => _ = o switch { IConvolutionLayer l => l.PrePadding = a.Dims(0), IDeconvolutionLayer l => l.PrePadding = a.Dims(0), _ => ((IPoolingLayer)o).PrePadding = a.Dims(0) }),
        ["setPostPadding"] = (o, a) => Do(() => _ = o switch { IConvolutionLayer l => l.PostPadding = a.Dims(0), IDeconvolutionLayer l => l.PostPadding = a.Dims(0), _ => ((IPoolingLayer)o).PostPadding = a.Dims(0) }),
        ["setPaddingMode"] = (o, a) => Do(() => _ = o switch
        {
            IConvolutionLayer l => l.PaddingMode = a.Enum<PaddingMode>(0),
            IDeconvolutionLayer l => l.PaddingMode = a.Enum<PaddingMode>(0),
            _ => ((IPoolingLayer)o).PaddingMode = a.Enum<PaddingMode>(0),
        }),
        ["setDilationNd"] = (o, a) => Do(() => _ = o is IConvolutionLayer l ? l.DilationNd = a.Dims(0) : ((IDeconvolutionLayer)o).DilationNd = a.Dims(0)),
        ["setNbGroups"] = (o, a) => Do(() => _ = o switch { IConvolutionLayer l => l.NbGroups = a.Long(0), IDeconvolutionLayer l => l.NbGroups = a.Long(0), _ => ((INormalizationLayer)o).NbGroups = a.Long(0) }),
        ["setBlendFactor"] = (o, a) => Do(() => ((IPoolingLayer)o).BlendFactor = a.Float(0)),
        ["setNbElementWiseDims"] = (o, a) => Do(() => ((IGatherLayer)o).NbElementWiseDims = a.Int(0)),
        ["setGatherAxis"] = (o, a) => Do(() => ((IGatherLayer)o).GatherAxis = a.Int(0)),
        ["setAlignCorners"] = (o, a) => Do(() => ((IGridSampleLayer)o).AlignCorners = a.Bool(0)),
        ["setInterpolationMode"] = (o, a) => Do(() => ((IGridSampleLayer)o).InterpolationMode = a.Enum<InterpolationMode>(0)),
        ["setSampleMode"] = (o, a) => Do(() => ((IGridSampleLayer)o).SampleMode = a.Enum<SampleMode>(0)),
        ["setBoundingBoxFormat"] = (o, a) => Do(() => ((INMSLayer)o).BoundingBoxFormat = a.Enum<BoundingBoxFormat>(0)),
        ["setTopKBoxLimit"] = (o, a) => Do(() => ((INMSLayer)o).TopKBoxLimit = a.Int(0)),
        ["setCoordinateTransformation"] = (o, a) => Do(() => ((IResizeLayer)o).CoordinateTransformation = a.Enum<ResizeCoordinateTransformation>(0)),
        ["setExcludeOutside"] = (o, a) => Do(() => ((IResizeLayer)o).ExcludeOutside = a.Bool(0)),
        ["setNearestRounding"] = (o, a) => Do(() => ((IResizeLayer)o).NearestRounding = a.Enum<ResizeRoundMode>(0)),
        ["setOutputDimensions"] = (o, a) => Do(() => ((IResizeLayer)o).OutputDimensions = a.Dims(0)),
        ["setResizeMode"] = (o, a) => Do(() => ((IResizeLayer)o).ResizeMode = a.Enum<InterpolationMode>(0)),
        ["setScales"] = (o, a) => Do(() => ((IResizeLayer)o).SetScales(a.Floats(0))),
        ["setSelectorForSinglePixel"] = (o, a) => Do(() => ((IResizeLayer)o).SelectorForSinglePixel = a.Enum<ResizeSelector>(0)),
        ["setBatchAxis"] = (o, a) => Do(() => ((IReverseSequenceLayer)o).BatchAxis = a.Int(0)),
        ["setSequenceAxis"] = (o, a) => Do(() => ((IReverseSequenceLayer)o).SequenceAxis = a.Int(0)),
        ["setMode"] = (o, a) => Do(() => ((ISliceLayer)o).Mode = a.Enum<SampleMode>(0)),
        ["setFirstTranspose"] = (o, a) => Do(() => ((IShuffleLayer)o).FirstTranspose = a.Order(0)),
        ["setSecondTranspose"] = (o, a) => Do(() => ((IShuffleLayer)o).SecondTranspose = a.Order(0)),
        ["setReshapeDimensions"] = (o, a) => Do(() => ((IShuffleLayer)o).ReshapeDimensions = a.Dims(0)),
        ["setZeroIsPlaceholder"] = (o, a) => Do(() => ((IShuffleLayer)o).ZeroIsPlaceholder = a.Bool(0)),
    };

    /// <summary>Makes a call.</summary>
    /// <param name="target">The object it is made on.</param>
    /// <param name="method">The C++ method.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it returned; null for methods that return nothing.</returns>
    public static object? Make(object target, string method, CaseArguments arguments)
    {
        string kind = target switch { INetworkDefinition => "network.", ITensor => "tensor.", _ => string.Empty };
        return Table.TryGetValue(kind + method, out Func<object, CaseArguments, object?>? call)
            ? call(target, arguments)
            : throw new KeyNotFoundException($"The table of calls has no {kind}{method}.");
    }

    private static INetworkDefinition Network(object target) => (INetworkDefinition)target;

    private static object? Do(Action call)
    {
        call();
        return null;
    }
}
