using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Networks with faults, alone and together: which of them is told, and how, is as with TensorRT-RTX.</summary>
[Collection(RtxCollection.Name)]
public sealed class FirstReasonTests
{
    [Theory]
    [InlineData(DataType.Float, DataType.Int32)]
    [InlineData(DataType.Bool, DataType.Bool)]
    public void An_element_wise_layer_compares_ranks_before_types(DataType one, DataType other) => Refused("must have the same number of dimensions", network =>
        network.AddElementWise(network.AddInput("a", one, [2, 3]), network.AddInput("b", other, [3]), ElementWiseOperation.Sum));

    [Fact]
    public void A_matrix_product_broadcasts_before_it_looks_at_types() => Refused("broadcast dimensions must be conformable", network => network.AddMatrixMultiply(
        network.AddInput("a", DataType.Int32, [2, 3, 4]), MatrixOperation.None, network.AddInput("b", DataType.Int64, [5, 4, 3]), MatrixOperation.None));

    [Theory]
    [InlineData(new long[] { 4, 3 }, "the same number of batch dimensions")]
    [InlineData(new long[] { 2, 3 }, "broadcast dimensions must be conformable")]
    public void A_vectors_batch_is_compared_with_the_matrix_from_its_first_axis(long[] vectors, string text) => Refused(text, network => network.AddMatrixMultiply(
        network.AddInput("a", DataType.Float, new Dims(vectors)), MatrixOperation.Vector, network.AddInput("b", DataType.Float, [4, 5]), MatrixOperation.None));

    [Fact]
    public void A_softmax_wants_a_matrix_at_least() => Refused("at least 2 dimensions are required", network =>
    {
        ISoftMaxLayer layer = network.AddSoftMax(network.AddInput("x", DataType.Float, [5]));
        layer.Axes = 1;
        return layer;
    });

    [Fact]
    public void Scales_need_an_axis_of_known_length() => new LayerCheck((network, weights) =>
        {
            ITensor scale = network.AddConstant([3], weights(new[] { 1f, 2, 4 })).GetOutput(0);
            return [network.AddQuantize(network.AddInput("x", DataType.Float, [2, -1]), scale, DataType.Int8).GetOutput(0)];
        }).Profile("x", [2, 3], [2, 3], [2, 3]).Refused("there are 3 scales for -1 elements");

    [Fact]
    public void In_a_network_with_a_cycle_nothing_has_a_shape() => new LayerCheck((network, weights) =>
        {
            ITensor apart = network.AddConstant([1], weights(new[] { 1f })).GetOutput(0);
            IElementWiseLayer layer = network.AddElementWise(network.AddInput("x", DataType.Float, [1]), apart, ElementWiseOperation.Sum);
            layer.SetInput(1, layer.GetOutput(0));
            Assert.Equal(-1, apart.Dimensions.NbDims);
            return [layer.GetOutput(0)];
        }).Refused("cycle");

    [Fact]
    public void A_matrix_product_takes_one_type() => Refused("must have the same type", network => network.AddMatrixMultiply(
        network.AddInput("a", DataType.Float, [3, 4]), MatrixOperation.None, network.AddInput("b", DataType.Half, [4, 5]), MatrixOperation.None));

    [Fact]
    public void A_matrix_product_wants_as_many_batch_axes_of_both() => Refused("the same number of batch dimensions", network => network.AddMatrixMultiply(
        network.AddInput("a", DataType.Float, [3, 4]), MatrixOperation.None, network.AddInput("b", DataType.Float, [4, 5]), MatrixOperation.Vector));

    [Theory]
    [InlineData(DataType.Half)]
    [InlineData(DataType.BF16)]
    public void A_convolution_wants_input_and_kernel_of_one_type(DataType type) => new LayerCheck((network, weights) =>
        [network.AddConvolutionNd(network.AddInput("x", type, [1, 1, 3, 3]), 1, [1, 1], weights(new[] { 1f }), default).GetOutput(0)]).Refused("must be of the same type");

    [Fact]
    public void A_convolution_wants_a_bias_of_the_same_type() => new LayerCheck((network, weights) =>
        [network.AddConvolutionNd(network.AddInput("x", DataType.Float, [1, 1, 3, 3]), 1, [1, 1], weights(new[] { 1f }), weights(new[] { (Half)1 })).GetOutput(0)])
        .Refused("must be of the same type");

    [Theory]
    [InlineData(1, new long[] { 1, 1, 1, 1 }, "kernel weights are given both")]
    [InlineData(2, new long[] { 1 }, "bias weights are given both")]
    public void Weights_are_given_once(int input, long[] dims, string text) => new LayerCheck((network, weights) =>
        {
            IConvolutionLayer layer = network.AddConvolutionNd(network.AddInput("x", DataType.Float, [1, 1, 3, 3]), 1, [1, 1], weights(new[] { 1f }), weights(new[] { 1f }));
            layer.SetInput(input, network.AddConstant(new Dims(dims), weights(new[] { 2f })).GetOutput(0));
            return [layer.GetOutput(0)];
        }).Refused(text);

    [Fact]
    public void Groups_are_checked_before_weights_are_counted() => new LayerCheck((network, weights) =>
        {
            IConvolutionLayer layer = network.AddConvolutionNd(network.AddInput("x", DataType.Float, [1, 3, 3, 3]), 2, [1, 1], weights(new[] { 1f }), default);
            layer.NbGroups = 2;
            return [layer.GetOutput(0)];
        }).Refused("must divide the channels");

    [Theory]
    [InlineData(DataType.Float, DataType.Half, "ISelectLayer must have")]
    [InlineData(DataType.Int32, DataType.Float, "An ISelectLayer must have")]
    public void A_select_wants_two_inputs_of_one_type(DataType one, DataType other, string text) => Refused(text, network =>
        network.AddSelect(network.AddInput("c", DataType.Bool, [3]), network.AddInput("a", one, [3]), network.AddInput("b", other, [3])));

    [Fact]
    public void Concatenated_tensors_differ_on_one_axis_only() => Refused("must match", network =>
        network.AddConcatenation([network.AddInput("a", DataType.Float, [2, 3]), network.AddInput("b", DataType.Float, [2, 4])]));

    [Theory]
    [InlineData(1u, "at least 2 dimensions are required")]
    [InlineData(2u, "must name exactly one")]
    [InlineData(0u, "reduceAxes has a bit set")]
    public void Top_k_wants_a_matrix_at_least(uint axes, string text) => Refused(text, network =>
        network.AddTopK(network.AddInput("x", DataType.Float, [5]), TopKOperation.Max, 1, axes));

    [Fact]
    public void A_fill_value_needs_the_mode_for_it() => new LayerCheck((network, weights) =>
        {
            ISliceLayer slice = network.AddSlice(network.AddInput("x", DataType.Float, [4]), [0], [2], [1]);
            slice.SetInput(4, network.AddConstant([], weights(new[] { 1f })).GetOutput(0));
            return [slice.GetOutput(0)];
        }).Refused("kFILL");

    [Fact]
    public void A_constant_of_negative_extent_is_refused_by_the_build() => new LayerCheck((network, weights) =>
        [network.AddConstant([2, -1], weights(new[] { 1f, 2 })).GetOutput(0)]).Refused("negative length");

    [Fact]
    public void Scales_must_fit_the_axis_that_they_are_for() => new LayerCheck((network, weights) =>
        {
            ITensor scale = network.AddConstant([3], weights(new[] { 1f, 2, 4 })).GetOutput(0);
            return [network.AddQuantize(network.AddInput("x", DataType.Float, [3, 2]), scale, DataType.Int8).GetOutput(0)];
        }).Refused("there are 3 scales for 2 elements");

    private static void Refused(string text, Func<INetworkDefinition, ILayer> add) => new LayerCheck((network, _) => [add(network).GetOutput(0)]).Refused(text);
}
