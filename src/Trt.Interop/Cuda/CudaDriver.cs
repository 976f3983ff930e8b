using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>NVIDIA's driver library of this machine: whether it is there, and its version.</summary>
/// <remarks>The library is loaded and initialised once, at first use, by whichever thread comes first. All members are safe to use from any thread.</remarks>
public static unsafe class CudaDriver
{
    private static readonly Lazy<DriverLoad> Load = new(DriverLoad.Run, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Whether the driver is there, could be initialised and sees at least one GPU.</summary>
    /// <param name="reason">Why not, in a sentence or two that say what to do; empty when it is.</param>
    /// <returns>True when <see cref="CudaDeviceApi"/> can be used.</returns>
    public static bool IsAvailable(out string reason)
    {
        DriverLoad load = Load.Value;
        reason = load.Reason;
        return load.Functions is not null;
    }

    /// <summary>The newest CUDA release that the driver supports, 12.4 for example.</summary>
    /// <exception cref="CudaException">There is no driver.</exception>
    public static Version Version
    {
        get
        {
            int number;
            Check(Functions.DriverGetVersion(&number), "cuDriverGetVersion");
            return new Version(number / 1000, number % 1000 / 10);
        }
    }

    internal static DriverFunctions Functions
    {
        get
        {
            DriverLoad load = Load.Value;
            return load.Functions ?? throw new CudaException(load.Result, "cuInit", load.Reason);
        }
    }

    internal static void Check(int result, string function)
    {
        if (result != 0)
        {
            Throw(result, function);
        }
    }

    internal static void Throw(int result, string function) => throw new CudaException((CudaResult)result, function);

    /// <summary>For calls that old drivers lack.</summary>
    internal static void Need(void* function, string name, string release)
    {
        if (function == null)
        {
            throw new CudaException(CudaResult.NotSupported, name, $"The driver does not have this call; install one that supports CUDA {release} or newer.");
        }
    }

    internal static string GetErrorName(CudaResult result)
    {
        if (Load.IsValueCreated && Load.Value.Functions is { } functions)
        {
            byte* text;
            if (functions.GetErrorName((int)result, &text) == 0 && text != null)
            {
                return Marshal.PtrToStringUTF8((nint)text)!;
            }
        }

        return CudaResultNames.Of(result);
    }

    internal static string GetErrorText(CudaResult result)
    {
        if (Load.IsValueCreated && Load.Value.Functions is { } functions)
        {
            byte* text;
            if (functions.GetErrorString((int)result, &text) == 0 && text != null)
            {
                return Marshal.PtrToStringUTF8((nint)text)!;
            }
        }

        return CudaResultNames.Describe(result);
    }
}
