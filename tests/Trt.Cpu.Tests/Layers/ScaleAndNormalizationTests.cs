using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Scale, LRN, normalization, ragged softmax, assertion.</summary>
[Collection(RtxCollection.Name)]
public sealed class ScaleAndNormalizationTests
{
    [Fact]
    public void Coefficients_say_how_many_channels_there_are() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [1, -1, 1, 2]);
            return [network.AddScale(x, ScaleMode.Channel, weights(new[] { 1f, 2f }), weights(new[] { 10f, 20f }), Weights.Empty()).GetOutput(0)];
        })
        .Profile("x", [1, 2, 1, 2], [1, 2, 1, 2], [1, 2, 1, 2])
        .Feed("x", [1, 2, 1, 2], new[] { 1f, 2f, 3f, 4f })
        .Expect([1, 2, 1, 2], new[] { 11f, 21f, 62f, 82f })
        .Run();

    [Fact]
    public void The_channels_are_the_third_axis_from_the_end() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [1, 2, 3, 1, 1]);
            return [network.AddScale(x, ScaleMode.Channel, Weights.Empty(), weights(new[] { 1f, 2f, 3f }), Weights.Empty()).GetOutput(0)];
        })
        .Feed("x", [1, 2, 3, 1, 1], new[] { 1f, 1f, 1f, 2f, 2f, 2f })
        .Expect([1, 2, 3, 1, 1], new[] { 1f, 2f, 3f, 2f, 4f, 6f })
        .Run();

    [Fact]
    public void An_axis_that_does_not_exist_is_refused_when_added() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [1, 2, 1, 2]);
            return [network.AddScaleNd(x, ScaleMode.Channel, weights(new[] { 1f, 2f }), weights(new[] { 1f, 2f }), Weights.Empty(), 9).GetOutput(0)];
        })
        .Refused("channel axis 9");

    [Fact]
    public void Windows_of_five_axes_are_normalized_over_the_second() => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [1, 3, 1, 1, 1]);
            return [network.AddLRN(x, 3, 3, 1, 1).GetOutput(0)];
        })
        .Feed("x", [1, 3, 1, 1, 1], new[] { 1f, 2f, 3f })
        .Expect([1, 3, 1, 1, 1], new[] { 1f / 6, 2f / 15, 3f / 14 })
        .Run();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Groups_of_channels_are_normalized_together(bool v2)
    {
        float[] x = [1, 3, 5, 7, -2, 2, -2, 2];
        float[] scale = v2 ? [1, 2, 3, 4] : [1, 2];
        float[] bias = v2 ? [0, 1, 2, 3] : [5, 6];
        double[] mean = [4, 0];
        double[] deviation = [Math.Sqrt(5 + 1e-5), Math.Sqrt(4 + 1e-5)];
        float[] expected = [.. x.Select((value, at) => (float)(((value - mean[at / 4]) / deviation[at / 4] * scale[v2 ? at / 2 : at / 4]) + bias[v2 ? at / 2 : at / 4]))];
        new LayerCheck((network, weights) =>
        {
            ITensor input = network.AddInput("x", DataType.Float, [1, 4, 1, 2]);
            Dims shape = [1, scale.Length, 1, 1];
            ITensor by = network.AddConstant(shape, weights(scale)).GetOutput(0);
            ITensor plus = network.AddConstant(shape, weights(bias)).GetOutput(0);
            INormalizationLayer layer = v2 ? network.AddNormalizationV2(input, by, plus, 0b1100) : network.AddNormalization(input, by, plus, 0b1100);
            layer.NbGroups = 2;
            return [layer.GetOutput(0)];
        })
        .Feed("x", [1, 4, 1, 2], x)
        .Expect([1, 4, 1, 2], expected, 1e-5)
        .Run();
    }

    [Fact]
    public void Groups_must_divide_the_channels() => new LayerCheck((network, _) =>
        {
            ITensor input = network.AddInput("x", DataType.Float, [1, 3, 1, 2]);
            ITensor scale = network.AddInput("s", DataType.Float, [1, 2, 1, 1]);
            INormalizationLayer layer = network.AddNormalization(input, scale, scale, 0b1100);
            layer.NbGroups = 2;
            return [layer.GetOutput(0)];
        })
        .Refused("(Unnamed Layer* 0) [Normalization]");

    [Fact]
    public void A_row_without_elements_is_all_zeros() => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [1, 2, 2]);
            ITensor counts = network.AddInput("n", DataType.Int32, [1, 2, 1]);
            return [network.AddRaggedSoftMax(x, counts).GetOutput(0)];
        })
        .Feed("x", [1, 2, 2], new[] { 1f, 1f, 5f, 7f })
        .Feed("n", [1, 2, 1], new[] { 2, 0 })
        .Expect([1, 2, 2], new[] { 0.5f, 0.5f, 0f, 0f })
        .Run();

    [Fact]
    public void A_condition_that_is_false_in_all_runs_is_refused_when_building() => new LayerCheck((network, weights) =>
        {
            network.AddAssertion(network.AddConstant([1], weights(new[] { false })).GetOutput(0), "this cannot be");
            return [network.AddIdentity(network.AddInput("x", DataType.Float, [2])).GetOutput(0)];
        })
        .Refused("this cannot be");

    [Fact]
    public void A_condition_on_data_is_refused_when_building() => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2]);
            network.AddAssertion(network.AddElementWise(x, x, ElementWiseOperation.Equal).GetOutput(0), "m");
            return [network.AddIdentity(x).GetOutput(0)];
        })
        {
            RtxDiffers = "it names the input that would have to hold shapes, not the layer that asks",
        }
        .Refused("(Unnamed Layer* 1) [Assertion]");
}
