using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>One line for each layer that the CPU runtime has; the layers themselves are in Layers/.</content>
internal sealed partial class CpuNetwork
{
    public IActivationLayer AddActivation(ITensor input, ActivationType type) => Add(Activation.Create(this, input, type));

    public IAssertionLayer AddAssertion(ITensor condition, string message) => Add(Assertion.Create(this, condition, message));

    public ICastLayer AddCast(ITensor input, DataType toType) => Add(Cast.Create(this, input, toType));

    public IConcatenationLayer AddConcatenation(ReadOnlySpan<ITensor> inputs) => Add(Concatenation.Create(this, inputs));

    public IConstantLayer AddConstant(Dims dimensions, Weights weights) => Add(Constant.Create(this, dimensions, weights));

    public IConvolutionLayer AddConvolutionNd(ITensor input, long nbOutputMaps, Dims kernelSize, Weights kernelWeights, Weights biasWeights) =>
        Add(Convolution.Create(this, input, nbOutputMaps, kernelSize, kernelWeights, biasWeights));

    public ICumulativeLayer AddCumulative(ITensor input, ITensor axis, CumulativeOperation operation, bool exclusive, bool reverse) =>
        Add(Cumulative.Create(this, input, axis, operation, exclusive, reverse));

    public IDeconvolutionLayer AddDeconvolutionNd(ITensor input, long nbOutputMaps, Dims kernelSize, Weights kernelWeights, Weights biasWeights) =>
        Add(Deconvolution.Create(this, input, nbOutputMaps, kernelSize, kernelWeights, biasWeights));

    public IDequantizeLayer AddDequantize(ITensor input, ITensor scale) => Add(Dequantize.Create(this, input, scale, null));

    public IDequantizeLayer AddDequantize(ITensor input, ITensor scale, DataType outputType) => Add(Dequantize.Create(this, input, scale, outputType));

    public IEinsumLayer AddEinsum(ReadOnlySpan<ITensor> inputs, string equation) => Add(Einsum.Create(this, inputs, equation));

    public IElementWiseLayer AddElementWise(ITensor input1, ITensor input2, ElementWiseOperation op) => Add(ElementWise.Create(this, input1, input2, op));

    public IFillLayer AddFill(Dims dimensions, FillOperation op) => Add(Fill.Create(this, dimensions, op, DataType.Float));

    public IFillLayer AddFill(Dims dimensions, FillOperation op, DataType outputType) => Add(Fill.Create(this, dimensions, op, outputType));

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

    public ILoop AddLoop()
    {
        ThrowIfDisposed();
        loops.Add(new CpuLoop(this, loops.Count));
        return loops[^1];
    }

    public ILRNLayer AddLRN(ITensor input, long window, float alpha, float beta, float k) => Add(Lrn.Create(this, input, window, alpha, beta, k));

    public IMatrixMultiplyLayer AddMatrixMultiply(ITensor input0, MatrixOperation op0, ITensor input1, MatrixOperation op1) =>
        Add(MatrixMultiply.Create(this, input0, op0, input1, op1));

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

    public IParametricReLULayer AddParametricReLU(ITensor input, ITensor slope) => Add(ParametricRelu.Create(this, input, slope));

    public IOneHotLayer AddOneHot(ITensor indices, ITensor values, ITensor depth, int axis) => Add(OneHot.Create(this, indices, values, depth, axis));

    public IPaddingLayer AddPaddingNd(ITensor input, Dims prePadding, Dims postPadding) => Add(Padding.Create(this, input, prePadding, postPadding));

    public IPoolingLayer AddPoolingNd(ITensor input, PoolingType type, Dims windowSize) => Add(Pooling.Create(this, input, type, windowSize));

    public IQuantizeLayer AddQuantize(ITensor input, ITensor scale) => Add(Quantize.Create(this, input, scale, null));

    public IQuantizeLayer AddQuantize(ITensor input, ITensor scale, DataType outputType) => Add(Quantize.Create(this, input, scale, outputType));

    public IRaggedSoftMaxLayer AddRaggedSoftMax(ITensor input, ITensor bounds) => Add(RaggedSoftMax.Create(this, input, bounds));

    public IReduceLayer AddReduce(ITensor input, ReduceOperation operation, uint reduceAxes, bool keepDimensions) =>
        Add(Reduce.Create(this, input, operation, reduceAxes, keepDimensions));

    public IScaleLayer AddScale(ITensor input, ScaleMode mode, Weights shift, Weights scale, Weights power) =>
        Add(Scale.Create(this, "addScale", input, mode, shift, scale, power, null));

    public IScaleLayer AddScaleNd(ITensor input, ScaleMode mode, Weights shift, Weights scale, Weights power, int channelAxis) =>
        Add(Scale.Create(this, "addScaleNd", input, mode, shift, scale, power, channelAxis));

    public IResizeLayer AddResize(ITensor input) => Add(Resize.Create(this, input));

    public IReverseSequenceLayer AddReverseSequence(ITensor input, ITensor sequenceLens) => Add(ReverseSequence.Create(this, input, sequenceLens));

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
