namespace Trt.Interop.Cuda;

/// <summary>A device made current for a while; see <see cref="Device.Use"/>.</summary>
public readonly ref struct DeviceScope
{
    private readonly IDeviceApi? api;
    private readonly nint token;
    private readonly Device? before;

    internal DeviceScope(IDeviceApi api, nint token, Device? before)
    {
        this.api = api;
        this.token = token;
        this.before = before;
    }

    /// <summary>Makes the device before current again. To be called once, on the thread that made the scope.</summary>
    public void Dispose()
    {
        if (api is not null)
        {
            Device.Restore(before);
            api.Leave(token);
        }
    }
}
