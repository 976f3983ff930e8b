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

    /// <summary>The address also of disposed memory.</summary>
    private protected nint RawPointer { get; init; }
}
