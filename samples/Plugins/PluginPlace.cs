using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Where a plugin computes: on GPUs, or on the CPU for the CPU runtime. TensorRT says so by nothing but the stream, and 0 is a stream of both.</summary>
/// <param name="device">A GPU, or the host stand-in.</param>
internal sealed class PluginPlace(Device device)
{
    private CudaStream? last;

    /// <summary>The device that the creator was made for.</summary>
    public Device Device => device;

    /// <summary>Whether the CPU computes.</summary>
    public bool IsHost => device.IsHost;

    /// <summary>Loads the kernels, so that the first run does not: while a stream records a graph, the driver loads nothing.</summary>
    public void Prepare()
    {
        if (!IsHost)
        {
            PluginKernels.Of(Current);
        }
    }

    /// <summary>The kernels on the GPU whose turn it is.</summary>
    public PluginKernels Kernels() => PluginKernels.Of(Current);

    /// <summary>The stream that TensorRT passed. The object is kept, for TensorRT passes the same one again and again.</summary>
    /// <param name="handle">A <c>cudaStream_t</c>.</param>
    public CudaStream Stream(nint handle)
    {
        Device current = Current;
        if (last is not { } stream || stream.Handle != handle || stream.Device != current)
        {
            stream = last = CudaStream.FromHandle(handle, current);
        }

        return stream;
    }

    /// <summary>Does the CPU's work: at once when the CPU runtime calls, which does so in its stream's turn and passes 0; behind the work of any other host stream.</summary>
    /// <param name="handle">The stream.</param>
    /// <param name="work">The work.</param>
    /// <typeparam name="T">What it works on.</typeparam>
    public void RunOnHost<T>(nint handle, T work)
        where T : struct, IHostWork
    {
        if (handle == 0)
        {
            work.Run();
        }
        else
        {
            Queue(HostDeviceApi.StreamFromHandle(handle), work);
        }
    }

    private static void Queue<T>(HostStream stream, T work)
        where T : struct, IHostWork => stream.Enqueue(static state => ((T)state!).Run(), work);

    /// <summary>The calling thread's GPU, which TensorRT's caller has made current.</summary>
    private Device Current => Trt.Interop.Cuda.Device.Current is { IsHost: false } gpu ? gpu : device;
}
