namespace Trt.Interop.Cuda;

/// <summary>Work of a stream recorded once; see <see cref="CudaStream.BeginCapture"/>. To run it, instantiate it.</summary>
/// <remarks>Not to be used from two threads at once.</remarks>
public sealed class CudaGraph : DeviceResource
{
    private readonly nint handle;

    internal CudaGraph(Device device, nint handle)
        : base(device)
    {
        this.handle = handle;
        Own();
    }

    /// <summary>The number by which C++ knows it, a <c>cudaGraph_t</c>.</summary>
    /// <exception cref="ObjectDisposedException">The graph was disposed.</exception>
    public nint Handle
    {
        get
        {
            ThrowIfDisposed();
            return handle;
        }
    }

    /// <summary>How many operations it has.</summary>
    public long NodeCount => Device.Api.Graphs.GetNodeCount(Device.Ordinal, Handle);

    /// <summary>Makes it ready to launch. The graph may be disposed afterwards.</summary>
    /// <returns>What can be launched, owned by the caller.</returns>
    public CudaGraphExec Instantiate() => new(Device, Device.Api.Graphs.Instantiate(Device.Ordinal, Handle));

    /// <summary>Names handle and device.</summary>
    public override string ToString() => $"CudaGraph 0x{handle:x} of {Device}";

    private protected override void Release() => Device.Api.Graphs.Destroy(Device.Ordinal, handle);
}
