namespace Trt.Interop.Cuda;

/// <summary>A reference on a device's primary context; see <see cref="Device.RetainPrimaryContext"/>.</summary>
public sealed class PrimaryContext : DeviceResource
{
    private readonly nint handle;

    internal PrimaryContext(Device device)
        : base(device)
    {
        handle = device.Api.RetainPrimaryContext(device.Ordinal);
        Own();
    }

    /// <summary>The context's handle, a <c>CUcontext</c>.</summary>
    /// <exception cref="ObjectDisposedException">The reference was given back.</exception>
    public nint Handle
    {
        get
        {
            ThrowIfDisposed();
            return handle;
        }
    }

    /// <summary>Names the device.</summary>
    public override string ToString() => $"PrimaryContext of {Device}";

    private protected override void Release() => Device.Api.ReleasePrimaryContext(Device.Ordinal);
}
