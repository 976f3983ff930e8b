using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Shapes that only a run knows: what the engine says beforehand is what comes out, with the right values.</summary>
public class DynamicShapeTests
{
    [Theory]
    [InlineData(1, 5, 7)]
    [InlineData(3, 8, 4)]
    public void PoolingThenReshapeWithPlaceholderAndWildcard(int batch, int height, int width)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1, 2, -1, -1]);
        IPoolingLayer pool = network.AddPoolingNd(x, PoolingType.Max, [2, 2]);
        pool.StrideNd = [2, 2];
        pool.PaddingMode = PaddingMode.SameUpper;
        IShuffleLayer flat = network.AddShuffle(pool.GetOutput(0));
        flat.ReshapeDimensions = [0, -1];
        Mark(network, flat.GetOutput(0));
        float[] data = [.. Enumerable.Range(0, batch * 2 * height * width).Select(i => (float)((i * 37) % 101))];
        (Dims shape, float[] y) = Run(test, network, "x", data, [batch, 2, height, width], [1, 2, 1, 1], [4, 2, 9, 9]);
        int rows = (height + 1) / 2;
        int columns = (width + 1) / 2;
        Assert.Equal(new Dims(batch, 2 * rows * columns), shape);
        for (int i = 0; i < y.Length; i++)
        {
            (int plane, int row, int column) = (i / (rows * columns), i / columns % rows, i % columns);
            float expected = float.NegativeInfinity;
            for (int r = row * 2; r < Math.Min((row * 2) + 2, height); r++)
            {
                for (int c = column * 2; c < Math.Min((column * 2) + 2, width); c++)
                {
                    expected = Math.Max(expected, data[(((plane * height) + r) * width) + c]);
                }
            }

            Assert.Equal(expected, y[i]);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void ConcatenationReduceAndMatrixProduct(int rows)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1, 3]);
        IConcatenationLayer twice = network.AddConcatenation([x, x]);
        twice.Axis = 0;
        ITensor gram = network.AddMatrixMultiply(twice.GetOutput(0), MatrixOperation.None, x, MatrixOperation.Transpose).GetOutput(0);
        ITensor sum = network.AddReduce(gram, ReduceOperation.Sum, 1 << 1, false).GetOutput(0);
        Mark(network, sum);
        float[] data = [.. Enumerable.Range(0, rows * 3).Select(i => (float)(i - 4))];
        (Dims shape, float[] y) = Run(test, network, "x", data, [rows, 3], [1, 3], [8, 3]);
        Assert.Equal(new Dims(rows * 2), shape);
        for (int i = 0; i < y.Length; i++)
        {
            float expected = Enumerable.Range(0, rows).Sum(row => Enumerable.Range(0, 3).Sum(k => data[(i % rows * 3) + k] * data[(row * 3) + k]));
            Assert.Equal(expected, y[i]);
        }
    }

    [Fact]
    public void DimensionsThatMustMatchAreCheckedInTheRun()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        IShuffleLayer pairs = network.AddShuffle(network.AddInput("x", DataType.Float, [-1]));
        pairs.ReshapeDimensions = [-1, 2];
        Mark(network, pairs.GetOutput(0));
        Assert.Equal(new Dims(3, 2), Run(test, network, "x", new float[6], [6], [2], [10]).Shape);
        TensorRtException error = Assert.Throws<TensorRtException>(() => Run(test, network, "x", new float[7], [7], [2], [10]));
        Assert.Contains("Error Code 4: Shape Error ((Unnamed Layer* 0) [Shuffle]: reshape changes volume from 7 to 6", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DivisionByZeroOfIntegersDoesNotStopTheProcess()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Int32, [3]);
        ITensor divisor = network.AddConstant([3], Weights.From((int[])[0, -1, 2])).GetOutput(0);
        Mark(network, network.AddElementWise(x, divisor, ElementWiseOperation.Div).GetOutput(0));
        using IExecutionContext context = test.Load(test.Plan(network)).CreateExecutionContext();
        using PinnedBuffers memory = new();
        int[] y = new int[3];
        context.ExecuteV2([memory.Add((int[])[7, int.MinValue, -7]), memory.Add(y)]);
        TestDevice.Synchronize();
        Assert.Equal([-1, int.MinValue, -3], y);
    }

    private static void Mark(INetworkDefinition network, ITensor tensor)
    {
        tensor.Name = "y";
        network.MarkOutput(tensor);
    }

    private static (Dims Shape, float[] Values) Run(TestEngine test, INetworkDefinition network, string input, float[] data, Dims shape, Dims least, Dims greatest)
    {
        ICudaEngine engine = test.Load(test.Plan(network, config =>
        {
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            profile.SetDimensions(input, OptProfileSelector.Min, least);
            profile.SetDimensions(input, OptProfileSelector.Opt, greatest);
            profile.SetDimensions(input, OptProfileSelector.Max, greatest);
            config.AddOptimizationProfile(profile);
        }));
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        context.SetInputShape(input, shape);
        context.InferShapes();
        Dims result = context.GetTensorShape("y");
        float[] y = new float[result.Volume];
        context.ExecuteV2([memory.Add(data), memory.Add(y)]);
        TestDevice.Synchronize();
        return (result, y);
    }
}
