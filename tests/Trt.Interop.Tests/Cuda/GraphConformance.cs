using System.Runtime.CompilerServices;
using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Capture and replay.</summary>
internal static class GraphConformance
{
    internal static readonly ConformanceCase[] Cases =
    [
        new("a graph replays what was captured", Replay),
        new("capture follows events into other streams", ForkAndJoin),
        new("a side stream that was not joined is refused", Unjoined),
        new("waiting in a capture spoils it, and only it", Spoilt),
        new("an instantiated graph takes new addresses of the same shape", Update),
        new("a graph keeps its callbacks alive", CallbacksLive),
        new("what a captured callback throws comes out of the stream", FailingReplay),
        new("misplaced calls around a capture are refused", Misplaced),
    ];

    private static void Replay(Device device)
    {
        using CudaStream stream = new(device);
        using PinnedMemory<int> input = new(256, device);
        using PinnedMemory<int> output = new(256, device);
        using DeviceMemory<int> first = new(256, device);
        using DeviceMemory<int> second = new(256, device);
        output.Span.Fill(-1);
        int calls = 0;
        stream.BeginCapture();
        Expect.True(stream.IsCapturing);
        Expect.Equal(CaptureStatus.Active, stream.CaptureStatus);
        first.CopyFromAsync(input, stream);
        second.CopyFromAsync(first, stream);
        second.Slice(0, 8).FillAsync(99, stream);
        stream.Enqueue(() => calls++);
        second.CopyToAsync(output, stream);
        using CudaGraph graph = stream.EndCapture();
        Expect.True(!stream.IsCapturing);
        Expect.Equal(5L, graph.NodeCount);
        stream.Synchronize();
        Expect.Equal(0, calls);
        Expect.Equal(-1, output.Span[0]);
        using CudaGraphExec exec = graph.Instantiate();
        for (int round = 1; round <= 5; round++)
        {
            input.Span.Fill(round);
            exec.Launch(stream);
            stream.Synchronize();
            Expect.Equal(round, calls);
            Expect.True(output.Span[..8].IndexOfAnyExcept(99) < 0);
            Expect.True(output.Span[8..].IndexOfAnyExcept(round) < 0);
        }

        exec.Launch(device.DefaultStream);
        device.DefaultStream.Synchronize();
        Expect.Equal(6, calls);
    }

    private static void ForkAndJoin(Device device)
    {
        using CudaStream main = new(device);
        using CudaStream side = new(device);
        using CudaEvent fork = new(device, EventFlags.DisableTiming);
        using CudaEvent join = new(device, EventFlags.DisableTiming);
        using DeviceMemory<int> left = new(100, device);
        using DeviceMemory<int> right = new(100, device);
        using PinnedMemory<int> output = new(200, device);
        main.BeginCapture();
        left.FillAsync(1, main);
        main.Record(fork);
        side.Wait(fork);
        Expect.True(side.IsCapturing);
        right.CopyFromAsync(left, side);
        right.Slice(0, 50).FillAsync(2, side);
        side.Record(join);
        left.Slice(50, 50).FillAsync(3, main);
        main.Wait(join);
        left.CopyToAsync(output.Slice(0, 100), main);
        right.CopyToAsync(output.Slice(100, 100), main);
        using CudaGraph graph = main.EndCapture();
        Expect.True(!side.IsCapturing);
        using CudaGraphExec exec = graph.Instantiate();
        exec.Launch(side);
        side.Synchronize();
        Expect.True(output.Span[..50].IndexOfAnyExcept(1) < 0);
        Expect.True(output.Span[50..100].IndexOfAnyExcept(3) < 0 || output.Span[50..100].IndexOfAnyExcept(1) < 0);
        Expect.True(output.Span[100..150].IndexOfAnyExcept(2) < 0);
    }

    private static void Unjoined(Device device)
    {
        using CudaStream main = new(device);
        using CudaStream side = new(device);
        using CudaEvent fork = new(device, EventFlags.DisableTiming);
        using DeviceMemory<int> memory = new(100, device);
        main.BeginCapture();
        memory.ClearAsync(main);
        main.Record(fork);
        side.Wait(fork);
        memory.FillAsync(1, side);
        Expect.Fails(CudaResult.StreamCaptureUnjoined, () => main.EndCapture().Dispose());
        Expect.True(!main.IsCapturing && !side.IsCapturing);
        memory.FillAsync(4, side);
        side.Synchronize();
        Expect.Equal(400, memory.ToArray().Sum());
    }

    private static void Spoilt(Device device)
    {
        using CudaStream stream = new(device);
        using DeviceMemory<int> memory = new(10, device);
        stream.BeginCapture();
        memory.ClearAsync(stream);
        Expect.Fails(CudaResult.StreamCaptureUnsupported, stream.Synchronize);
        Expect.Equal(CaptureStatus.Invalidated, stream.CaptureStatus);
        Expect.Fails(CudaResult.StreamCaptureInvalidated, () => stream.EndCapture().Dispose());
        Expect.Equal(CaptureStatus.None, stream.CaptureStatus);
        memory.FillAsync(6, stream);
        stream.Synchronize();
        Expect.Equal(60, memory.ToArray().Sum());
    }

    private static void Update(Device device)
    {
        using CudaStream stream = new(device);
        using PinnedMemory<int> one = new(16, device);
        using PinnedMemory<int> two = new(16, device);
        using DeviceMemory<int> memory = new(16, device);
        one.Span.Fill(1);
        two.Span.Fill(2);
        using CudaGraph first = Capture(one, 0);
        using CudaGraph second = Capture(two, 0);
        using CudaGraph longer = Capture(two, 1);
        using CudaGraphExec exec = first.Instantiate();
        exec.Launch(stream);
        stream.Synchronize();
        Expect.Equal(16, memory.ToArray().Sum());
        Expect.True(exec.TryUpdate(second));
        exec.Launch(stream);
        stream.Synchronize();
        Expect.Equal(32, memory.ToArray().Sum());
        Expect.True(!exec.TryUpdate(longer));

        CudaGraph Capture(PinnedMemory<int> source, int fills)
        {
            stream.BeginCapture();
            memory.CopyFromAsync(source, stream);
            for (int i = 0; i < fills; i++)
            {
                memory.FillAsync(9, stream);
            }

            return stream.EndCapture();
        }
    }

    private static void CallbacksLive(Device device)
    {
        using CudaStream stream = new(device);
        int[] counter = [0];
        (CudaGraphExec exec, WeakReference callback) = Make(stream, counter);
        for (int i = 0; i < 3; i++)
        {
            Collect();
            exec.Launch(stream);
            stream.Synchronize();
        }

        Expect.Equal(3, counter[0]);
        Expect.True(callback.IsAlive);
        exec.Dispose();
        exec = null!;

        // The driver lets go of it on a thread of its own, so give that time.
        bool gone = SpinWait.SpinUntil(() =>
        {
            Collect();
            return !callback.IsAlive;
        }, TimeSpan.FromSeconds(10));
        Expect.True(gone, "the callback is freed with the last graph that may call it");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (CudaGraphExec Exec, WeakReference Callback) Make(CudaStream stream, int[] counter)
        {
            Action callback = () => counter[0]++;
            stream.BeginCapture();
            stream.Enqueue(callback);
            using CudaGraph graph = stream.EndCapture();
            return (graph.Instantiate(), new WeakReference(callback));
        }

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static void FailingReplay(Device device)
    {
        using CudaStream stream = new(device);
        bool fail = true;
        int calls = 0;
        stream.BeginCapture();
        stream.Enqueue(() =>
        {
            if (fail)
            {
                throw new InvalidDataException("replay");
            }
        });
        stream.Enqueue(() => calls++);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec exec = graph.Instantiate();
        exec.Launch(stream);
        Expect.Throws<InvalidDataException>(stream.Synchronize, "replay");
        Expect.Equal(0, calls);
        fail = false;
        exec.Launch(stream);
        stream.Synchronize();
        Expect.Equal(1, calls);
    }

    private static void Misplaced(Device device)
    {
        using CudaStream stream = new(device);
        using CudaEvent outside = new(device);
        using CudaEvent inside = new(device);
        Expect.Throws<CudaException>(() => stream.EndCapture().Dispose());
        Expect.Fails(CudaResult.StreamCaptureUnsupported, () => device.DefaultStream.BeginCapture());
        stream.BeginCapture();
        Expect.Throws<CudaException>(() => stream.BeginCapture());
        Expect.Fails(CudaResult.StreamCaptureUnsupported, () => DeviceMemory<int>.AllocateAsync(1, stream));
        stream.Record(inside);
        stream.EndCapture().Dispose();
        Expect.Fails(CudaResult.InvalidValue, inside.Synchronize);
        stream.BeginCapture();
        stream.Record(inside);
        Expect.Fails(CudaResult.CapturedEvent, inside.Synchronize);
        Expect.Fails(CudaResult.StreamCaptureInvalidated, () => stream.EndCapture().Dispose());
        stream.Record(outside);
        stream.BeginCapture();
        Expect.Fails(CudaResult.StreamCaptureIsolation, () => stream.Wait(outside));
        Expect.Throws<CudaException>(() => stream.EndCapture().Dispose());
        stream.Record(inside);
        inside.Synchronize();
    }
}
