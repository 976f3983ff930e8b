using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>Memory by the driver.</summary>
internal sealed unsafe class CudaMemoryApi(DriverFunctions driver, PrimaryContexts contexts) : IMemoryApi
{
    private const int PoolReleaseThreshold = 4; // CU_MEMPOOL_ATTR_RELEASE_THRESHOLD
    private const uint AttachGlobal = 1; // CU_MEM_ATTACH_GLOBAL: any stream of any device may use it
    private const int MemoryType = 2; // CU_POINTER_ATTRIBUTE_MEMORY_TYPE
    private const int Managed = 8; // CU_POINTER_ATTRIBUTE_IS_MANAGED
    private const int DeviceOrdinal = 9; // CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL
    private const uint DeviceMemory = 2; // CU_MEMORYTYPE_DEVICE

    public nint Allocate(int device, nuint bytes)
    {
        using ContextScope scope = contexts.Enter(device);
        nint pointer;
        int result = driver.MemAlloc(&pointer, bytes);
        if (result != 0)
        {
            ThrowAllocation(result, "cuMemAlloc_v2", device, bytes);
        }

        return pointer;
    }

    public nint AllocateManaged(int device, nuint bytes)
    {
        using ContextScope scope = contexts.Enter(device);
        nint pointer;
        int result = driver.MemAllocManaged(&pointer, bytes, AttachGlobal);
        if (result != 0)
        {
            ThrowAllocation(result, "cuMemAllocManaged", device, bytes);
        }

        return pointer;
    }

    public void PrefetchAsync(int device, nint pointer, nuint bytes, bool toHost, nint stream)
    {
        using ContextScope scope = contexts.Enter(device);
        int concurrent;
        Check(driver.DeviceGetAttribute(&concurrent, (int)DeviceAttribute.ConcurrentManagedAccess, device), "cuDeviceGetAttribute");
        if (concurrent != 0 && driver.MemPrefetchAsync != null)
        {
            Check(driver.MemPrefetchAsync(pointer, bytes, toHost ? -1 : device, stream), "cuMemPrefetchAsync");
        }
    }

    public bool IsDeviceMemory(nint pointer)
    {
        // Plain host memory is unknown to the driver and gives an error.
        uint type = 0;
        return driver.PointerGetAttribute(&type, MemoryType, pointer) == 0 && type == DeviceMemory;
    }

    public bool IsManagedMemory(nint pointer)
    {
        uint managed = 0;
        return driver.PointerGetAttribute(&managed, Managed, pointer) == 0 && managed != 0;
    }

    public int GetDevice(nint pointer)
    {
        int device;
        return driver.PointerGetAttribute(&device, DeviceOrdinal, pointer) == 0 ? device : -1;
    }

    public void Free(int device, nint pointer)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.MemFree(pointer), "cuMemFree_v2");
    }

    public nint AllocateAsync(int device, nuint bytes, nint stream)
    {
        Need(driver.MemAllocAsync, "cuMemAllocAsync", "11.2");
        using ContextScope scope = contexts.Enter(device);
        nint pointer;
        int result = driver.MemAllocAsync(&pointer, bytes, stream);
        if (result != 0)
        {
            ThrowAllocation(result, "cuMemAllocAsync", device, bytes);
        }

        return pointer;
    }

    public void FreeAsync(int device, nint pointer, nint stream)
    {
        Need(driver.MemFreeAsync, "cuMemFreeAsync", "11.2");
        bool pushed = contexts.Push(device);
        int result = driver.MemFreeAsync(pointer, stream);
        contexts.Pop(pushed);
        Check(result, "cuMemFreeAsync");
    }

    public void TrimPool(int device, nuint bytesToKeep) => Check(driver.MemPoolTrimTo(Pool(device), bytesToKeep), "cuMemPoolTrimTo");

    public ulong GetPoolReleaseThreshold(int device)
    {
        ulong value;
        Check(driver.MemPoolGetAttribute(Pool(device), PoolReleaseThreshold, &value), "cuMemPoolGetAttribute");
        return value;
    }

    public void SetPoolReleaseThreshold(int device, ulong bytes) =>
        Check(driver.MemPoolSetAttribute(Pool(device), PoolReleaseThreshold, &bytes), "cuMemPoolSetAttribute");

    public nint AllocatePinned(int device, nuint bytes, PinnedMemoryFlags flags)
    {
        using ContextScope scope = contexts.Enter(device);
        nint pointer;
        int result = driver.MemHostAlloc(&pointer, bytes, (uint)flags);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuMemHostAlloc", $"{bytes} bytes of page-locked host memory were asked for.");
        }

        return pointer;
    }

    public void FreePinned(int device, nint pointer)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.MemFreeHost(pointer), "cuMemFreeHost");
    }

    public void CopyToDevice(int device, nint destination, nint source, nuint bytes)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.MemcpyHtoD(destination, source, bytes), "cuMemcpyHtoD_v2");
        Finish(); // the call may return once pageable memory is staged, before it has reached the device
    }

    public void CopyToHost(int device, nint destination, nint source, nuint bytes)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.MemcpyDtoH(destination, source, bytes), "cuMemcpyDtoH_v2");
    }

    public void CopyOnDevice(int device, nint destination, nint source, nuint bytes)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.MemcpyDtoD(destination, source, bytes), "cuMemcpyDtoD_v2");
        Finish();
    }

    public void CopyPeer(int destinationDevice, nint destination, int sourceDevice, nint source, nuint bytes)
    {
        using ContextScope scope = contexts.Enter(destinationDevice);
        Check(driver.MemcpyPeer(destination, contexts.Get(destinationDevice), source, contexts.Get(sourceDevice), bytes), "cuMemcpyPeer");
        Finish();
    }

    public void CopyToDeviceAsync(int device, nint destination, nint source, nuint bytes, nint stream)
    {
        bool pushed = contexts.Push(device);
        int result = driver.MemcpyHtoDAsync(destination, source, bytes, stream);
        contexts.Pop(pushed);
        Check(result, "cuMemcpyHtoDAsync_v2");
    }

    public void CopyToHostAsync(int device, nint destination, nint source, nuint bytes, nint stream)
    {
        bool pushed = contexts.Push(device);
        int result = driver.MemcpyDtoHAsync(destination, source, bytes, stream);
        contexts.Pop(pushed);
        Check(result, "cuMemcpyDtoHAsync_v2");
    }

    public void CopyOnDeviceAsync(int device, nint destination, nint source, nuint bytes, nint stream)
    {
        bool pushed = contexts.Push(device);
        int result = driver.MemcpyDtoDAsync(destination, source, bytes, stream);
        contexts.Pop(pushed);
        Check(result, "cuMemcpyDtoDAsync_v2");
    }

    public void CopyPeerAsync(int destinationDevice, nint destination, int sourceDevice, nint source, nuint bytes, int streamDevice, nint stream)
    {
        bool pushed = contexts.Push(streamDevice);
        int result = driver.MemcpyPeerAsync(destination, contexts.Get(destinationDevice), source, contexts.Get(sourceDevice), bytes, stream);
        contexts.Pop(pushed);
        Check(result, "cuMemcpyPeerAsync");
    }

    public void Fill(int device, nint destination, uint pattern, int patternBytes, nuint count)
    {
        using ContextScope scope = contexts.Enter(device);
        switch (patternBytes)
        {
            case 1:
                Check(driver.MemsetD8(destination, (byte)pattern, count), "cuMemsetD8_v2");
                break;
            case 2:
                Check(driver.MemsetD16(destination, (ushort)pattern, count), "cuMemsetD16_v2");
                break;
            default:
                Check(driver.MemsetD32(destination, pattern, count), "cuMemsetD32_v2");
                break;
        }

        Finish();
    }

    public void FillAsync(int device, nint destination, uint pattern, int patternBytes, nuint count, nint stream)
    {
        using ContextScope scope = contexts.Enter(device);
        switch (patternBytes)
        {
            case 1:
                Check(driver.MemsetD8Async(destination, (byte)pattern, count, stream), "cuMemsetD8Async");
                break;
            case 2:
                Check(driver.MemsetD16Async(destination, (ushort)pattern, count, stream), "cuMemsetD16Async");
                break;
            default:
                Check(driver.MemsetD32Async(destination, pattern, count, stream), "cuMemsetD32Async");
                break;
        }
    }

    /// <summary>Waits for the default stream, in which the calls without a stream run; non-blocking streams may use the memory afterwards.</summary>
    private void Finish() => Check(driver.StreamSynchronize(0), "cuStreamSynchronize");

    private nint Pool(int device)
    {
        Need(driver.DeviceGetDefaultMemPool, "cuDeviceGetDefaultMemPool", "11.2");
        using ContextScope scope = contexts.Enter(device);
        nint pool;
        Check(driver.DeviceGetDefaultMemPool(&pool, device), "cuDeviceGetDefaultMemPool");
        return pool;
    }

    private void ThrowAllocation(int result, string function, int device, nuint bytes)
    {
        string detail = $"{bytes} bytes were asked for on cuda:{device}.";
        nuint free, total;
        if (result == (int)CudaResult.OutOfMemory && driver.MemGetInfo(&free, &total) == 0)
        {
            detail = $"{bytes} bytes were asked for on cuda:{device}, which has {free} of {total} bytes free.";
        }

        throw new CudaException((CudaResult)result, function, detail);
    }
}
