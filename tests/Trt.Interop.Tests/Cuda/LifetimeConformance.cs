using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Disposal and leaks.</summary>
internal static class LifetimeConformance
{
    internal static readonly ConformanceCase[] Cases =
    [
        new("what was disposed cannot be used, and can be disposed again", UseAfterDispose),
        new("a disposed stream still runs its work", StreamRunsOut),
        new("memory that queued work uses is freed after it", FreeWaits),
        new("what was never disposed is reported and left", LeakReport),
    ];

    private static void UseAfterDispose(Device device)
    {
        using CudaStream live = new(device);
        DeviceMemory<int> memory = new(4, device);
        DeviceMemory<int> slice = memory.Slice(1, 2);
        PinnedMemory<int> pinned = new(4, device);
        CudaStream stream = new(device);
        CudaEvent mark = new(device);
        live.BeginCapture();
        memory.ClearAsync(live);
        CudaGraph graph = live.EndCapture();
        CudaGraphExec exec = graph.Instantiate();
        PrimaryContext context = device.RetainPrimaryContext();
        Expect.True(context.Handle != 0);
        slice.Dispose();
        Expect.True(slice.IsDisposed && !memory.IsDisposed);
        DeviceMemory<int> other = memory.Slice(0, 1);
        DeviceResource[] all = [exec, graph, mark, stream, pinned, memory, context];
        foreach (DeviceResource resource in all)
        {
            Expect.True(!resource.IsDisposed);
            resource.Dispose();
            resource.Dispose();
            Expect.True(resource.IsDisposed);
            Expect.True(resource.ToString()!.Length > 0);
        }

        Expect.True(other.IsDisposed);
        Expect.Throws<ObjectDisposedException>(() => _ = memory.Pointer);
        Expect.Throws<ObjectDisposedException>(() => memory.CopyFrom(new int[1]));
        Expect.Throws<ObjectDisposedException>(() => memory.ClearAsync(live));
        Expect.Throws<ObjectDisposedException>(() => other.ToArray());
        Expect.Throws<ObjectDisposedException>(() => pinned.Span.Clear());
        Expect.Throws<ObjectDisposedException>(stream.Synchronize);
        Expect.Throws<ObjectDisposedException>(() => stream.Enqueue(static () => { }));
        Expect.Throws<ObjectDisposedException>(() => stream.BeginCapture());
        Expect.Throws<ObjectDisposedException>(() => live.Record(mark));
        Expect.Throws<ObjectDisposedException>(mark.Synchronize);
        Expect.Throws<ObjectDisposedException>(() => graph.Instantiate().Dispose());
        Expect.Throws<ObjectDisposedException>(() => exec.Launch(live));
        Expect.Throws<ObjectDisposedException>(() => _ = context.Handle);
        live.Synchronize();
    }

    private static void StreamRunsOut(Device device)
    {
        using ManualResetEventSlim ran = new();
        CudaStream stream = new(device);
        using Gate gate = Gate.Close(stream);
        stream.Enqueue(ran.Set);
        stream.Dispose();
        Expect.True(!ran.IsSet);
        gate.Open();
        Expect.True(ran.Wait(TimeSpan.FromSeconds(30)), "the callback ran after its stream was disposed");
    }

    private static void FreeWaits(Device device)
    {
        using CudaStream stream = new(device);
        using PinnedMemory<int> output = new(1 << 16, device);
        for (int round = 0; round < 20; round++)
        {
            DeviceMemory<int> memory = new(1 << 16, device);
            stream.Enqueue(static () => Thread.SpinWait(10_000));
            memory.FillAsync(round, stream);
            memory.CopyToAsync(output, stream);
            memory.Dispose();
            stream.Synchronize();
            Expect.True(output.Span.IndexOfAnyExcept(round) < 0);
        }
    }

    private static void LeakReport(Device device)
    {
        ConcurrentQueue<LeakReport> reports = new();
        Action<LeakReport> handler = reports.Enqueue;
        bool sites = Leaks.CaptureSites;
        long before = Leaks.Count;
        Leaks.Reported += handler;
        try
        {
            Leaks.CaptureSites = true;
            nint pointer = Leak(device);
            bool told = SpinWait.SpinUntil(() =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return reports.Any(r => r.Subject.Contains("12345 elements", StringComparison.Ordinal));
            }, TimeSpan.FromSeconds(10));
            Expect.True(told, "the leak was reported");
            LeakReport report = reports.First(r => r.Subject.Contains("12345 elements", StringComparison.Ordinal));
            Expect.Equal($"DeviceMemory<Int16> of 12345 elements (24690 bytes) on {device}", report.Subject);
            Expect.True(report.AllocationSite!.Contains(nameof(Leak), StringComparison.Ordinal), report.AllocationSite);
            Expect.True(Leaks.Count > before);

            // Left alone: the memory is still there.
            using DeviceMemory<short> left = DeviceMemory<short>.FromPointer(pointer, 12345, device);
            Expect.Equal((short)77, left.ToArray()[12344]);
            device.Api.Memory.Free(device.Ordinal, pointer);
        }
        finally
        {
            Leaks.Reported -= handler;
            Leaks.CaptureSites = sites;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Leak(Device device)
    {
        DeviceMemory<short> lost = new(12345, device);
        lost.Fill(77);
        return lost.Pointer;
    }
}
