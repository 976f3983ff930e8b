using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Memory pools of one's own.</summary>
internal static class PoolConformance
{
    internal static readonly ConformanceCase[] Cases =
    [
        new("a pool gives out memory in stream order and counts it", Counts),
        new("a pool keeps freed memory up to its threshold", Keeps),
        new("a pool's policies of reuse are read back", Policies),
        new("a pool with a limit refuses what is beyond", Limit),
        new("a pool's memory outlives the pool", Outlives),
        new("bytes of a pool allocate nothing on the managed heap", NoGarbage),
        new("a pool as TensorRT's allocator", Allocator),
        new("pools and other devices", Peers, Devices: 2),
    ];

    private static void Counts(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        using CudaStream stream = new(device);
        using DeviceMemoryPool pool = new(device) { ReleaseThreshold = ulong.MaxValue };
        Expect.Equal(ulong.MaxValue, pool.ReleaseThreshold);
        Expect.Equal(0UL, pool.UsedBytes);
        using PinnedMemory<int> output = new(1000, device);
        using DeviceMemory<int> first = pool.Allocate<int>(1000, stream);
        Expect.True(pool.UsedBytes is >= 4000 and < 1 << 22);
        for (int round = 0; round < 20; round++)
        {
            using DeviceMemory<int> memory = pool.Allocate<int>(1000, stream);
            Expect.True(memory.Pointer % 256 == 0 && memory.Device == device);
            memory.FillAsync(round, stream);
            memory.CopyToAsync(output, stream);
            memory.Dispose(); // behind the copy
            stream.Synchronize();
            Expect.True(output.Span.IndexOfAnyExcept(round) < 0);
        }

        Expect.True(pool.UsedBytesPeak >= 8000 && pool.UsedBytesPeak > pool.UsedBytes);
        Expect.True(pool.ReservedBytes >= pool.UsedBytes && pool.ReservedBytesPeak >= pool.ReservedBytes);
        ulong before = pool.UsedBytes;
        pool.ResetPeaks();
        Expect.Equal(before, pool.UsedBytesPeak);
        first.Dispose();
        stream.Synchronize();
        Expect.Equal(0UL, pool.UsedBytes);
    }

    private static void Keeps(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        using CudaStream stream = new(device);
        using DeviceMemoryPool pool = new(device) { ReleaseThreshold = ulong.MaxValue };
        pool.Allocate<byte>(1 << 20, stream).Dispose();
        stream.Synchronize();
        Expect.True(pool.ReservedBytes >= 1 << 20);
        pool.Trim();
        Expect.Equal(0UL, pool.ReservedBytes);
        pool.ReleaseThreshold = 0;
        pool.Allocate<byte>(1 << 20, stream).Dispose();
        stream.Synchronize();
        pool.Trim();
        Expect.Equal(0UL, pool.ReservedBytes);
    }

    private static void Policies(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        using DeviceMemoryPool pool = new(device);
        foreach (PoolAttribute policy in (PoolAttribute[])[PoolAttribute.ReuseFollowEventDependencies, PoolAttribute.ReuseAllowOpportunistic, PoolAttribute.ReuseAllowInternalDependencies])
        {
            Expect.Equal(1UL, pool[policy]);
            pool[policy] = 0;
            Expect.Equal(0UL, pool[policy]);
        }

        Expect.Fails(CudaResult.InvalidValue, () => pool[PoolAttribute.UsedHigh] = 5);
    }

    private static void Limit(Device device)
    {
        if (!device.SupportsMemoryPools || (!device.IsHost && CudaDriver.Version < new Version(12, 2)))
        {
            return;
        }

        using CudaStream stream = new(device);
        using DeviceMemoryPool pool = new(device, maxBytes: 64 << 20);
        using DeviceMemory<byte> small = pool.Allocate<byte>(1 << 20, stream);
        CudaException error = Expect.Throws<CudaException>(() => pool.Allocate<byte>(256 << 20, stream).Dispose(), $"{256 << 20} bytes were asked for of a pool on {device}");
        Expect.Equal(CudaResult.OutOfMemory, error.Result);
        Expect.Throws<ArgumentOutOfRangeException>(() => pool.Allocate<long>(long.MaxValue / 4, stream).Dispose());
        small.CopyFrom(new byte[1 << 20]);
    }

    private static void Outlives(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        using CudaStream stream = new(device);
        DeviceMemoryPool pool = new(device);
        DeviceMemory<int> memory = pool.Allocate<int>(100, stream);
        pool.Dispose();
        Expect.Throws<ObjectDisposedException>(() => pool.Allocate<int>(100, stream).Dispose());
        memory.FillAsync(5, stream);
        stream.Synchronize();
        Expect.True(memory.ToArray().AsSpan().IndexOfAnyExcept(5) < 0);
        memory.Dispose();
        stream.Synchronize();
    }

    private static void NoGarbage(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        using CudaStream stream = new(device);
        using DeviceMemoryPool pool = new(device) { ReleaseThreshold = ulong.MaxValue };
        long allocated = 0;
        for (int round = 0; round < 200; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            nint pointer = pool.AllocateBytes(4096, stream);
            pool.Free(pointer, stream);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            stream.Synchronize();
        }

        // The stand-in's own books may grow; the last rounds find all of them there.
        Expect.True(allocated == 0 || device.IsHost, $"{allocated} bytes");
        Expect.Equal(0UL, pool.UsedBytes);
        Expect.Fails(CudaResult.InvalidValue, () => pool.Free(4096, stream));
    }

    private static void Allocator(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        using CudaStream stream = new(device);
        using DeviceMemoryPool pool = new(device) { ReleaseThreshold = ulong.MaxValue };
        using PoolGpuAllocator allocator = new(pool);
        nint first = allocator.AllocateAsync(10_000, 256, 0, stream);
        nint second = allocator.Allocate(5_000, 1, 0);
        Expect.True(first != 0 && second != 0 && first != second && first % 256 == 0);
        Expect.Equal(2L, allocator.LiveAllocations);
        using (DeviceMemory<int> view = DeviceMemory<int>.FromPointer(first, 2500, device))
        {
            view.FillAsync(3, stream);
            stream.Synchronize();
            Expect.True(view.ToArray().AsSpan().IndexOfAnyExcept(3) < 0);
        }

        Expect.Equal((nint)0, allocator.AllocateAsync(0, 256, 0, stream));
        Expect.Equal((nint)0, allocator.AllocateAsync(1UL << 60, 256, 0, stream));
        Expect.True(allocator.DeallocateAsync(0, stream));
        Expect.True(allocator.DeallocateAsync(first, stream));
        Expect.True(allocator.Deallocate(second)); // on a stream of the allocator's own
        device.Synchronize();
        Expect.Equal(0L, allocator.LiveAllocations);
        Expect.Equal(2L, allocator.TotalAllocations);
        Expect.Equal(0UL, pool.UsedBytes);
    }

    private static void Peers(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        Device other = Device.Of(device.Api)[1];
        using DeviceMemoryPool pool = new(device);
        Expect.Equal(PoolAccess.ReadWrite, pool.GetAccess(device));
        Expect.Equal(PoolAccess.None, pool.GetAccess(other));
        if (!other.CanAccessPeer(device))
        {
            return;
        }

        pool.SetAccess(other, PoolAccess.ReadWrite);
        Expect.Equal(PoolAccess.ReadWrite, pool.GetAccess(other));
        using CudaStream stream = new(device), others = new(other);
        using DeviceMemory<int> memory = pool.Allocate<int>(1000, stream);
        memory.FillAsync(9, stream);
        stream.Synchronize();
        using DeviceMemory<int> copy = new(1000, other);
        copy.CopyFrom(memory);
        Expect.True(copy.ToArray().AsSpan().IndexOfAnyExcept(9) < 0);
        pool.SetAccess(other, PoolAccess.None);
        Expect.Equal(PoolAccess.None, pool.GetAccess(other));
    }
}
