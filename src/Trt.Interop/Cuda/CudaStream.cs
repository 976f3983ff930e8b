namespace Trt.Interop.Cuda;

/// <summary>A row of work that a device does in order.</summary>
/// <remarks>
/// Disposing returns at once; what was queued still runs. On a GPU an error of queued work concerns the whole device and stays; on the
/// host stand-in, and for managed callbacks on both, it concerns its stream, is thrown by the next <see cref="Synchronize"/> and is then
/// forgotten; until then the stream's later work is skipped (on a GPU: its later managed callbacks). Safe to use from any thread.
/// </remarks>
public sealed unsafe class CudaStream : DeviceResource
{
    private static readonly Action<object?> CallAction = static state => ((Action)state!)();
    private readonly nint handle;
    private readonly bool isDefault;

    /// <summary>Makes a stream.</summary>
    /// <param name="device">The device; <see cref="Device.Current"/> when null.</param>
    /// <param name="flags">How it relates to the default stream. TensorRT works best on streams that do not wait for it.</param>
    /// <param name="priority">Lower runs first; see <see cref="Device.StreamPriorities"/>. Numbers outside are taken as the nearest.</param>
    /// <exception cref="CudaException">The device makes no more streams.</exception>
    public CudaStream(Device? device = null, StreamFlags flags = StreamFlags.NonBlocking, int priority = 0)
        : base(device ?? Device.Current)
    {
        handle = Device.Api.Streams.Create(Device.Ordinal, flags, priority);
        Own();
    }

    private CudaStream(Device device, nint handle)
        : base(device)
    {
        this.handle = handle;
        isDefault = handle == 0;
        Borrow();
    }

    /// <summary>The number by which C++ knows it, a <c>cudaStream_t</c>.</summary>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public nint Handle
    {
        get
        {
            ThrowIfDisposed();
            return handle;
        }
    }

    /// <summary>Whether it is the legacy default stream of its device.</summary>
    public bool IsDefault => isDefault;

    /// <summary>The priority that the device gave it.</summary>
    public int Priority => Device.Api.Streams.GetPriority(Device.Ordinal, Handle);

    /// <summary>Whether everything queued so far has run.</summary>
    /// <exception cref="CudaException">The stream records a graph, or the device has failed.</exception>
    public bool IsIdle => Device.Api.Streams.IsIdle(Device.Ordinal, Handle);

    /// <summary>Whether it records a graph instead of running its work.</summary>
    public bool IsCapturing => CaptureStatus != CaptureStatus.None;

    /// <summary>Whether it records a graph, and whether the recording is still good.</summary>
    public CaptureStatus CaptureStatus => Device.Api.Graphs.GetCaptureStatus(Device.Ordinal, Handle);

    /// <summary>The handle of a stream; 0, the default stream, for null.</summary>
    /// <param name="stream">The stream.</param>
    public static implicit operator nint(CudaStream? stream) => stream?.Handle ?? 0;

    /// <summary>Describes a stream that somebody else owns. Disposing gives up nothing.</summary>
    /// <param name="handle">Its handle, a <c>cudaStream_t</c>; 0 is the default stream.</param>
    /// <param name="device">Its device.</param>
    /// <returns>A stream that is valid as long as the other's is.</returns>
    /// <exception cref="CudaException">The device is of the host stand-in and the handle is no stream of it.</exception>
    public static CudaStream FromHandle(nint handle, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (handle == 0)
        {
            return device.DefaultStream;
        }

        if (device.IsHost)
        {
            HostStream found = HostDeviceApi.StreamFromHandle(handle);
            if (found.Device.Api != device.Api || found.Device.Ordinal != device.Ordinal)
            {
                throw new ArgumentException($"The stream is of {found.Device.Api.Name}:{found.Device.Ordinal}, not of {device}.", nameof(device));
            }
        }

        return new CudaStream(device, handle);
    }

    /// <summary>Waits until everything queued so far has run.</summary>
    /// <exception cref="CudaException">The device failed, the stream records a graph, or the thread is in a callback of a stream.</exception>
    /// <remarks>What a callback threw since the last call comes out here as it was thrown.</remarks>
    public void Synchronize() => Device.Api.Streams.Synchronize(Device.Ordinal, Handle);

    /// <summary>Records an event behind the work queued so far.</summary>
    /// <param name="target">An event of the same device.</param>
    public void Record(CudaEvent target)
    {
        ArgumentNullException.ThrowIfNull(target);
        CheckTogether(Device, target.Device, "Stream and event");
        Device.Api.Streams.RecordEvent(Device.Ordinal, target.Handle, Handle);
    }

    /// <summary>Lets the work queued from now on wait for the event's latest record. An event that was never recorded is not waited for.</summary>
    /// <param name="waitFor">An event; also of another device of the same kind.</param>
    public void Wait(CudaEvent waitFor)
    {
        ArgumentNullException.ThrowIfNull(waitFor);
        if (waitFor.Device.Api != Device.Api)
        {
            throw new ArgumentException($"A stream of {Device} cannot wait for an event of {waitFor.Device}; synchronise with the event instead.", nameof(waitFor));
        }

        Device.Api.Streams.Wait(Device.Ordinal, Handle, waitFor.Handle);
    }

    /// <summary>Queues a callback. It must not wait for a device, and on a GPU not call CUDA at all.</summary>
    /// <param name="work">The callback; runs on a thread of the driver or of the stream.</param>
    public void Enqueue(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Device.Api.Streams.Enqueue(Device.Ordinal, Handle, CallAction, work);
    }

    /// <summary>Queues a callback with a state, so that a static lambda can be used and nothing is allocated.</summary>
    /// <param name="work">The callback; runs on a thread of the driver or of the stream.</param>
    /// <param name="state">What it is given.</param>
    public void Enqueue(Action<object?> work, object? state)
    {
        ArgumentNullException.ThrowIfNull(work);
        Device.Api.Streams.Enqueue(Device.Ordinal, Handle, work, state);
    }

    /// <summary>Queues a native callback.</summary>
    /// <param name="function">The function; nothing may be thrown out of it.</param>
    /// <param name="state">What it is given.</param>
    public void Enqueue(delegate* unmanaged<nint, void> function, nint state)
    {
        ArgumentNullException.ThrowIfNull(function);
        Device.Api.Streams.Enqueue(Device.Ordinal, Handle, function, state);
    }

    /// <summary>Records what is queued from now on into a graph, instead of running it. Streams that wait for an event recorded here take part.</summary>
    /// <param name="mode">Which other calls are refused meanwhile.</param>
    /// <exception cref="CudaException">It is the default stream, or it records already.</exception>
    public void BeginCapture(CaptureMode mode = CaptureMode.ThreadLocal) => Device.Api.Graphs.BeginCapture(Device.Ordinal, Handle, mode);

    /// <summary>Ends the recording.</summary>
    /// <returns>The graph, owned by the caller.</returns>
    /// <exception cref="CudaException">The recording was spoilt, or another stream that took part was not waited for.</exception>
    public CudaGraph EndCapture() => new(Device, Device.Api.Graphs.EndCapture(Device.Ordinal, Handle));

    /// <summary>Names handle and device.</summary>
    public override string ToString() => isDefault ? $"default stream of {Device}" : $"CudaStream 0x{handle:x} of {Device}";

    internal static CudaStream ForDefault(Device device) => new(device, 0);

    private protected override bool IsDisposable => !isDefault;

    private protected override void Release() => Device.Api.Streams.Destroy(Device.Ordinal, handle);
}
