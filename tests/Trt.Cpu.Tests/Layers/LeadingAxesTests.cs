using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Windows over the last two axes of inputs with more than one axis before the channels: all of those are a batch.</summary>
[Collection(RtxCollection.Name)]
public sealed class LeadingAxesTests
{
    private static readonly float[] Input = [.. Enumerable.Range(0, 2 * 3 * 2 * 2 * 2).Select(i => (float)i)];

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    public void A_convolution_computes_each_batch_item(int extent)
    {
        // A kernel of ones over both channels and all positions sums eight elements that follow each other.
        float[] expected = [.. Input.Chunk(8).Select(part => part.Sum() + 0.5f)];
        LayerCheck check = new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [extent, 3, 2, 2, 2]);
            return [network.AddConvolutionNd(x, 1, [2, 2], weights(Enumerable.Repeat(1f, 8).ToArray()), weights(new[] { 0.5f })).GetOutput(0)];
        }).Feed("x", [2, 3, 2, 2, 2], Input).Expect([2, 3, 1, 1, 1], expected, 1e-4);
        (extent < 0 ? check.Profile("x", [1, 3, 2, 2, 2], [2, 3, 2, 2, 2], [4, 3, 2, 2, 2]) : check).Run();
    }

    [Fact]
    public void A_deconvolution_computes_each_batch_item() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2, 3, 2, 2, 2]);
            IDeconvolutionLayer layer = network.AddDeconvolutionNd(x, 1, [1, 1], weights(new float[] { 1, 2 }), default);
            layer.StrideNd = [1, 1];
            return [layer.GetOutput(0)];
        })
        .Feed("x", [2, 3, 2, 2, 2], Input)
        .Expect([2, 3, 1, 2, 2], Input.Chunk(8).SelectMany(part => Enumerable.Range(0, 4).Select(i => part[i] + (2 * part[i + 4]))).ToArray(), 1e-4)
        .Run();

    [Theory]
    [InlineData(PoolingType.Max)]
    [InlineData(PoolingType.Average)]
    public void A_pooling_computes_each_batch_item(PoolingType type) => new LayerCheck((network, _) =>
            [network.AddPoolingNd(network.AddInput("x", DataType.Float, [2, 3, 2, 2, 2]), type, [2, 2]).GetOutput(0)])
        .Feed("x", [2, 3, 2, 2, 2], Input)
        .Expect([2, 3, 2, 1, 1], Input.Chunk(4).Select(part => type == PoolingType.Max ? part.Max() : part.Average()).ToArray())
        .Run();

    [Fact]
    public void Channels_that_only_a_run_knows_are_those_of_the_kernel() => new LayerCheck((network, weights) =>
            [network.AddConvolutionNd(network.AddInput("x", DataType.Float, [1, -1, 1, 2]), 1, [1, 1], weights(new float[] { 1, 10 }), default).GetOutput(0)])
        .Profile("x", [1, 2, 1, 2], [1, 2, 1, 2], [1, 2, 1, 2])
        .Feed("x", [1, 2, 1, 2], new float[] { 1, 2, 3, 4 })
        .Expect([1, 1, 1, 2], new float[] { 31, 42 }, 1e-5)
        .Run();
}
