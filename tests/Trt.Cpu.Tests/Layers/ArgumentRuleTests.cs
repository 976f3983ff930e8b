using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Rules of single layers that TensorRT-RTX has too: what they refuse, and where windows find nothing.</summary>
[Collection(RtxCollection.Name)]
public sealed class ArgumentRuleTests
{
    [Theory]
    [InlineData(6, 1, PaddingMode.ExplicitRoundDown, PoolingType.Max)]
    [InlineData(7, 2, PaddingMode.ExplicitRoundDown, PoolingType.Average)]
    [InlineData(8, 2, PaddingMode.ExplicitRoundUp, PoolingType.MaxAverageBlend)]
    public void A_window_a_little_larger_than_the_data_finds_nothing(int window, int stride, PaddingMode mode, PoolingType kind) => new LayerCheck((network, _) =>
        {
            IPoolingLayer pooling = network.AddPoolingNd(network.AddInput("x", DataType.Float, [1, 1, 5, 5]), kind, [window, window]);
            pooling.StrideNd = [stride, stride];
            pooling.PaddingMode = mode;
            return [pooling.GetOutput(0), network.AddReduce(pooling.GetOutput(0), ReduceOperation.Sum, 0b1100, false).GetOutput(0)];
        })
        .Feed("x", [1, 1, 5, 5], new float[25])
        .Expect([1, 1, 0, 0], Array.Empty<float>())
        .Expect([1, 1], new[] { 0f })
        .Run();

    [Fact]
    public void A_window_much_larger_than_the_data_is_refused() => new LayerCheck((network, _) =>
            [network.AddPoolingNd(network.AddInput("x", DataType.Float, [1, 1, 5, 5]), PoolingType.Max, [7, 7]).GetOutput(0)])
        .Refused("would have a negative length on axis 2");

    [Fact]
    public void A_constant_of_bytes_is_refused() => new LayerCheck((network, weights) =>
            [network.AddCast(network.AddConstant([2], weights(new byte[] { 1, 2 })).GetOutput(0), DataType.Float).GetOutput(0)])
        .Refused("weights of type UInt8 cannot be constants");

    [Fact]
    public void An_empty_constant_has_no_address() => new LayerCheck((network, _) => [network.AddConstant([2, 0], Weights.From(Array.Empty<int>())).GetOutput(0)])
        .Expect([2, 0], Array.Empty<int>())
        .Run();

    [Fact]
    public void An_empty_constant_with_an_address_is_refused() => new LayerCheck((network, weights) =>
            [network.AddConstant([0], new Weights(DataType.Float, weights(new[] { 1f }).Values, 0)).GetOutput(0)])
        .Refused("INetworkDefinition::addConstant: Error Code 3");

    [Fact]
    public void Coefficients_have_the_type_of_a_strongly_typed_input() => new LayerCheck((network, weights) =>
            [network.AddScale(network.AddInput("x", DataType.Half, [1, 1, 2, 2]), ScaleMode.Uniform, weights(new[] { 1f }), weights(new[] { 2f }), Weights.Empty()).GetOutput(0)])
        {
            RtxDiffers = "it refuses this too, but does not name the layer",
        }
        .Refused("the coefficients have type Float but must have that of the input, Half");

    [Fact]
    public void A_kernel_has_the_type_of_a_strongly_typed_input() => new LayerCheck((network, weights) =>
            [network.AddConvolutionNd(network.AddInput("x", DataType.Half, [1, 1, 2, 2]), 1, [1, 1], weights(new[] { 1f }), Weights.Empty()).GetOutput(0)])
        .Refused("input and kernel must be of the same type. They are of type Half and Float");

    [Fact]
    public void A_bias_has_the_type_of_a_strongly_typed_input() => new LayerCheck((network, weights) =>
            [network.AddDeconvolutionNd(network.AddInput("x", DataType.Half, [1, 1, 2, 2]), 1, [1, 1], weights(new[] { (Half)1f }), weights(new[] { 1f })).GetOutput(0)])
        .Refused("input and bias must be of the same type. They are of type Half and Float");

    [Fact]
    public void Factors_have_the_same_type_in_a_strongly_typed_network() => new LayerCheck((network, _) =>
            [network.AddMatrixMultiply(network.AddInput("x", DataType.Half, [2, 2]), MatrixOperation.None, network.AddInput("z", DataType.Float, [2, 2]), MatrixOperation.None).GetOutput(0)])
        .Refused("both inputs must have the same type. They are Half and Float");

    [Fact]
    public void An_added_mask_has_the_type_of_the_scores() => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Half, [1, 1, 2, 8]);
            IAttention attention = network.AddAttention(x, x, x, AttentionNormalizationOp.Softmax, false);
            attention.Decomposable = true;
            attention.Mask = network.AddInput("mask", DataType.Float, [1, 1, 2, 2]);
            return [attention.GetOutput(0)!];
        })
        {
            RtxDiffers = "it refuses this too, but does not name the layer",
        }
        .Refused("the mask must have type Bool or that of the query. They have Float and Half");

    [Fact]
    public void Blocks_on_one_axis_have_16_or_32_elements() => new LayerCheck((network, _) =>
            [network.AddDynamicQuantize(network.AddInput("x", DataType.Half, [16, 16]), 1, 8, DataType.FP8, DataType.Float).GetOutput(0)])
        .Refused("INetworkDefinition::addDynamicQuantize: Error Code 3");

    [Fact]
    public void An_axis_of_blocks_may_count_from_the_end() => new LayerCheck((network, _) =>
        {
            IDynamicQuantizeLayer layer = network.AddDynamicQuantize(network.AddInput("x", DataType.Float, [1, 16]), -1, 16, DataType.FP8, DataType.Float);
            return [network.AddDequantize(layer.GetOutput(0), layer.GetOutput(1), DataType.Float).GetOutput(0), layer.GetOutput(1)];
        })
        {
            RtxDiffers = "the GPU that it is asked for has no FP8",
        }
        .Feed("x", [1, 16], Enumerable.Range(0, 16).Select(at => at == 3 ? -896f : 2f * at).ToArray())
        .Expect([1, 16], Enumerable.Range(0, 16).Select(at => at == 3 ? -896f : 2f * at).ToArray())
        .Expect([1, 1], new[] { 2f })
        .Run();

    [Fact]
    public void An_input_out_of_range_is_refused_by_the_method_of_the_layer_that_has_optional_ones()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [2, 2]);
        (ILayer Layer, int Index, string Method)[] cases =
        [
            (network.AddUnary(x, UnaryOperation.Neg), 1, "ILayer"),
            (network.AddConcatenation([x, x]), 2, "ILayer"),
            (network.AddShuffle(x), 2, "IShuffleLayer"),
            (network.AddSlice(x, [0, 0], [1, 1], [1, 1]), 6, "ISliceLayer"),
            (network.AddTopK(x, TopKOperation.Max, 1, 1), 2, "ITopKLayer"),
            (network.AddResize(x), 2, "IResizeLayer"),
            (network.AddSqueeze(x, x), 2, "ISqueezeLayer"),
            (network.AddGather(x, x, 0), -1, "ILayer"),
        ];
        foreach ((ILayer layer, int index, string method) in cases)
        {
            int before = test.Log.Errors.Count();
            layer.SetInput(index, x);
            string line = Assert.Single(test.Log.Errors.Skip(before));
            Assert.StartsWith($"{method}::setInput: Error Code 3: API Usage Error (Parameter check failed", line, StringComparison.Ordinal);
        }
    }
}
