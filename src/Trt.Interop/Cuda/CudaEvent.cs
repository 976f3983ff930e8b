namespace Trt.Interop.Cuda;

/// <summary>A mark in a stream: streams and threads wait for it, and two of them measure time.</summary>
/// <remarks>May be recorded again and again; the latest record counts. Safe to use from any thread.</remarks>
public sealed class CudaEvent : DeviceResource
{
    private readonly nint handle;

    /// <summary>Makes an event.</summary>
    /// <param name="device">The device; <see cref="Device.Current"/> when null.</param>
    /// <param name="flags">Whether it keeps times, and how a thread waits for it.</param>
    /// <exception cref="CudaException">The device makes no more events.</exception>
    public CudaEvent(Device? device = null, EventFlags flags = EventFlags.Default)
        : base(device ?? Device.Current)
    {
        handle = Device.Api.Streams.CreateEvent(Device.Ordinal, flags);
        Own();
    }

    private CudaEvent(Device device, nint handle)
        : base(device)
    {
        this.handle = handle;
        Own();
    }

    /// <summary>Opens an event of another process.</summary>
    /// <param name="handle">What <see cref="GetIpcHandle"/> gave there.</param>
    /// <param name="device">The device to use it on; <see cref="Device.Current"/> when null.</param>
    /// <returns>An event that both processes record and wait for; disposing it here leaves the other's.</returns>
    /// <exception cref="CudaException">The handle is none of this machine, its process has ended or is this one, or the device is the host stand-in.</exception>
    public static CudaEvent OpenIpc(IpcEventHandle handle, Device? device = null)
    {
        device ??= Device.Current;
        return new CudaEvent(device, device.Api.Ipc.OpenEvent(device.Ordinal, handle));
    }

    /// <summary>The number by which C++ knows it, a <c>cudaEvent_t</c>.</summary>
    /// <exception cref="ObjectDisposedException">The event was disposed.</exception>
    public nint Handle
    {
        get
        {
            ThrowIfDisposed();
            return handle;
        }
    }

    /// <summary>Whether the latest record has been reached; true for an event that was never recorded.</summary>
    /// <exception cref="CudaException">The event was recorded into a graph, or the device has failed.</exception>
    public bool IsComplete => Device.Api.Streams.IsEventComplete(Device.Ordinal, Handle);

    /// <summary>Waits until the latest record has been reached.</summary>
    /// <exception cref="CudaException">The event was recorded into a graph, or the device has failed. On the host stand-in, work before the event that failed comes out as it was thrown.</exception>
    public void Synchronize() => Device.Api.Streams.SynchronizeEvent(Device.Ordinal, Handle);

    /// <summary>Measures from an earlier event of the same device to this one; both must have been reached.</summary>
    /// <param name="start">The earlier event.</param>
    /// <returns>Milliseconds, with a resolution of about a microsecond.</returns>
    /// <exception cref="CudaException">An event was never recorded, was not reached yet, or keeps no times.</exception>
    public float MillisecondsSince(CudaEvent start)
    {
        ArgumentNullException.ThrowIfNull(start);
        CheckTogether(Device, start.Device, "The two events");
        return Device.Api.Streams.GetElapsedMilliseconds(Device.Ordinal, start.Handle, Handle);
    }

    /// <summary>Describes it for other processes, which open it with <see cref="OpenIpc"/> or <c>cudaIpcOpenEventHandle</c>.</summary>
    /// <returns>The handle; valid while the event lives.</returns>
    /// <exception cref="CudaException">The event was made without <see cref="EventFlags.Interprocess"/>, or is one of the host stand-in.</exception>
    public IpcEventHandle GetIpcHandle() => Device.Api.Ipc.GetEventHandle(Device.Ordinal, Handle);

    /// <summary>Names handle and device.</summary>
    public override string ToString() => $"CudaEvent 0x{handle:x} of {Device}";

    private protected override void Release() => Device.Api.Streams.DestroyEvent(Device.Ordinal, handle);
}
