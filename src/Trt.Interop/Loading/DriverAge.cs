using Trt.Interop.Cuda;

namespace Trt.Interop.Loading;

/// <summary>Whether the machine's driver is new enough for a library.</summary>
internal static class DriverAge
{
    private static readonly Version Twelve = new(12, 0);

    /// <summary>Why a library cannot work with the driver, for those that end the process instead of saying so; null when nothing speaks against it.</summary>
    /// <param name="driver">The newest CUDA release that the driver supports.</param>
    /// <param name="path">The library's file; read through where the driver is older than CUDA 12.</param>
    public static string? WhyTooOld(Version driver, string path) => driver < Twelve && IsForCuda12(path)
        ? $"the driver supports CUDA {driver} only, and the library was built for CUDA 12. Install NVIDIA's driver 525 or later, or a TensorRT that was built for CUDA {driver.Major}."
        : null;

    /// <summary>What to add to a library's own refusal, where the driver may be its cause; null when it is not.</summary>
    /// <param name="message">What the library said.</param>
    public static string? Remedy(string message)
    {
        if (!CudaDriver.IsAvailable(out string reason))
        {
            return reason;
        }

        // cudaErrorInsufficientDriver, in the two ways in which libraries write it.
        return message.Contains("error: 35", StringComparison.Ordinal) || message.Contains("cudaError 35", StringComparison.Ordinal)
            ? $"The driver of this machine supports CUDA {CudaDriver.Version} only, and the library was built for a later release. Install a newer driver; nvidia-smi shows the present one."
            : null;
    }

    /// <summary>Whether CUDA 12's runtime is linked into a library: it looks for a call of the driver that 12.0 brought.</summary>
    private static bool IsForCuda12(string path)
    {
        ReadOnlySpan<byte> name = "cuGetProcAddress_v2"u8;
        byte[] buffer = new byte[1 << 20];
        int kept = 0;
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        for (int read; (read = file.Read(buffer, kept, buffer.Length - kept)) > 0;)
        {
            int filled = kept + read;
            if (buffer.AsSpan(0, filled).IndexOf(name) >= 0)
            {
                return true;
            }

            // The name may lie across two pieces.
            kept = Math.Min(name.Length - 1, filled);
            buffer.AsSpan(filled - kept, kept).CopyTo(buffer);
        }

        return false;
    }
}
