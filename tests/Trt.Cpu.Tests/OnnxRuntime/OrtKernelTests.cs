using Trt.Cpu.OnnxRuntime;
using Xunit;

namespace Trt.Cpu.Tests.OnnxRuntime;

/// <summary>Operators that managed code computes.</summary>
public sealed unsafe class OrtKernelTests
{
    private static readonly OrtElementType[] One = [OrtElementType.Float];

    [Fact]
    public void AKernelSeesItsInputsAndMakesItsOutputs()
    {
        TestKernel kernel = new("Split", One, [OrtElementType.Float, OrtElementType.Int64], (in OrtKernelCall call) =>
        {
            Span<long> room = stackalloc long[8];
            float* x = (float*)call.Input(0, room, out Span<long> shape);
            Assert.Equal(call.Rank(0), shape.Length);
            float* positive = (float*)call.Output(0, shape);
            long* extents = (long*)call.Output(1, [shape.Length]);
            for (int i = 0; i < shape[0] * shape[1]; i++)
            {
                positive[i] = x[i] * 10;
            }

            shape.CopyTo(new Span<long>(extents, shape.Length));
        });
        byte[] model = new TinyModel().Input("x", OrtElementType.Float, "a", "b").Node(OrtKernelSet.Domain, "Split", ["x"], ["t", "s"]).Node("Neg", ["t"], ["y"])
            .Output("y", OrtElementType.Float, "a", "b").Output("s", OrtElementType.Int64, 2).ToModel();
        using OrtSession session = OrtSession.Create(model, new OrtSessionSettings { Kernels = [kernel] });
        using OrtBinding binding = session.CreateBinding();
        using NativeArray<float> x = new(1, 2, 3, 4, 5, 6), y = new(0, 0, 0, 0, 0, 0);
        using NativeArray<long> s = new(0, 0);
        binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [2, 3]);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [2, 3]);
        binding.BindOutput(1, s.Data, s.Bytes, OrtElementType.Int64, [2]);
        binding.Run();
        Assert.Equal([-10f, -20, -30, -40, -50, -60], y.Span.ToArray());
        Assert.Equal([2L, 3], s.Span.ToArray());
    }

    [Fact]
    public void AKernelMayMakeAnOutputOfWhateverSize()
    {
        TestKernel kernel = new("Positive", One, One, (in OrtKernelCall call) =>
        {
            float* x = (float*)call.Input(0, stackalloc long[1], out Span<long> shape);
            float[] kept = [.. new ReadOnlySpan<float>(x, (int)shape[0]).ToArray().Where(value => value > 0)];
            kept.CopyTo(new Span<float>((float*)call.Output(0, [kept.Length]), kept.Length));
        });
        using OrtSession session = OrtSession.Create(Through("Positive"), new OrtSessionSettings { Kernels = [kernel] });
        using OrtBinding binding = session.CreateBinding();
        foreach ((float[] data, float[] expected) in ((float[], float[])[])[([1, -2, 3], [1, 3]), ([-1, -2], []), ([7], [7])])
        {
            using NativeArray<float> x = new(data);
            binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [data.Length]);
            binding.BindOutput(0);
            binding.Run();
            OrtOutput y = binding.GetOutput(0);
            Assert.Equal([expected.Length], y.Shape);
            Assert.Equal(expected, new ReadOnlySpan<float>((void*)y.Data, expected.Length).ToArray());
        }
    }

    [Fact]
    public void WhatAKernelThrowsComesOutOfTheRun()
    {
        bool fails = true;
        TestKernel kernel = new("Moody", One, One, (in OrtKernelCall call) =>
        {
            nint x = call.Input(0, stackalloc long[1], out Span<long> shape);
            if (fails)
            {
                throw new InvalidDataException("not today");
            }

            Buffer.MemoryCopy((void*)x, (void*)call.Output(0, shape), shape[0] * 4, shape[0] * 4);
        });
        using OrtSession session = OrtSession.Create(Through("Moody"), new OrtSessionSettings { Kernels = [kernel] });
        using OrtBinding binding = session.CreateBinding();
        using NativeArray<float> x = new(1, 2), y = new(0, 0);
        binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [2]);
        binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [2]);
        OrtException error = Assert.Throws<OrtException>(binding.Run);
        Assert.Equal("not today", Assert.IsType<InvalidDataException>(error.InnerException).Message);
        Assert.Contains("not today", error.Message, StringComparison.Ordinal);
        Assert.Null(OrtBinding.Running);

        fails = false;
        binding.Run();
        Assert.Equal([1f, 2], y.Span.ToArray());
    }

    [Fact]
    public void EachRunHasItsOwnState()
    {
        TestKernel kernel = new("Tell", One, One, (in OrtKernelCall call) =>
        {
            call.Input(0, stackalloc long[1], out Span<long> shape);
            new Span<float>((void*)call.Output(0, shape), (int)shape[0]).Fill((float)call.State!);
        });
        using OrtSession session = OrtSession.Create(Through("Tell"), new OrtSessionSettings { Kernels = [kernel], IntraOpThreads = 1 });
        Parallel.For(0, 8, number =>
        {
            using OrtBinding binding = session.CreateBinding();
            binding.State = (float)number;
            using NativeArray<float> x = new(0), y = new(-1);
            binding.BindInput(0, x.Data, x.Bytes, OrtElementType.Float, [1]);
            binding.BindOutput(0, y.Data, y.Bytes, OrtElementType.Float, [1]);
            for (int run = 0; run < 50; run++)
            {
                y.Span[0] = -1;
                binding.Run();
                Assert.Equal(number, y.Span[0]);
            }
        });
    }

    [Fact]
    public void KernelsLiveAsLongAsTheSession()
    {
        (OrtSession session, WeakReference kernel) = Make();
        Collect();
        Assert.True(kernel.IsAlive);
        session.Dispose();
        Collect();
        Assert.False(kernel.IsAlive);

        static (OrtSession, WeakReference) Make()
        {
            TestKernel kernel = new("Gone", One, One, (in OrtKernelCall call) => throw new InvalidOperationException());
            return (OrtSession.Create(Through("Gone"), new OrtSessionSettings { Kernels = [kernel] }), new WeakReference(kernel));
        }

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
    }

    [Fact]
    public void AnOperatorThatNobodyRegisteredIsRefused()
    {
        OrtException error = Assert.Throws<OrtException>(() => OrtSession.Create(Through("Nobody"), new OrtSessionSettings()));
        Assert.Contains("Nobody", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Through(string operation) => new TinyModel().Input("x", OrtElementType.Float, "n").Node(OrtKernelSet.Domain, operation, ["x"], ["y"])
        .Output("y", OrtElementType.Float, "m").ToModel();
}
