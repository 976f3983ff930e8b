using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>Handles of the driver for other processes.</summary>
internal sealed unsafe class CudaIpcApi(DriverFunctions driver, PrimaryContexts contexts) : IIpcApi
{
    private const uint LazyEnablePeerAccess = 1; // CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS, the only flag there is

    public IpcMemoryHandle GetMemoryHandle(int device, nint pointer, out long offset)
    {
        using ContextScope scope = contexts.Enter(device);
        nint start;
        nuint size;
        Check(driver.MemGetAddressRange(&start, &size, pointer), "cuMemGetAddressRange_v2");
        IpcMemoryHandle handle;
        int result = driver.IpcGetMemHandle(&handle, pointer);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuIpcGetMemHandle", result is (int)CudaResult.InvalidValue or (int)CudaResult.NotSupported
                ? "Only memory of new DeviceMemory<T>(…) can be given to other processes so: not managed memory, not memory of a pool (DeviceMemoryPool.ExportPointer is for that), and nothing on systems without unified addresses."
                : null);
        }

        offset = pointer - start;
        return handle;
    }

    public nint OpenMemory(int device, in IpcMemoryHandle handle, out long size)
    {
        using ContextScope scope = contexts.Enter(device);
        nint pointer;
        int result = driver.IpcOpenMemHandle(&pointer, handle, LazyEnablePeerAccess);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuIpcOpenMemHandle_v2", (CudaResult)result switch
            {
                CudaResult.InvalidContext => "A process cannot open what it has exported itself.",
                CudaResult.InvalidValue => "The bytes are no handle, the other process has freed the memory or has ended, or this one exported it itself.",
                _ => null,
            });
        }

        nint start;
        nuint bytes;
        size = driver.MemGetAddressRange(&start, &bytes, pointer) == 0 ? (long)bytes : long.MaxValue;
        return pointer;
    }

    public void CloseMemory(int device, nint pointer)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.IpcCloseMemHandle(pointer), "cuIpcCloseMemHandle");
    }

    public IpcEventHandle GetEventHandle(int device, nint target)
    {
        using ContextScope scope = contexts.Enter(device);
        IpcEventHandle handle;
        int result = driver.IpcGetEventHandle(&handle, target);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuIpcGetEventHandle", "The event must have been made with EventFlags.Interprocess and EventFlags.DisableTiming.");
        }

        return handle;
    }

    public nint OpenEvent(int device, in IpcEventHandle handle)
    {
        using ContextScope scope = contexts.Enter(device);
        nint opened;
        int result = driver.IpcOpenEventHandle(&opened, handle);
        if (result != 0)
        {
            throw new CudaException((CudaResult)result, "cuIpcOpenEventHandle", "The bytes are no handle, the other process has disposed the event or has ended, or this one exported it itself.");
        }

        return opened;
    }
}
