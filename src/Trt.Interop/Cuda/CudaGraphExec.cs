namespace Trt.Interop.Cuda;

/// <summary>A graph that can be launched, as often as wanted. Memory that was recorded must live as long.</summary>
/// <remarks>Launches of one object follow each other, also in different streams of a GPU. Not to be used from two threads at once.</remarks>
public sealed class CudaGraphExec : DeviceResource
{
    private readonly nint handle;

    internal CudaGraphExec(Device device, nint handle)
        : base(device)
    {
        this.handle = handle;
        Own();
    }

    /// <summary>The number by which C++ knows it, a <c>cudaGraphExec_t</c>.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public nint Handle
    {
        get
        {
            ThrowIfDisposed();
            return handle;
        }
    }

    /// <summary>Queues one run of all operations.</summary>
    /// <param name="stream">A stream of the same device. What a recorded callback throws comes out of this stream on the host stand-in, and of the recorded stream on a GPU.</param>
    public void Launch(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckTogether(Device, stream.Device, "Graph and stream");
        Device.Api.Graphs.Launch(Device.Ordinal, Handle, stream.Handle);
    }

    /// <summary>Takes over the addresses and values of a graph of the same shape; launches already queued keep theirs.</summary>
    /// <param name="graph">A graph of the same device; may be disposed afterwards.</param>
    /// <returns>False where the shapes differ: instantiate the new graph instead.</returns>
    public bool TryUpdate(CudaGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        CheckTogether(Device, graph.Device, "The two graphs");
        return Device.Api.Graphs.TryUpdate(Device.Ordinal, Handle, graph.Handle);
    }

    /// <summary>Names handle and device.</summary>
    public override string ToString() => $"CudaGraphExec 0x{handle:x} of {Device}";

    private protected override void Release() => Device.Api.Graphs.DestroyInstance(Device.Ordinal, handle);
}
