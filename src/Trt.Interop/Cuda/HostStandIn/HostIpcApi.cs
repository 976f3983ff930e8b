namespace Trt.Interop.Cuda;

/// <summary>Refuses: memory and events of the host stand-in are this process's own.</summary>
internal sealed class HostIpcApi : IIpcApi
{
    public IpcMemoryHandle GetMemoryHandle(int device, nint pointer, out long offset) => throw Own("GetMemoryHandle");

    public nint OpenMemory(int device, in IpcMemoryHandle handle, out long size) => throw Own("OpenMemory");

    public void CloseMemory(int device, nint pointer) => throw Own("CloseMemory");

    public IpcEventHandle GetEventHandle(int device, nint target) => throw Own("GetEventHandle");

    public nint OpenEvent(int device, in IpcEventHandle handle) => throw Own("OpenEvent");

    private static CudaException Own(string function) =>
        new(CudaResult.NotSupported, function, "Memory and events of the host stand-in are this process's own; use a memory-mapped file between processes that run on the CPU.");
}
