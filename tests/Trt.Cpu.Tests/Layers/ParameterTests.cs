using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>What layers tell of their parameters: defaults, and what a tensor in a parameter's place makes of it. The checks run on every library.</summary>
[Collection(RtxCollection.Name)]
public sealed class ParameterTests
{
    [Fact]
    public void A_new_activation_has_its_functions_parameters_and_keeps_them() => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [3]);
            IActivationLayer clip = network.AddActivation(x, ActivationType.Clip);
            Assert.Equal((float.MinValue, float.MaxValue), (clip.Alpha, clip.Beta));
            IActivationLayer relu = network.AddActivation(clip.GetOutput(0), ActivationType.Relu);
            relu.ActivationType = ActivationType.Elu;
            Assert.Equal((0, 0), (relu.Alpha, relu.Beta));
            return [relu.GetOutput(0)];
        })
        .Feed("x", [3], new[] { -1f, 0, 2 })
        .Expect([3], new[] { 0f, 0, 2 })
        .Run();

    [Fact]
    public void A_fill_tells_the_numbers_that_were_set_and_minus_1_for_tensors() => new LayerCheck((network, weights) =>
        {
            IFillLayer fill = network.AddFill([2], FillOperation.Linspace, DataType.Int64);
            fill.AlphaInt64 = 3;
            fill.BetaInt64 = 2;
            Assert.Equal((0, 1, 3, 2), (fill.Alpha, fill.Beta, fill.AlphaInt64, fill.BetaInt64));
            fill.SetInput(1, network.AddConstant([], weights(new[] { 5L })).GetOutput(0));
            fill.SetInput(2, network.AddConstant([1], weights(new[] { 7L })).GetOutput(0));
            Assert.Equal((0, 1, -1, -1), (fill.Alpha, fill.Beta, fill.AlphaInt64, fill.BetaInt64));
            return [fill.GetOutput(0)];
        })
        .Expect([2], new[] { 5L, 12 })
        .Run();

    [Fact]
    public void What_a_tensor_gives_is_not_told_as_a_number() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2, 3]);
            ITopKLayer top = network.AddTopK(x, TopKOperation.Max, 1, 2);
            top.SetInput(1, network.AddConstant([], weights(new[] { 2 })).GetOutput(0));
            Assert.Equal(-1, top.K);
            IShuffleLayer shuffle = network.AddShuffle(top.GetOutput(0));
            shuffle.ReshapeDimensions = [2, 2];
            shuffle.SetInput(1, network.AddConstant([1], weights(new[] { 4L })).GetOutput(0));
            Assert.Equal(-1, shuffle.ReshapeDimensions.NbDims);
            return [shuffle.GetOutput(0)];
        })
        .Feed("x", [2, 3], new float[] { 1, 3, 2, 9, 8, 7 })
        .Expect([4], new float[] { 3, 2, 9, 8 })
        .Run();

    [Fact]
    public void Without_an_axis_scales_are_for_the_last_one() => new LayerCheck((network, weights) =>
        {
            ITensor scale = network.AddConstant([3], weights(new[] { 1f, 2, 4 })).GetOutput(0);
            IQuantizeLayer quantize = network.AddQuantize(network.AddInput("x", DataType.Float, [2, 3]), scale, DataType.Int8);
            Assert.Equal(-1, quantize.BlockShape.NbDims);
            return [network.AddDequantize(quantize.GetOutput(0), scale, DataType.Float).GetOutput(0)];
        })
        .Feed("x", [2, 3], new float[] { 1.2f, 1.2f, 1.2f, 3.4f, 3.4f, 3.4f })
        .Expect([2, 3], new float[] { 1, 2, 0, 3, 4, 4 })
        .Run();
}
