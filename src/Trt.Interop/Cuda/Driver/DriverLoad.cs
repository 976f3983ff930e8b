using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>The outcome of loading and initialising the driver library: its functions, or why there are none.</summary>
internal sealed unsafe class DriverLoad
{
    private DriverLoad(DriverFunctions? functions, CudaResult result, string reason)
    {
        Functions = functions;
        Result = result;
        Reason = reason;
    }

    internal DriverFunctions? Functions { get; }

    internal CudaResult Result { get; }

    internal string Reason { get; }

    internal static DriverLoad Run()
    {
        if (!Environment.Is64BitProcess)
        {
            return new(null, CudaResult.NotSupported, "The CUDA driver is used from 64-bit processes only; run the program as one.");
        }

        // The WSL folder is not on the loader's path in every distribution.
        string[] names = OperatingSystem.IsWindows() ? ["nvcuda.dll"]
            : OperatingSystem.IsLinux() ? ["libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"]
            : [];
        return Run(names);
    }

    internal static DriverLoad Run(string[] names)
    {
        if (names.Length == 0)
        {
            return new(null, CudaResult.NotSupported, "NVIDIA has a CUDA driver for Linux and Windows only; use Device.Host on this system.");
        }

        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library))
            {
                continue;
            }

            DriverFunctions functions = new(library);
            return functions.Missing.Count > 0
                ? new(null, CudaResult.NotFound, $"The CUDA driver {name} lacks {string.Join(", ", functions.Missing.Take(3))}{(functions.Missing.Count > 3 ? $" and {functions.Missing.Count - 3} more calls" : string.Empty)}; install a driver that supports CUDA 11.0 or newer (release 450 or later).")
                : Initialise(name, functions);
        }

        string install = OperatingSystem.IsWindows()
            ? "Install NVIDIA's display driver, or use Device.Host."
            : "Install NVIDIA's driver (package nvidia-driver or cuda-drivers; in a container pass --gpus all), or use Device.Host.";
        return new(null, CudaResult.NoDevice, $"The CUDA driver library was not found (tried {string.Join(", ", names)}). {install}");
    }

    private static DriverLoad Initialise(string name, DriverFunctions functions)
    {
        int result = functions.Init(0);
        int count = 0;
        string call = "cuInit";
        if (result == 0)
        {
            call = "cuDeviceGetCount";
            result = functions.DeviceGetCount(&count);
        }

        if (result == 0 && count > 0)
        {
            return new(functions, CudaResult.Success, "");
        }

        CudaResult code = result == 0 ? CudaResult.NoDevice : (CudaResult)result;
        byte* text;
        string? error = functions.GetErrorName((int)code, &text) == 0 && text != null ? Marshal.PtrToStringUTF8((nint)text) : null;
        string sentence = $"The CUDA driver {name} is there, but {call} answered {error ?? CudaResultNames.Of(code)} ({(int)code}): {CudaResultNames.Describe(code)}.";
        string? advice = CudaException.Advise(code);
        return new(null, code, advice is null ? sentence : sentence + " " + advice);
    }
}
