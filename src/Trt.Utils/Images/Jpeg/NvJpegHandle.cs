using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>nvJPEG with one of its backends on a device. Safe to use from any thread; states are not.</summary>
internal sealed unsafe class NvJpegHandle : IDisposable
{
    private NvJpegHandle(NvJpegFunctions functions, nint handle) => (Functions, Handle) = (functions, handle);

    public NvJpegFunctions Functions { get; }

    public nint Handle { get; }

    /// <summary>Opens the library.</summary>
    /// <param name="functions">The library.</param>
    /// <param name="backend">nvjpegBackend_t.</param>
    /// <param name="device">The device.</param>
    /// <param name="status">Why not, where null is returned.</param>
    public static NvJpegHandle? TryCreate(NvJpegFunctions functions, int backend, Device device, out NvJpegStatus status)
    {
        using DeviceScope scope = device.Use();
        nint handle;
        status = functions.CreateEx(backend, null, null, 0, &handle);
        return status == NvJpegStatus.Success ? new NvJpegHandle(functions, handle) : null;
    }

    /// <summary>Engines for JPEG that the GPU has; 0 where the library does not say.</summary>
    public int CountEngines()
    {
        uint engines = 0, cores = 0;
        return Functions.GetHardwareDecoderInfo is null || Functions.GetHardwareDecoderInfo(Handle, &engines, &cores) != NvJpegStatus.Success ? 0 : (int)engines;
    }

    public static void Check(NvJpegStatus status, string function)
    {
        if (status != NvJpegStatus.Success)
        {
            throw new InvalidOperationException($"{function} of nvJPEG failed ({(int)status}): {NvJpegFunctions.Describe(status)}.");
        }
    }

    public void Dispose() => _ = Functions.Destroy(Handle);
}
