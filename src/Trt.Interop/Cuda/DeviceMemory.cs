namespace Trt.Interop.Cuda;

/// <summary>Device memory without its type of elements: an address, a length and a device.</summary>
public abstract class DeviceMemory : DeviceResource
{
    private protected DeviceMemory(Device device, long byteLength)
        : base(device) => ByteLength = byteLength;

    /// <summary>The address on the device, never 0; aligned to 256 bytes unless it is a slice.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public nint Pointer
    {
        get
        {
            ThrowIfDisposed();
            return RawPointer;
        }
    }

    /// <summary>The length in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Describes the memory for other processes, which open it with <see cref="DeviceMemory{T}.OpenIpc"/> or <c>cudaIpcOpenMemHandle</c>.</summary>
    /// <param name="byteOffset">Where this memory begins in the allocation that the handle stands for: 0, unless it is a slice. The other process needs it too.</param>
    /// <returns>The handle; valid while the memory lives. It must live until the others have closed it.</returns>
    /// <exception cref="CudaException">The memory is managed, of a pool, or of the host stand-in; the message says what to do.</exception>
    public IpcMemoryHandle GetIpcHandle(out long byteOffset) => Device.Api.Ipc.GetMemoryHandle(Device.Ordinal, Pointer, out byteOffset);

    /// <summary>The address also of disposed memory.</summary>
    private protected nint RawPointer { get; init; }
}
