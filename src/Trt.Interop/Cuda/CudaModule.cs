namespace Trt.Interop.Cuda;

/// <summary>GPU code loaded on a device.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public sealed class CudaModule : DeviceResource
{
    private readonly nint handle;

    private CudaModule(Device device, nint handle)
        : base(device)
    {
        this.handle = handle;
        Own();
    }

    /// <summary>The number by which C++ knows it, a <c>CUmodule</c>.</summary>
    /// <exception cref="ObjectDisposedException">The module was disposed.</exception>
    public nint Handle
    {
        get
        {
            ThrowIfDisposed();
            return handle;
        }
    }

    /// <summary>Loads PTX text (UTF-8), a cubin or a fat binary.</summary>
    /// <param name="image">The image; not needed afterwards.</param>
    /// <param name="device">The device; <see cref="Device.Current"/> when null.</param>
    /// <returns>The module, owned by the caller.</returns>
    /// <exception cref="CudaException">The image does not fit the GPU or does not compile, with the compiler's words; or the device is the host stand-in.</exception>
    public static CudaModule Load(ReadOnlySpan<byte> image, Device? device = null)
    {
        device ??= Device.Current;
        if (image.IsEmpty)
        {
            throw new ArgumentException("The image is empty; give PTX text, a cubin or a fat binary.", nameof(image));
        }

        return new CudaModule(device, device.Api.Modules.Load(device.Ordinal, image));
    }

    /// <summary>Finds a kernel.</summary>
    /// <param name="name">Its name as it stands in the image; C++ names are mangled unless declared <c>extern "C"</c>.</param>
    /// <returns>The kernel; valid until the module is disposed.</returns>
    /// <exception cref="CudaException">There is no such kernel.</exception>
    public CudaKernel GetKernel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new CudaKernel(this, name, Device.Api.Modules.GetFunction(Device.Ordinal, Handle, name));
    }

    /// <summary>Names handle and device.</summary>
    public override string ToString() => $"CudaModule 0x{handle:x} of {Device}";

    private protected override void Release() => Device.Api.Modules.Unload(Device.Ordinal, handle);
}
