using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>One line for each layer that the CPU runtime has; the layers themselves are in Layers/.</content>
internal sealed partial class CpuNetwork
{
    public IActivationLayer AddActivation(ITensor input, ActivationType type) => Add(Activation.Create(this, input, type));

    public IAssertionLayer AddAssertion(ITensor condition, string message) => Add(Assertion.Create(this, condition, message));

    public IAttention AddAttention(ITensor query, ITensor key, ITensor @value, AttentionNormalizationOp normOp, bool causal) =>
        Attention.Create(this, "addAttention", query, key, @value, normOp, causal ? CausalMaskKind.UpperLeft : CausalMaskKind.None);

    public IAttention AddAttentionV2(ITensor query, ITensor key, ITensor @value, AttentionNormalizationOp normOp, CausalMaskKind causalKind) =>
        Attention.Create(this, "addAttentionV2", query, key, @value, normOp, causalKind);

    public ICastLayer AddCast(ITensor input, DataType toType) => Add(Cast.Create(this, input, toType));

    public IConcatenationLayer AddConcatenation(ReadOnlySpan<ITensor> inputs) => Add(Concatenation.Create(this, inputs));

    public IConstantLayer AddConstant(Dims dimensions, Weights weights) => Add(Constant.Create(this, dimensions, weights));

    public IConvolutionLayer AddConvolution(ITensor input, int nbOutputMaps, Dims kernelSize, Weights kernelWeights, Weights biasWeights) =>
        AddConvolutionNd(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights);

    public IConvolutionLayer AddConvolutionNd(ITensor input, long nbOutputMaps, Dims kernelSize, Weights kernelWeights, Weights biasWeights) =>
        Add(Convolution.Create(this, input, nbOutputMaps, kernelSize, kernelWeights, biasWeights));

    public ICumulativeLayer AddCumulative(ITensor input, ITensor axis, CumulativeOperation operation, bool exclusive, bool reverse) =>
        Add(Cumulative.Create(this, input, axis, operation, exclusive, reverse));

    public IDeconvolutionLayer AddDeconvolution(ITensor input, int nbOutputMaps, Dims kernelSize, Weights kernelWeights, Weights biasWeights) =>
        AddDeconvolutionNd(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights);

    public IDeconvolutionLayer AddDeconvolutionNd(ITensor input, long nbOutputMaps, Dims kernelSize, Weights kernelWeights, Weights biasWeights) =>
        Add(Deconvolution.Create(this, input, nbOutputMaps, kernelSize, kernelWeights, biasWeights));

    public IDequantizeLayer AddDequantize(ITensor input, ITensor scale) => Add(Dequantize.Create(this, input, scale, null));

    public IDequantizeLayer AddDequantize(ITensor input, ITensor scale, DataType outputType) => Add(Dequantize.Create(this, input, scale, outputType));

    public IDynamicQuantizeLayer AddDynamicQuantize(ITensor input, int axis, int blockSize, DataType outputType, DataType scaleType) =>
        Add(DynamicQuantize.Create(this, input, axis, blockSize, outputType, scaleType));

    public IDynamicQuantizeLayer AddDynamicQuantizeV2(ITensor input, Dims blockShape, DataType outputType, DataType scaleType) =>
        Add(DynamicQuantize.Create(this, input, blockShape, outputType, scaleType));

    public IEinsumLayer AddEinsum(ReadOnlySpan<ITensor> inputs, string equation) => Add(Einsum.Create(this, inputs, equation));

    public IElementWiseLayer AddElementWise(ITensor input1, ITensor input2, ElementWiseOperation op) => Add(ElementWise.Create(this, input1, input2, op));

    public IFillLayer AddFill(Dims dimensions, FillOperation op) => Add(Fill.Create(this, dimensions, op, DataType.Float));

    public IFillLayer AddFill(Dims dimensions, FillOperation op, DataType outputType) => Add(Fill.Create(this, dimensions, op, outputType));

    public IFullyConnectedLayer AddFullyConnected(ITensor input, int nbOutputs, Weights kernelWeights, Weights biasWeights) =>
        Add(FullyConnected.Create(this, input, nbOutputs, kernelWeights, biasWeights));

    public IGatherLayer AddGather(ITensor data, ITensor indices, int axis) => Add(Gather.Create(this, data, indices, GatherMode.Default, axis));

    public IGatherLayer AddGatherV2(ITensor data, ITensor indices, GatherMode mode) => Add(Gather.Create(this, data, indices, mode, 0));

    public IGridSampleLayer AddGridSample(ITensor input, ITensor grid) => Add(GridSample.Create(this, input, grid));

    public IIdentityLayer AddIdentity(ITensor input) => Add(Identity.Create(this, input));

    public IIfConditional AddIfConditional()
    {
        ThrowIfDisposed();
        conditionals.Add(new CpuConditional(this, conditionals.Count));
        return conditionals[^1];
    }

    public IKVCacheUpdateLayer AddKVCacheUpdate(ITensor cache, ITensor update, ITensor writeIndices, KVCacheMode cacheMode) =>
        Add(KVCacheUpdate.Create(this, cache, update, writeIndices, cacheMode));

    public ILRNLayer AddLRN(ITensor input, long window, float alpha, float beta, float k) => Add(Lrn.Create(this, input, window, alpha, beta, k));

    public ILoop AddLoop()
    {
        ThrowIfDisposed();
        loops.Add(new CpuLoop(this, loops.Count));
        return loops[^1];
    }

    public IMatrixMultiplyLayer AddMatrixMultiply(ITensor input0, MatrixOperation op0, ITensor input1, MatrixOperation op1) =>
        Add(MatrixMultiply.Create(this, input0, op0, input1, op1));

    public IMoELayer AddMoE(ITensor hiddenStates, ITensor selectedExpertsForTokens, ITensor scoresForSelectedExperts) =>
        Add(MixtureOfExperts.Create(this, hiddenStates, selectedExpertsForTokens, scoresForSelectedExperts));

    public INMSLayer AddNMS(ITensor boxes, ITensor scores, ITensor maxOutputBoxesPerClass) =>
        Add(NonMaxSuppression.Create(this, boxes, scores, maxOutputBoxesPerClass, DataType.Int32));

    public INMSLayer AddNMS(ITensor boxes, ITensor scores, ITensor maxOutputBoxesPerClass, DataType indicesType) =>
        Add(NonMaxSuppression.Create(this, boxes, scores, maxOutputBoxesPerClass, indicesType));

    public INonZeroLayer AddNonZero(ITensor input) => Add(NonZero.Create(this, input, DataType.Int32));

    public INonZeroLayer AddNonZero(ITensor input, DataType indicesType) => Add(NonZero.Create(this, input, indicesType));

    public INormalizationLayer AddNormalization(ITensor input, ITensor scale, ITensor bias, uint axesMask) =>
        Add(Normalization.Create(this, input, scale, bias, axesMask, false));

    public INormalizationLayer AddNormalizationV2(ITensor input, ITensor scale, ITensor bias, uint axesMask) =>
        Add(Normalization.Create(this, input, scale, bias, axesMask, true));

    public IOneHotLayer AddOneHot(ITensor indices, ITensor values, ITensor depth, int axis) => Add(OneHot.Create(this, indices, values, depth, axis));

    public IPaddingLayer AddPadding(ITensor input, Dims prePadding, Dims postPadding) => Add(Padding.Create(this, input, prePadding, postPadding));

    public IPaddingLayer AddPaddingNd(ITensor input, Dims prePadding, Dims postPadding) => Add(Padding.Create(this, input, prePadding, postPadding));

    public IParametricReLULayer AddParametricReLU(ITensor input, ITensor slope) => Add(ParametricRelu.Create(this, input, slope));

    public IPoolingLayer AddPooling(ITensor input, PoolingType type, Dims windowSize) => AddPoolingNd(input, type, windowSize);

    public IPoolingLayer AddPoolingNd(ITensor input, PoolingType type, Dims windowSize) => Add(Pooling.Create(this, input, type, windowSize));

    public IQuantizeLayer AddQuantize(ITensor input, ITensor scale) => Add(Quantize.Create(this, input, scale, null));

    public IQuantizeLayer AddQuantize(ITensor input, ITensor scale, DataType outputType) => Add(Quantize.Create(this, input, scale, outputType));

    public IRaggedSoftMaxLayer AddRaggedSoftMax(ITensor input, ITensor bounds) => Add(RaggedSoftMax.Create(this, input, bounds));

    public IReduceLayer AddReduce(ITensor input, ReduceOperation operation, uint reduceAxes, bool keepDimensions) =>
        Add(Reduce.Create(this, input, operation, reduceAxes, keepDimensions));

    public IResizeLayer AddResize(ITensor input) => Add(Resize.Create(this, input));

    public IReverseSequenceLayer AddReverseSequence(ITensor input, ITensor sequenceLens) => Add(ReverseSequence.Create(this, input, sequenceLens));

    public IRotaryEmbeddingLayer AddRotaryEmbedding(ITensor input, ITensor cosCache, ITensor sinCache, bool interleaved, int rotaryEmbeddingDim) =>
        Add(RotaryEmbedding.Create(this, input, cosCache, sinCache, interleaved, rotaryEmbeddingDim));

    public IScaleLayer AddScale(ITensor input, ScaleMode mode, Weights shift, Weights scale, Weights power) =>
        Add(Scale.Create(this, "addScale", input, mode, shift, scale, power, null));

    public IScaleLayer AddScaleNd(ITensor input, ScaleMode mode, Weights shift, Weights scale, Weights power, int channelAxis) =>
        Add(Scale.Create(this, "addScaleNd", input, mode, shift, scale, power, channelAxis));

    public IScatterLayer AddScatter(ITensor data, ITensor indices, ITensor updates, ScatterMode mode) => Add(Scatter.Create(this, data, indices, updates, mode));

    public ISelectLayer AddSelect(ITensor condition, ITensor thenInput, ITensor elseInput) => Add(Select.Create(this, condition, thenInput, elseInput));

    public IShapeLayer AddShape(ITensor input) => Add(Shape.Create(this, input));

    public IShuffleLayer AddShuffle(ITensor input) => Add(Shuffle.Create(this, input));

    public ISliceLayer AddSlice(ITensor input, Dims start, Dims size, Dims stride) => Add(Slice.Create(this, input, start, size, stride));

    public ISoftMaxLayer AddSoftMax(ITensor input) => Add(SoftMax.Create(this, input));

    public ISqueezeLayer AddSqueeze(ITensor input, ITensor axes) => Add(Squeeze.Create(this, input, axes));

    public ITopKLayer AddTopK(ITensor input, TopKOperation op, int k, uint reduceAxes) => Add(TopK.Create(this, input, op, k, reduceAxes, DataType.Int32));

    public ITopKLayer AddTopK(ITensor input, TopKOperation op, int k, uint reduceAxes, DataType indicesType) =>
        Add(TopK.Create(this, input, op, k, reduceAxes, indicesType));

    public IUnaryLayer AddUnary(ITensor input, UnaryOperation operation) => Add(Unary.Create(this, input, operation));

    public IUnsqueezeLayer AddUnsqueeze(ITensor input, ITensor axes) => Add(Unsqueeze.Create(this, input, axes));
}
