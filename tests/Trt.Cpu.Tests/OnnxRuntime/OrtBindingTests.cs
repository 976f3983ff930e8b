using Trt.Cpu.OnnxRuntime;
using Xunit;

namespace Trt.Cpu.Tests.OnnxRuntime;

public class OrtBindingTests
{
    private static readonly OrtSessionSettings OneThread = new() { IntraOpThreads = 1 };

    [Fact]
    public void OutputIsWrittenWhereItWasBound()
    {
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 4), OneThread);
        Assert.Equal(["a", "b"], session.InputNames);
        Assert.Equal(["y"], session.OutputNames);
        using NativeArray<float> a = new(1, 2, 3, 4), b = new(10, 20, 30, 40), first = new(0, 0, 0, 0), second = new(0, 0, 0, 0);
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [4]);
        binding.BindInput(1, b.Data, b.Bytes, OrtElementType.Float, [4]);
        binding.BindOutput(0, first.Data, first.Bytes, OrtElementType.Float, [4]);
        binding.Run();
        Assert.Equal([11f, 22f, 33f, 44f], first.Span.ToArray());
        OrtOutput output = binding.GetOutput(0);
        Assert.Equal((first.Data, 16L, OrtElementType.Float), (output.Data, output.Bytes, output.Type));
        Assert.Equal([4L], output.Shape);

        // Inputs are read where they lie, in every run, and the first buffer is left alone once another is bound.
        a.Span.Fill(5);
        binding.BindOutput(0, second.Data, second.Bytes, OrtElementType.Float, [4]);
        binding.Run();
        Assert.Equal([15f, 25f, 35f, 45f], second.Span.ToArray());
        Assert.Equal([11f, 22f, 33f, 44f], first.Span.ToArray());
    }

    [Fact]
    public void RunsAllocateNoManagedMemory()
    {
        long[] shape = [64]; // Written in place it would allocate here, in code that is not optimised.
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, "n"), OneThread);
        using NativeArray<float> a = new(new float[64]), b = new(new float[64]), y = new(new float[64]), z = new(new float[64]);
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, shape);
        binding.BindInput(1, b.Data, b.Bytes, OrtElementType.Float, shape);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, shape);
        binding.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            a.Span[0] = i;
            binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, shape);
            binding.BindOutput(0, i % 2 == 0 ? y.Data : z.Data, y.Bytes, OrtElementType.Float, shape);
            binding.Run();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.Equal((998f, 999f), (y.Span[0], z.Span[0]));
    }

    [Fact]
    public void ShapesMayChangeBetweenRuns()
    {
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Int32, "n", "m"), OneThread);
        using NativeArray<int> a = new([.. Enumerable.Range(0, 12)]), y = new(new int[12]);
        using OrtBinding binding = session.CreateBinding();
        foreach (long[] shape in (long[][])[[3, 4], [2, 2], [0, 4], [4, 3], [1, 1]])
        {
            y.Span.Fill(-1);
            binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Int32, shape);
            binding.BindInput(1, a.Data, a.Bytes, OrtElementType.Int32, shape);
            binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Int32, shape);
            binding.Run();
            int count = (int)(shape[0] * shape[1]);
            Assert.Equal(Enumerable.Range(0, 12).Select(i => i < count ? 2 * i : -1), y.Span.ToArray());
        }
    }

    [Fact]
    public void EmptyTensorsNeedNoMemory()
    {
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, "n"), OneThread);
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, 0, 0, OrtElementType.Float, [0]);
        binding.BindInput(1, 0, 0, OrtElementType.Float, [0]);
        binding.BindOutput(0);
        binding.Run();
        OrtOutput output = binding.GetOutput(0);
        Assert.Equal(0, output.Bytes);
        Assert.Equal([0L], output.Shape);
    }

    [Fact]
    public unsafe void OutputsOfUnknownShapeAreAllocatedAnewInEveryRun()
    {
        using OrtSession session = OrtSession.Create(TinyModel.NonZero(), OneThread);
        using NativeArray<float> x = new(new float[6]), negated = new(new float[6]);
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [6]);
        binding.BindOutput(1, negated.Data, negated.Bytes, OrtElementType.Float, [6]);
        binding.BindOutput(0);
        Assert.Throws<InvalidOperationException>(() => binding.GetOutput(0));
        foreach (long[] positions in (long[][])[[1, 4], [0, 1, 2, 3, 4, 5], [], [5]])
        {
            x.Span.Clear();
            Array.ForEach(positions, position => x.Span[(int)position] = position + 1);
            binding.Run();
            OrtOutput indices = binding.GetOutput(0);
            Assert.Equal(OrtElementType.Int64, indices.Type);
            Assert.Equal([1L, positions.Length], indices.Shape);
            Assert.Equal(8L * positions.Length, indices.Bytes);
            Assert.Equal(positions, new ReadOnlySpan<long>((void*)indices.Data, positions.Length).ToArray());
            Assert.Equal(negated.Data, binding.GetOutput(1).Data);
            Assert.Equal(x.Span.ToArray().Select(value => -value), negated.Span.ToArray());
        }
    }

    [Theory]
    [InlineData("shape")]
    [InlineData("type")]
    [InlineData("output")]
    [InlineData("missing")]
    public void RefusedRunsSayWhyAndTheBindingRecovers(string mistake)
    {
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 4), OneThread);
        using NativeArray<float> a = new(1, 2, 3, 4), y = new(0, 0, 0, 0);
        using OrtBinding binding = session.CreateBinding();
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, mistake == "output" ? [2] : [4]);
        binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [4]);
        if (mistake != "missing")
        {
            binding.BindInput(1, a.Data, a.Bytes, mistake == "type" ? OrtElementType.Int32 : OrtElementType.Float, mistake == "shape" ? [3] : [4]);
        }

        OrtException exception = Assert.Throws<OrtException>(binding.Run);
        Assert.StartsWith($"ONNX Runtime {OrtEnvironment.Instance.Version} could not run the model: ", exception.Message);
        Assert.NotEqual(0, exception.Code);
        Assert.Throws<InvalidOperationException>(() => binding.GetOutput(0));

        binding.BindInput(1, a.Data, a.Bytes, OrtElementType.Float, [4]);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [4]);
        binding.Run();
        Assert.Equal([2f, 4f, 6f, 8f], y.Span.ToArray());
    }

    [Fact]
    public void WrongMemoryIsRefusedBeforeItIsRead()
    {
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 4), OneThread);
        using NativeArray<float> a = new(1, 2, 3);
        OrtBinding binding = session.CreateBinding();
        ArgumentException small = Assert.Throws<ArgumentException>(() => binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [4]));
        Assert.Contains("a of shape 4 and type Float takes 16 bytes, but was given 12", small.Message);
        Assert.Contains("no memory", Assert.Throws<ArgumentException>(() => binding.BindOutput(0, 0, 16, OrtElementType.Float, [4])).Message);
        Assert.Throws<ArgumentException>(() => binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [-1]));
        Assert.Throws<ArgumentException>(() => binding.BindInput(0, a.Data, a.Bytes, OrtElementType.String, [1]));
        Assert.Throws<OverflowException>(() => binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [long.MaxValue, 3]));
        Assert.Contains("2 inputs (a, b)", Assert.Throws<ArgumentOutOfRangeException>(() => binding.BindInput(2, a.Data, 4, OrtElementType.Float, [1])).Message);
        Assert.Contains("1 outputs (y)", Assert.Throws<ArgumentOutOfRangeException>(() => binding.BindOutput(-1)).Message);
        binding.Dispose();
        binding.Dispose();
        Assert.Throws<ObjectDisposedException>(binding.Run);
        Assert.Throws<ObjectDisposedException>(() => binding.BindOutput(0));
    }

    [Fact]
    public void TerminateEndsARunAndTheNextOneWorks()
    {
        using OrtSession session = OrtSession.Create(TinyModel.Count(), OneThread);
        using NativeArray<long> trips = new(long.MaxValue);
        using NativeArray<float> x = new(0f), y = new(0f);
        using OrtBinding binding = session.CreateBinding();
        binding.BindInput(0, trips.Data, trips.Bytes, OrtElementType.Int64, []);
        binding.BindInput(1, x.Data, x.Bytes, OrtElementType.Float, []);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, []);
        binding.Terminate(); // Nothing runs, so nothing is to end.
        OrtException? caught = null;
        Thread runner = new(() => caught = Record.Exception(binding.Run) as OrtException);
        runner.Start();
        while (runner.IsAlive)
        {
            binding.Terminate();
            Thread.Yield();
        }

        runner.Join();
        Assert.NotNull(caught);
        Assert.Contains("terminated", caught.Message);

        trips.Span[0] = 1000;
        x.Span[0] = 5;
        binding.Run();
        Assert.Equal(1005f, y.Span[0]);
    }

    [Fact]
    public void SessionLivesUntilItsLastBindingGoes()
    {
        OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 1), OneThread);
        using NativeArray<float> a = new(2f), y = new(0f);
        using OrtBinding binding = session.CreateBinding();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(session.CreateBinding);
        Assert.Throws<ObjectDisposedException>(session.EndProfiling);
        binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [1]);
        binding.BindInput(1, a.Data, a.Bytes, OrtElementType.Float, [1]);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [1]);
        binding.Run();
        Assert.Equal(4f, y.Span[0]);
    }

    [Fact]
    public void BindingsOfOneSessionRunAtOnce()
    {
        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 1), OneThread);
        float[] sums = new float[8];
        Parallel.For(0, sums.Length, new ParallelOptions { MaxDegreeOfParallelism = sums.Length }, worker =>
        {
            using NativeArray<float> a = new(worker), b = new(0f), y = new(0f);
            using OrtBinding binding = session.CreateBinding();
            binding.BindInput(0, a.Data, a.Bytes, OrtElementType.Float, [1]);
            binding.BindInput(1, b.Data, b.Bytes, OrtElementType.Float, [1]);
            binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [1]);
            for (int i = 0; i < 200; i++)
            {
                b.Span[0] = i;
                binding.Run();
                sums[worker] += y.Span[0];
            }
        });
        Assert.Equal(Enumerable.Range(0, 8).Select(worker => (200f * worker) + (199 * 200 / 2)), sums);
    }

    [Fact]
    public void ForgottenBindingsAndSessionsAreCollected()
    {
        for (int i = 0; i < 50; i++)
        {
            Forget();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using OrtSession session = OrtSession.Create(TinyModel.Add(OrtElementType.Float, 1), OneThread);
        Assert.Equal(["y"], session.OutputNames);

        static void Forget() => OrtSession.Create(TinyModel.Add(OrtElementType.Float, 1), OneThread).CreateBinding().BindOutput(0);
    }
}
