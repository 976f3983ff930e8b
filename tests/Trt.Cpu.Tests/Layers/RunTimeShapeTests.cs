using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Paddings and extents that only the shapes and values of a run decide.</summary>
[Collection(RtxCollection.Name)]
public sealed class RunTimeShapeTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_convolution_that_rounds_up_pads_as_far_as_its_last_window(int size)
    {
        float[] x = [.. Enumerable.Range(1, size * size).Select(i => (float)i)];
        int count = ((size - 2 + 1) / 2) + 1;
        float[] expected = new float[count * count];
        for (int i = 0; i < expected.Length; i++)
        {
            (int top, int left) = (i / count * 2, i % count * 2);
            for (int row = top; row < Math.Min(top + 2, size); row++)
            {
                for (int column = left; column < Math.Min(left + 2, size); column++)
                {
                    expected[i] += x[(row * size) + column];
                }
            }
        }

        new LayerCheck((network, weights) =>
        {
            ITensor input = network.AddInput("x", DataType.Float, [1, 1, -1, -1]);
            IConvolutionLayer layer = network.AddConvolutionNd(input, 1, [2, 2], weights(new float[] { 1, 1, 1, 1 }), default);
            layer.StrideNd = [2, 2];
            layer.PaddingMode = PaddingMode.ExplicitRoundUp;
            return [layer.GetOutput(0)];
        })
            .Profile("x", [1, 1, 2, 2], [1, 1, 3, 3], [1, 1, 5, 5])
            .Feed("x", [1, 1, size, size], x)
            .Expect([1, 1, count, count], expected)
            .Run();
    }

    [Theory]
    [InlineData(-1, 2, 3, 2)]
    [InlineData(2, -1, 2, 3)]
    [InlineData(6, 1, 6, 1)]
    [InlineData(0, 1, 6, 1)]
    public void A_reshape_may_be_told_minus_1_in_a_run(int first, int second, int rows, int columns) => new LayerCheck((network, _) =>
        {
            IShuffleLayer shuffle = network.AddShuffle(network.AddInput("x", DataType.Float, [6]));
            shuffle.SetInput(1, network.AddInput("shape", DataType.Int32, [2]));
            return [shuffle.GetOutput(0)];
        })
        .ProfileValues("shape", [-1, -1], [3, 2], [6, 6])
        .Feed("x", [6], new float[] { 1, 2, 3, 4, 5, 6 })
        .Feed("shape", [2], new[] { first, second })
        .Expect([rows, columns], new float[] { 1, 2, 3, 4, 5, 6 })
        .Run();
}
