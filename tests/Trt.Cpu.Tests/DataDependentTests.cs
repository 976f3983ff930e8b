using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Outputs whose shape only the run knows.</summary>
public class DataDependentTests
{
    [Fact]
    public void AnAllocatorIsAskedForTheMostAndToldTheShape()
    {
        using TestEngine test = new();
        ICudaEngine engine = PositionsAndSum(test);
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        using CudaStream stream = new(TestDevice.Current);
        CaseOutput where = new(memory);
        context.SetOutputAllocator("where", where);
        float[] sum = new float[1];
        context.SetTensorAddress("sum", memory.Add(sum));
        Assert.Equal<Dims>([2, -1], engine.GetTensorShape("where"));
        foreach (int rows in (int[])[1, 30, 4])
        {
            float[] x = [.. Enumerable.Range(0, rows * 3).Select(i => (float)(i * 7 % 5))];
            context.SetInputShape("x", [rows, 3]);
            context.SetTensorAddress("x", memory.Add(x));
            Assert.Empty(context.InferShapes());
            Assert.Equal<Dims>([2, -1], context.GetTensorShape("where"));
            long most = ((2 * 4 * rows * 3) + 511) / 512 * 512;
            Assert.Equal(most, context.GetMaxOutputSize("where"));
            context.EnqueueV3(stream);
            TestDevice.Synchronize(stream);
            int[] expected = [.. Enumerable.Range(0, x.Length).Where(i => x[i] != 0)];
            Assert.Equal((ulong)most, where.Sizes[^1]);
            Assert.Equal(new Dims(2, expected.Length), where.Shape);
            int[] actual = new int[2 * expected.Length];
            Buffer.BlockCopy(where.Bytes, 0, actual, 0, actual.Length * 4);
            Assert.Equal([.. expected.Select(i => i / 3), .. expected.Select(i => i % 3)], actual);
            Assert.Equal(actual.Sum(), sum[0]);
        }
    }

    [Fact]
    public void AnAddressWithRoomForTheMostIsEnough()
    {
        using TestEngine test = new();
        using IExecutionContext context = PositionsAndSum(test).CreateExecutionContext();
        using PinnedBuffers memory = new();
        context.SetInputShape("x", [2, 3]);
        int[] where = new int[context.GetMaxOutputSize("where") / 4];
        float[] sum = new float[1];
        context.ExecuteV2([memory.Add((float[])[0, 1, 0, 0, 0, 2]), memory.Add(where), memory.Add(sum)]);
        TestDevice.Synchronize();
        Assert.Equal([0, 1, 1, 2], where[..4]);
        Assert.Equal(4, sum[0]);
    }

    [Fact]
    public void WithoutMemoryTheRunIsRefused()
    {
        using TestEngine test = new();
        using IExecutionContext context = PositionsAndSum(test).CreateExecutionContext();
        using PinnedBuffers memory = new();
        context.SetInputShape("x", [2, 3]);
        context.SetTensorAddress("x", memory.Add(new float[6]));
        context.SetTensorAddress("sum", memory.Add(new float[1]));
        TensorRtException error = Assert.Throws<TensorRtException>(() => context.EnqueueV3(0));
        Assert.Contains("\"where\" is set", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunWhoseShapesAreFoundLateCannotBeRecorded()
    {
        using TestEngine test = new();
        using IExecutionContext context = PositionsAndSum(test).CreateExecutionContext();
        using PinnedBuffers memory = new();
        using CudaStream stream = new(TestDevice.Current);
        context.SetInputShape("x", [2, 3]);
        context.SetTensorAddress("x", memory.Add(new float[6]));
        context.SetTensorAddress("sum", memory.Add(new float[1]));
        context.SetOutputAllocator("where", new CaseOutput(memory));
        stream.BeginCapture();
        TensorRtException error = Assert.Throws<TensorRtException>(() => context.EnqueueV3(stream));
        Assert.Contains("cannot be recorded", error.Message, StringComparison.Ordinal);
        using CudaGraph graph = stream.EndCapture();
    }

    [Fact]
    public void AnAllocatorThatThrowsIsNamed()
    {
        using TestEngine test = new();
        using IExecutionContext context = PositionsAndSum(test).CreateExecutionContext();
        using PinnedBuffers memory = new();
        context.SetInputShape("x", [2, 3]);
        context.SetTensorAddress("x", memory.Add(new float[6]));
        context.SetTensorAddress("sum", memory.Add(new float[1]));
        context.SetOutputAllocator("where", new Throwing());
        TensorRtException error = Assert.Throws<TensorRtException>(() => context.EnqueueV3(0));
        Assert.Contains("allocator of where threw", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownExtentsHaveLimitsAndCannotBeEvaluated()
    {
        DimExpr limited = DimExpr.Unknown(3, 1, 0, DimExpr.Extent(0, 1) * 4);
        DimExpr sum = DimExpr.FloorDiv((limited * 2) + 5, DimExpr.Constant(3));
        Sizes sizes = new(7);
        Assert.Equal(-1, sum.Visible);
        Assert.Equal((1L, ((7 * 4 * 2) + 5) / 3L), sum.Bounds(sizes));
        Assert.Equal((-28L, 0L), (limited * -1).Bounds(sizes));
        Assert.Null((limited + DimExpr.Unknown(3, 0, 0, null)).Bounds(sizes));
        Assert.Throws<InvalidOperationException>(() => sum.Evaluate(sizes));
        Assert.Equal(sum, DimExprText.Parse(sum.ToString(), 1));
        Assert.Equal(DimExpr.Unknown(5, 2, null), DimExprText.Parse("u5.2", 0));
        foreach (string wrong in (string[])["u5", "(u5.2)", "(u5.2 3 4)", "(u5.2 d9.0)", "u-1.0"])
        {
            Assert.Throws<FormatException>(() => DimExprText.Parse(wrong, 1));
        }
    }

    /// <summary>Positions of what is not 0 in a table, and the sum of all their numbers.</summary>
    private static ICudaEngine PositionsAndSum(TestEngine test)
    {
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1, 3]);
        ITensor where = network.AddNonZero(x).GetOutput(0);
        where.Name = "where";
        network.MarkOutput(where);
        IShuffleLayer flat = network.AddShuffle(where);
        flat.ReshapeDimensions = [-1];
        ITensor numbers = network.AddCast(flat.GetOutput(0), DataType.Float).GetOutput(0);
        ITensor sum = network.AddReduce(numbers, ReduceOperation.Sum, 1, true).GetOutput(0);
        sum.Name = "sum";
        network.MarkOutput(sum);
        Assert.Equal<Dims>([-1], numbers.Dimensions);
        return test.Load(test.Plan(network, config =>
        {
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            profile.SetDimensions("x", OptProfileSelector.Min, [1, 3]);
            profile.SetDimensions("x", OptProfileSelector.Opt, [2, 3]);
            profile.SetDimensions("x", OptProfileSelector.Max, [40, 3]);
            config.AddOptimizationProfile(profile);
        }));
    }

    private sealed class Throwing : IOutputAllocator
    {
        public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment) => throw new InvalidOperationException("no room");

        public void NotifyShape(string tensorName, Dims dims)
        {
        }
    }

    private sealed class Sizes(long extent) : IDimSource
    {
        public long Extent(int input, int axis) => extent;

        public long Value(int input, int element) => 0;
    }
}
