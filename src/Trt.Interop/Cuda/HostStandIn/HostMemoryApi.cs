namespace Trt.Interop.Cuda;

/// <summary>Memory of the host stand-in. Calls without a stream are operations of the device's default stream.</summary>
internal sealed class HostMemoryApi(HostDeviceApi api) : IMemoryApi
{
    public nint Allocate(int device, nuint bytes) => api.Get(device).Allocate(bytes, "Allocate");

    public nint AllocateManaged(int device, nuint bytes) => api.Get(device).Allocate(bytes, "AllocateManaged");

    /// <summary>All memory is the host's.</summary>
    public void PrefetchAsync(int device, nint pointer, nuint bytes, bool toHost, nint stream) => _ = Find(device, stream);

    public void Free(int device, nint pointer)
    {
        HostDevice owner = api.Get(device);
        if (owner.TryTakeFromPool(pointer, out HostPool? pool, out nuint bytes))
        {
            owner.Drain(blockingOnly: false);
            pool.Return(pointer, bytes);
            return;
        }

        owner.Forget(pointer, "Free");
        owner.Drain(blockingOnly: false);
        HostDevice.Release(pointer);
    }

    public nint AllocateAsync(int device, nuint bytes, nint stream)
    {
        Find(device, stream).RefuseInCapture("AllocateAsync");
        return api.Get(device).Allocate(bytes, "AllocateAsync");
    }

    public void FreeAsync(int device, nint pointer, nint stream)
    {
        HostStream order = Find(device, stream);
        order.RefuseInCapture("FreeAsync");
        if (api.Get(device).TryTakeFromPool(pointer, out HostPool? pool, out nuint bytes))
        {
            order.Submit(HostOperation.Return(pool, pointer, bytes));
            return;
        }

        api.Get(device).Forget(pointer, "FreeAsync");
        order.Submit(HostOperation.Free(pointer));
    }

    /// <summary>Nothing is kept: freed memory goes back to the system's allocator.</summary>
    public void TrimPool(int device, nuint bytesToKeep) => _ = api.Get(device);

    public ulong GetPoolReleaseThreshold(int device) => api.Get(device).PoolReleaseThreshold;

    /// <summary>Kept so that it can be read back; the system's allocator decides.</summary>
    public void SetPoolReleaseThreshold(int device, ulong bytes) => api.Get(device).PoolReleaseThreshold = bytes;

    public nint AllocatePinned(int device, nuint bytes, PinnedMemoryFlags flags) => api.Get(device).Allocate(bytes, "AllocatePinned");

    public void FreePinned(int device, nint pointer)
    {
        HostDevice owner = api.Get(device);
        owner.Forget(pointer, "FreePinned");
        owner.Drain(blockingOnly: false);
        HostDevice.Release(pointer);
    }

    public void CopyToDevice(int device, nint destination, nint source, nuint bytes) => RunNow(device, HostOperation.Copy(destination, source, bytes));

    public void CopyToHost(int device, nint destination, nint source, nuint bytes) => RunNow(device, HostOperation.Copy(destination, source, bytes));

    public void CopyOnDevice(int device, nint destination, nint source, nuint bytes) => RunNow(device, HostOperation.Copy(destination, source, bytes));

    public void CopyPeer(int destinationDevice, nint destination, int sourceDevice, nint source, nuint bytes)
    {
        api.Get(sourceDevice).Drain(blockingOnly: true);
        RunNow(destinationDevice, HostOperation.Copy(destination, source, bytes));
    }

    public void CopyToDeviceAsync(int device, nint destination, nint source, nuint bytes, nint stream) =>
        Find(device, stream).Submit(HostOperation.Copy(destination, source, bytes));

    public void CopyToHostAsync(int device, nint destination, nint source, nuint bytes, nint stream) =>
        Find(device, stream).Submit(HostOperation.Copy(destination, source, bytes));

    public void CopyOnDeviceAsync(int device, nint destination, nint source, nuint bytes, nint stream) =>
        Find(device, stream).Submit(HostOperation.Copy(destination, source, bytes));

    public void CopyPeerAsync(int destinationDevice, nint destination, int sourceDevice, nint source, nuint bytes, int streamDevice, nint stream) =>
        Find(streamDevice, stream).Submit(HostOperation.Copy(destination, source, bytes));

    public void Fill(int device, nint destination, uint pattern, int patternBytes, nuint count) =>
        RunNow(device, HostOperation.Fill(destination, pattern, patternBytes, count));

    public void FillAsync(int device, nint destination, uint pattern, int patternBytes, nuint count, nint stream) =>
        Find(device, stream).Submit(HostOperation.Fill(destination, pattern, patternBytes, count));

    /// <summary>Ordered after blocking streams; a failure kept in the default stream does not stop it, since its own result is waited for.</summary>
    private void RunNow(int device, in HostOperation operation)
    {
        HostDevice owner = api.Get(device);
        owner.Drain(blockingOnly: true);
        if (!HostStream.IsWorker)
        {
            owner.DefaultStream.Drain();
        }

        operation.Run(owner.DefaultStream);
    }

    private HostStream Find(int device, nint stream) => stream is 0 or 1 ? api.Get(device).DefaultStream : HostDeviceApi.StreamFromHandle(stream);
}
