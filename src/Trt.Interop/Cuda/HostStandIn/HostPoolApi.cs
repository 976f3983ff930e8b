namespace Trt.Interop.Cuda;

/// <summary>Pools of the host stand-in.</summary>
internal sealed class HostPoolApi(HostDeviceApi api) : IPoolApi
{
    private static readonly HandleTable<HostPool> Table = new(0x5350);

    public nint Create(int device, nuint maxBytes, bool isShareable) => isShareable
        ? throw new CudaException(CudaResult.NotSupported, "Create", "Memory of the host stand-in is this process's own; make the pool without sharing.")
        : Table.Add(new HostPool(api.Get(device), maxBytes));

    public void Destroy(int device, nint pool) => Table.Remove(pool, "Destroy", "pool").Destroy();

    public nint Allocate(int device, nint pool, nuint bytes, nint stream)
    {
        HostStream order = stream is 0 or 1 ? api.Get(device).DefaultStream : HostDeviceApi.StreamFromHandle(stream);
        order.RefuseInCapture("Allocate");
        return Get(pool).Allocate(bytes);
    }

    public void Trim(int device, nint pool, nuint bytesToKeep) => Get(pool).Trim(bytesToKeep);

    public ulong GetAttribute(int device, nint pool, PoolAttribute attribute) => Get(pool).Get(attribute);

    public void SetAttribute(int device, nint pool, PoolAttribute attribute, ulong value) => Get(pool).Set(attribute, value);

    public PoolAccess GetAccess(nint pool, int peer)
    {
        HostPool found = Get(pool);
        lock (found.Access)
        {
            return api.Get(peer) == found.Device ? PoolAccess.ReadWrite : found.Access.GetValueOrDefault(peer);
        }
    }

    public void SetAccess(nint pool, int peer, PoolAccess access)
    {
        HostPool found = Get(pool);
        if (api.Get(peer) == found.Device && access != PoolAccess.ReadWrite)
        {
            throw new CudaException(CudaResult.InvalidValue, "SetAccess", $"The access of host:{peer} to its own pool cannot be taken away.");
        }

        lock (found.Access)
        {
            found.Access[peer] = access;
        }
    }

    public nint Export(nint pool) => throw Own("Export");

    public nint Import(int device, nint descriptor) => throw Own("Import");

    public IpcPoolPointer ExportPointer(nint pointer) => throw Own("ExportPointer");

    public nint ImportPointer(int device, nint pool, in IpcPoolPointer pointer) => throw Own("ImportPointer");

    private static HostPool Get(nint pool) => Table.Get(pool, "HostPoolApi", "pool");

    private static CudaException Own(string function) => new(CudaResult.NotSupported, function, "Memory of the host stand-in is this process's own.");
}
