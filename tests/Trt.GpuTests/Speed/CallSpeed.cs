using System.Text;
using Trt.Interop;
using Trt.Interop.Core;

namespace Trt.GpuTests;

/// <summary>Calls of one context in C# against the same calls in C++, on the same objects.</summary>
internal sealed unsafe class CallSpeed(NativeLoops loops, TensorRtLibrary library, ICudaEngine engine, IExecutionContext context, Action<string, Turns, double> report)
{
    private readonly int major = library.Version.Major == 8 ? 8 : 10;
    private readonly void* nativeEngine = ((NativeObject)engine).Address;
    private readonly void* nativeContext = ((NativeObject)context).Address;

    /// <summary>Milliseconds before each measurement.</summary>
    public int Warm { get; init; } = 40;

    /// <summary>Measures, and reports the figures with the ratio's limit.</summary>
    public void Line(string name, double limit, Func<long, long> native, Action<long> managed, long calls, Action? after = null, int blocks = 41) =>
        report(name, Turns.Measure(native, managed, calls, after, blocks, Warm), limit);

    /// <summary>The calls that do no work on the device.</summary>
    public void Small(string input, Dims shape, nint address)
    {
        byte[] utf8 = [.. Encoding.UTF8.GetBytes(input), 0];
        ReadOnlyMemory<byte> name = utf8.AsMemory(0, utf8.Length - 1);
        long[] extents = shape.ToArray();
        Line("getNbIOTensors", 1.25, times => loops.NbIOTensors(major, nativeEngine, times), times =>
        {
            long sum = 0;
            for (long i = 0; i < times; i++)
            {
                sum += engine.NbIOTensors;
            }

            GC.KeepAlive(sum);
        }, 5000);
        Line("setTensorAddress, name as UTF-8", 1.1, times => NativeSet(utf8, address, times), times =>
        {
            ReadOnlySpan<byte> text = name.Span;
            for (long i = 0; i < times; i++)
            {
                context.SetTensorAddress(text, address);
            }
        }, 1000);
        Line("setTensorAddress, name as string", 1.1, times => NativeSet(utf8, address, times), times =>
        {
            for (long i = 0; i < times; i++)
            {
                context.SetTensorAddress(input, address);
            }
        }, 1000);
        Line("setInputShape, name as UTF-8", 1.1, times => NativeShape(utf8, extents, times), times =>
        {
            ReadOnlySpan<byte> text = name.Span;
            for (long i = 0; i < times; i++)
            {
                context.SetInputShape(text, shape);
            }
        }, 1000);
        Line("getTensorShape, name as UTF-8", 1.25, times => NativeGet(utf8, times), times =>
        {
            ReadOnlySpan<byte> text = name.Span;
            for (long i = 0; i < times; i++)
            {
                _ = context.GetTensorShape(text);
            }
        }, 1000);
    }

    /// <summary>Enqueues, and enqueues with waits.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="calls">Calls of a block; few enough for the launch queue.</param>
    /// <param name="wait">Waits for the stream.</param>
    public void Runs(nint stream, int calls, Action wait)
    {
        Line("enqueueV3", 1.02, times => loops.Enqueue(major, nativeContext, stream, times), times =>
        {
            for (long i = 0; i < times; i++)
            {
                context.EnqueueV3(stream);
            }
        }, calls, wait);
        Line("enqueueV3 + synchronize", 1.02, times => loops.EnqueueAndWait(major, nativeContext, stream, times), times =>
        {
            for (long i = 0; i < times; i++)
            {
                context.EnqueueV3(stream);
                wait();
            }
        }, calls);
    }

    private long NativeSet(byte[] name, nint address, long times)
    {
        fixed (byte* text = name)
        {
            return loops.SetTensorAddress(major, nativeContext, text, address, times);
        }
    }

    private long NativeShape(byte[] name, long[] extents, long times)
    {
        fixed (byte* text = name)
        fixed (long* values = extents)
        {
            return loops.SetInputShape(major, nativeContext, text, values, extents.Length, times);
        }
    }

    private long NativeGet(byte[] name, long times)
    {
        fixed (byte* text = name)
        {
            return loops.TensorShape(major, nativeContext, text, times);
        }
    }
}
