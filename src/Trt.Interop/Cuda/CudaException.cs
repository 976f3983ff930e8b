namespace Trt.Interop.Cuda;

/// <summary>A call of the CUDA driver, or of its host stand-in, failed.</summary>
/// <remarks>The message names the call, the driver's name and text of the error, and what can be done where that is known.</remarks>
public sealed class CudaException : Exception
{
    /// <summary>Makes an exception for a failed call.</summary>
    /// <param name="result">What the call returned.</param>
    /// <param name="function">The call.</param>
    /// <param name="detail">What is known beyond the result: a sentence, or null.</param>
    public CudaException(CudaResult result, string function, string? detail = null)
        : base(Compose(result, function, detail))
    {
        Result = result;
        Function = function;
    }

    /// <summary>What the call returned.</summary>
    public CudaResult Result { get; }

    /// <summary>The call that failed, such as <c>cuMemAlloc_v2</c>.</summary>
    public string Function { get; }

    /// <summary>The driver's name of the result, such as <c>CUDA_ERROR_OUT_OF_MEMORY</c>.</summary>
    public string ErrorName => CudaDriver.GetErrorName(Result);

    private static string Compose(CudaResult result, string function, string? detail)
    {
        string message = $"{function} failed with {CudaDriver.GetErrorName(result)} ({(int)result}): {CudaDriver.GetErrorText(result)}.";
        if (!string.IsNullOrEmpty(detail))
        {
            message += " " + detail;
        }

        string? advice = Advise(result);
        return advice is null ? message : message + " " + advice;
    }

    internal static string? Advise(CudaResult result) => result switch
    {
        CudaResult.OutOfMemory => "Dispose device memory, engines or contexts that are not needed, use a smaller batch, profile or workspace, or see with nvidia-smi which process holds the memory.",
        CudaResult.NoDevice => "Check with nvidia-smi that a GPU is there; in a container pass --gpus all; and see that CUDA_VISIBLE_DEVICES does not hide it.",
        CudaResult.InvalidDevice => "Take a device out of Device.All.",
        CudaResult.StubLibrary => "Remove the toolkit's stubs folder from the library path and install NVIDIA's driver.",
        CudaResult.DeviceUnavailable => "End the process that holds the GPU, or set its compute mode to default with nvidia-smi -c 0.",
        CudaResult.InvalidContext or CudaResult.ContextIsDestroyed => "Something reset the device (cudaDeviceReset or cuDevicePrimaryCtxReset) while its objects were in use; make them anew after a reset, or leave the reset out.",
        CudaResult.NoBinaryForGpu => "Compile the code for this GPU's compute capability, or ship PTX with it.",
        CudaResult.UnsupportedPtxVersion => "Install a newer driver, or compile the PTX with an older toolkit.",
        CudaResult.IllegalAddress or CudaResult.LaunchFailed or CudaResult.Assert or CudaResult.LaunchTimeout => "The device's context cannot be used any more; restart the process. compute-sanitizer finds the kernel that did it.",
        CudaResult.SystemNotReady => "Start NVIDIA's fabric manager (systemctl start nvidia-fabricmanager), which GPUs joined by NVSwitch need.",
        CudaResult.SystemDriverMismatch => "Reboot after a driver update, or install the driver library of the kernel's driver release in the container.",
        CudaResult.StreamCaptureUnsupported => "Do it before BeginCapture or after EndCapture.",
        CudaResult.StreamCaptureUnjoined => "Record an event on each stream that joined, and let the first stream wait for it before EndCapture.",
        _ => null,
    };
}
