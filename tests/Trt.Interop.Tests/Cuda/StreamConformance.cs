using System.Diagnostics;
using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Streams, events and callbacks.</summary>
internal static unsafe class StreamConformance
{
    private static int nativeCalls;

    internal static readonly ConformanceCase[] Cases =
    [
        new("a stream keeps its order", Order),
        new("a stream waits for an event of another", OrderAcrossStreams),
        new("streams do not wait for each other", Independence),
        new("events are complete when reached", EventStates),
        new("events measure time", Timing),
        new("native callbacks get their state", NativeCallbacks),
        new("the default stream waits for blocking streams", DefaultStream),
        new("priorities are in the device's range", Priorities),
        new("handles lead back to streams", Handles),
        new("many threads use one device", Concurrency),
        new("many threads use one stream", SharedStream),
        new("queueing allocates nothing", Allocations),
        new("the device waits for all its streams", DeviceSynchronize),
    ];

    private static void Order(Device device)
    {
        using CudaStream stream = new(device);
        List<int> seen = [];
        using Gate gate = Gate.Close(stream);
        for (int i = 0; i < 500; i++)
        {
            int number = i;
            stream.Enqueue(() => seen.Add(number));
        }

        gate.WaitUntilReached();
        Expect.Equal(0, seen.Count);
        Expect.True(!stream.IsIdle);
        gate.Open();
        stream.Synchronize();
        Expect.True(stream.IsIdle);
        Expect.Same<int>(Enumerable.Range(0, 500).ToArray(), seen.ToArray());
    }

    private static void OrderAcrossStreams(Device device)
    {
        using CudaStream producer = new(device);
        using CudaStream consumer = new(device);
        using CudaEvent produced = new(device, EventFlags.DisableTiming);
        using DeviceMemory<int> memory = new(1000, device);
        using PinnedMemory<int> result = new(1000, device);
        for (int round = 1; round <= 10; round++)
        {
            using Gate gate = Gate.Close(producer);
            memory.FillAsync(round, producer);
            producer.Record(produced);
            consumer.Wait(produced);
            memory.CopyToAsync(result, consumer);
            gate.WaitUntilReached();
            Expect.True(!consumer.IsIdle);
            gate.Open();
            consumer.Synchronize();
            Expect.True(result.Span.IndexOfAnyExcept(round) < 0);
        }

        // An event that was never recorded holds nothing up.
        using CudaEvent never = new(device);
        consumer.Wait(never);
        consumer.Synchronize();
    }

    private static void Independence(Device device)
    {
        using CudaStream held = new(device);
        using CudaStream free = new(device);
        using PinnedMemory<int> result = new(10, device);
        using DeviceMemory<int> memory = new(10, device);
        using Gate gate = Gate.Close(held);
        memory.FillAsync(3, free);
        memory.CopyToAsync(result, free);
        free.Synchronize();
        Expect.Equal(3, result.Span[9]);
        Expect.True(!held.IsIdle);
        gate.Open();
        held.Synchronize();
    }

    private static void EventStates(Device device)
    {
        using CudaStream stream = new(device);
        using CudaEvent mark = new(device, EventFlags.BlockingSync);
        Expect.True(mark.IsComplete);
        mark.Synchronize();
        using Gate gate = Gate.Close(stream);
        stream.Record(mark);
        Expect.True(!mark.IsComplete);
        using CudaEvent start = new(device);
        stream.Record(start);
        Expect.Fails(CudaResult.InvalidHandle, () => new CudaEventPair(device).MeasureUnrecorded());
        Expect.Fails(CudaResult.NotReady, () => start.MillisecondsSince(mark));
        gate.Open();
        mark.Synchronize();
        Expect.True(mark.IsComplete);

        // A second record counts, not the first.
        using Gate again = Gate.Close(stream);
        stream.Record(mark);
        Expect.True(!mark.IsComplete);
        again.Open();
        stream.Synchronize();
        Expect.True(mark.IsComplete);
        using CudaEvent untimed = new(device, EventFlags.DisableTiming);
        stream.Record(untimed);
        stream.Synchronize();
        Expect.Fails(CudaResult.InvalidHandle, () => untimed.MillisecondsSince(mark));
    }

    private static void Timing(Device device)
    {
        using CudaStream stream = new(device);
        using CudaEvent start = new(device);
        using CudaEvent end = new(device);
        stream.Record(start);
        stream.Record(end);
        stream.Synchronize();
        Expect.True(end.MillisecondsSince(start) >= 0);
        stream.Record(start);
        stream.Enqueue(static () =>
        {
            long begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin).TotalMilliseconds < 6)
            {
                Thread.SpinWait(50);
            }
        });
        stream.Record(end);
        end.Synchronize();
        float milliseconds = end.MillisecondsSince(start);
        Expect.True(milliseconds is >= 5.5f and < 10_000, $"{milliseconds} ms around a callback of 6 ms");
    }

    private static void NativeCallbacks(Device device)
    {
        using CudaStream stream = new(device);
        nativeCalls = 0;
        for (int i = 1; i <= 100; i++)
        {
            stream.Enqueue(&AddState, i);
        }

        stream.Synchronize();
        Expect.Equal(5050, nativeCalls);
    }

    [UnmanagedCallersOnly]
    private static void AddState(nint state) => nativeCalls += (int)state;

    private static void DefaultStream(Device device)
    {
        Expect.Equal(0, device.DefaultStream.Handle);
        Expect.True(device.DefaultStream.IsDefault);
        device.DefaultStream.Dispose();
        Expect.True(!device.DefaultStream.IsDisposed);
        using CudaStream blocking = new(device, StreamFlags.Default);
        using DeviceMemory<int> memory = new(100, device);
        for (int round = 1; round <= 20; round++)
        {
            blocking.Enqueue(static () => Thread.SpinWait(20_000));
            memory.FillAsync(round, blocking);
            Expect.Equal(round * 100, memory.ToArray().Sum());
        }

        bool ran = false;
        device.DefaultStream.Enqueue(() => ran = true);
        device.DefaultStream.Synchronize();
        Expect.True(ran);
        memory.FillAsync(-1, device.DefaultStream);
        using CudaEvent mark = new(device);
        device.DefaultStream.Record(mark);
        mark.Synchronize();
        Expect.Equal(-100, memory.ToArray().Sum());
    }

    private static void Priorities(Device device)
    {
        (int least, int greatest) = device.StreamPriorities;
        Expect.True(greatest <= least);
        using CudaStream urgent = new(device, priority: greatest);
        using CudaStream clamped = new(device, priority: greatest - 100);
        Expect.Equal(greatest, urgent.Priority);
        Expect.Equal(greatest, clamped.Priority);
    }

    private static void Handles(Device device)
    {
        using CudaStream stream = new(device);
        nint handle = stream;
        Expect.True(handle != 0);
        Expect.Equal(stream.Handle, handle);
        Expect.Equal(0, (nint)(CudaStream?)null);
        using CudaStream view = CudaStream.FromHandle(handle, device);
        int calls = 0;
        view.Enqueue(() => calls++);
        view.Dispose();
        stream.Enqueue(() => calls++);
        stream.Synchronize();
        Expect.Equal(2, calls);
        Expect.True(CudaStream.FromHandle(0, device) == device.DefaultStream);
    }

    private static void Concurrency(Device device)
    {
        const int Threads = 4, Rounds = 100;
        Exception?[] errors = new Exception?[Threads];
        Thread[] threads = MemoryConformance.Sequence(Threads, index => new Thread(() =>
        {
            try
            {
                using CudaStream stream = new(device);
                using CudaEvent mark = new(device);
                using PinnedMemory<int> input = new(512, device);
                using PinnedMemory<int> output = new(512, device);
                int calls = 0;
                for (int round = 0; round < Rounds; round++)
                {
                    using DeviceMemory<int> memory = new(512, device);
                    input.Span.Fill((index * 1000) + round);
                    memory.CopyFromAsync(input, stream);
                    stream.Enqueue(() => calls++);
                    memory.CopyToAsync(output, stream);
                    stream.Record(mark);
                    mark.Synchronize();
                    Expect.True(output.Span.IndexOfAnyExcept((index * 1000) + round) < 0);
                }

                Expect.Equal(Rounds, calls);
            }
            catch (Exception error)
            {
                errors[index] = error;
            }
        }));
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Expect.Equal("", string.Join("; ", errors.Where(e => e is not null)));
    }

    private static void SharedStream(Device device)
    {
        using CudaStream stream = new(device);
        int calls = 0; // only the stream changes it, one callback after another
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 250; i++)
            {
                stream.Enqueue(() => calls++);
            }
        });
        stream.Synchronize();
        Expect.Equal(2000, calls);
    }

    private static void Allocations(Device device)
    {
        using CudaStream stream = new(device);
        using CudaEvent mark = new(device);
        using DeviceMemory<int> memory = new(64, device);
        using PinnedMemory<int> pinned = new(64, device);
        int[] counter = [0];
        Queue(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Queue(200);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Expect.Equal(0L, allocated);
        Expect.Equal(400, counter[0]);

        void Queue(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                memory.CopyFromAsync(pinned, stream);
                memory.FillAsync(i, stream);
                memory.CopyToAsync(pinned, stream);
                stream.Record(mark);
                stream.Wait(mark);
                stream.Enqueue(static state => ((int[])state!)[0]++, counter);
                memory.CopyFrom(pinned.Span);
                memory.CopyTo(pinned.Span);
                stream.Synchronize();
            }
        }
    }

    private static void DeviceSynchronize(Device device)
    {
        CudaStream[] streams = MemoryConformance.Sequence(3, _ => new CudaStream(device));
        int[] calls = new int[3];
        for (int i = 0; i < 3; i++)
        {
            int index = i;
            streams[i].Enqueue(() =>
            {
                Thread.SpinWait(100_000);
                calls[index] = 1;
            });
        }

        device.Synchronize();
        Expect.Equal(3, calls.Sum());
        foreach (CudaStream stream in streams)
        {
            stream.Dispose();
        }
    }

    private sealed class CudaEventPair(Device device)
    {
        internal void MeasureUnrecorded()
        {
            using CudaEvent start = new(device);
            using CudaEvent end = new(device);
            end.MillisecondsSince(start);
        }
    }
}
