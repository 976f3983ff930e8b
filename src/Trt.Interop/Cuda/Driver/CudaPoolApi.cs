using System.Runtime.InteropServices;
using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>Memory pools of the driver.</summary>
internal sealed unsafe class CudaPoolApi(DriverFunctions driver, PrimaryContexts contexts) : IPoolApi
{
    private const int Pinned = 1; // CU_MEM_ALLOCATION_TYPE_PINNED: device memory that stays where it is
    private const int PosixFileDescriptor = 1; // CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR
    private const int OnDevice = 1; // CU_MEM_LOCATION_TYPE_DEVICE

    public nint Create(int device, nuint maxBytes, bool isShareable)
    {
        Need(driver.MemPoolCreate, "cuMemPoolCreate", "11.2");
        using ContextScope scope = contexts.Enter(device);
        Properties properties = new() { AllocationType = Pinned, HandleTypes = isShareable ? PosixFileDescriptor : 0, Location = new Location { Type = OnDevice, Id = device }, MaxSize = maxBytes };
        nint pool;
        int result = driver.MemPoolCreate(&pool, &properties);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuMemPoolCreate", isShareable ? "Pools that other processes can import need Linux, and a device that supports file descriptors for them." : null);
        }

        return pool;
    }

    public void Destroy(int device, nint pool)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.MemPoolDestroy(pool), "cuMemPoolDestroy");
    }

    public nint Allocate(int device, nint pool, nuint bytes, nint stream)
    {
        bool pushed = contexts.Push(device);
        nint pointer;
        int result = driver.MemAllocFromPoolAsync(&pointer, bytes, pool, stream);
        contexts.Pop(pushed);
        if (result != 0)
        {
            ThrowAllocation(result, pool, bytes, device);
        }

        return pointer;
    }

    public void Trim(int device, nint pool, nuint bytesToKeep)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.MemPoolTrimTo(pool, bytesToKeep), "cuMemPoolTrimTo");
    }

    public ulong GetAttribute(int device, nint pool, PoolAttribute attribute)
    {
        ulong value = 0; // the first three are written as 32 bits
        Check(driver.MemPoolGetAttribute(pool, (int)attribute, &value), "cuMemPoolGetAttribute");
        return value;
    }

    public void SetAttribute(int device, nint pool, PoolAttribute attribute, ulong value) =>
        Check(driver.MemPoolSetAttribute(pool, (int)attribute, &value), "cuMemPoolSetAttribute");

    public PoolAccess GetAccess(nint pool, int peer)
    {
        int access;
        Location location = new() { Type = OnDevice, Id = peer };
        Check(driver.MemPoolGetAccess(&access, pool, &location), "cuMemPoolGetAccess");
        return (PoolAccess)access;
    }

    public void SetAccess(nint pool, int peer, PoolAccess access)
    {
        Access description = new() { Location = new Location { Type = OnDevice, Id = peer }, Flags = (int)access };
        int result = driver.MemPoolSetAccess(pool, &description, 1);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuMemPoolSetAccess", $"cuda:{peer} must be able to reach the pool's device (Device.CanAccessPeer), and a device's access to its own pool cannot be taken away.");
        }
    }

    public nint Export(nint pool)
    {
        int descriptor = -1;
        int result = driver.MemPoolExportToShareableHandle(&descriptor, pool, PosixFileDescriptor, 0);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuMemPoolExportToShareableHandle", "Only a pool that was made shareable can be exported.");
        }

        return descriptor;
    }

    public nint Import(int device, nint descriptor)
    {
        Need(driver.MemPoolImportFromShareableHandle, "cuMemPoolImportFromShareableHandle", "11.2");
        using ContextScope scope = contexts.Enter(device);
        nint pool;
        Check(driver.MemPoolImportFromShareableHandle(&pool, descriptor, PosixFileDescriptor, 0), "cuMemPoolImportFromShareableHandle");
        return pool;
    }

    public IpcPoolPointer ExportPointer(nint pointer)
    {
        Need(driver.MemPoolExportPointer, "cuMemPoolExportPointer", "11.2");
        IpcPoolPointer exported;
        int result = driver.MemPoolExportPointer(&exported, pointer);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuMemPoolExportPointer", "Only memory of a shareable pool can be exported so.");
        }

        return exported;
    }

    public nint ImportPointer(int device, nint pool, in IpcPoolPointer pointer)
    {
        using ContextScope scope = contexts.Enter(device);
        nint address;
        IpcPoolPointer copy = pointer;
        Check(driver.MemPoolImportPointer(&address, pool, &copy), "cuMemPoolImportPointer");
        return address;
    }

    private void ThrowAllocation(int result, nint pool, nuint bytes, int device)
    {
        ulong used = 0, reserved = 0;
        string detail = driver.MemPoolGetAttribute(pool, (int)PoolAttribute.UsedCurrent, &used) == 0 && driver.MemPoolGetAttribute(pool, (int)PoolAttribute.ReservedCurrent, &reserved) == 0
            ? $" The pool has {used} bytes in use and holds {reserved}."
            : string.Empty;
        throw new CudaException((CudaResult)result, "cuMemAllocFromPoolAsync", $"{bytes} bytes were asked for of a pool on cuda:{device}.{detail}");
    }

    // Layouts of cuda.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct Location
    {
        internal int Type;
        internal int Id;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Access
    {
        internal Location Location;
        internal int Flags;
    }

    [StructLayout(LayoutKind.Sequential, Size = 88)]
    private struct Properties
    {
        internal int AllocationType;
        internal int HandleTypes;
        internal Location Location;
        internal nint SecurityAttributes;
        internal nuint MaxSize;
    }
}
