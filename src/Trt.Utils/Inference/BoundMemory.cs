using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The user's memory that a tensor of a context uses in the place of the context's own.</summary>
/// <param name="Pointer">Its address; 0 when the context's own memory is used.</param>
/// <param name="Bytes">How much may be used.</param>
/// <param name="IsPinned">Page-locked memory of the host, which runs copy; else memory that runs use as it is.</param>
/// <param name="Lender">What must not be disposed meanwhile; null where only the address is known.</param>
internal readonly record struct BoundMemory(nint Pointer, long Bytes, bool IsPinned, DeviceResource? Lender)
{
    public bool IsNone => Pointer == 0;

    public bool IsOnDevice => Pointer != 0 && !IsPinned;

    /// <exception cref="ObjectDisposedException">The memory has been disposed.</exception>
    public void CheckAlive(TensorSpec tensor)
    {
        if (Lender is { IsDisposed: true })
        {
            throw new ObjectDisposedException(Lender.GetType().Name, $"The memory bound to {tensor.Kind} \"{tensor.Name}\" has been disposed: bind other memory.");
        }
    }

    /// <exception cref="ArgumentException">There is less memory than a shape needs.</exception>
    public void CheckRoom(TensorSpec tensor, string shape, long bytes)
    {
        CheckAlive(tensor);
        if (Pointer != 0 && Bytes < bytes)
        {
            throw new ArgumentException($"{(tensor.IsInput ? "Input" : "Output")} \"{tensor.Name}\" of shape {shape} needs {bytes} bytes, but the memory bound to it has {Bytes}.");
        }
    }

    /// <summary>Checks memory of a GPU: TensorRT wants addresses that are multiples of 256.</summary>
    /// <exception cref="ArgumentException">The address is not aligned.</exception>
    public void CheckAlignment(TensorSpec tensor)
    {
        if ((Pointer & 255) != 0)
        {
            throw new ArgumentException($"The address 0x{Pointer:x} for \"{tensor.Name}\" is not aligned to 256 bytes, as TensorRT demands: use the beginning of an allocation, or a slice at a multiple of 256 bytes.");
        }
    }
}
