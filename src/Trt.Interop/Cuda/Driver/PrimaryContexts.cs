using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>Each device's primary context, retained at first use.</summary>
internal sealed unsafe class PrimaryContexts(DriverFunctions driver, int count)
{
    private readonly nint[] handles = new nint[count];
    private readonly Lock retaining = new();

    internal nint Get(int device)
    {
        if ((uint)device >= (uint)handles.Length)
        {
            throw new CudaException(CudaResult.InvalidDevice, "cuDeviceGet", $"Device {device} does not exist; there are {handles.Length}, numbered from 0.");
        }

        nint handle = Volatile.Read(ref handles[device]);
        return handle != 0 ? handle : Retain(device);
    }

    /// <summary>Makes the device's context the thread's until the scope is disposed; costs one driver call where it already is.</summary>
    internal ContextScope Enter(int device)
    {
        nint wanted = Get(device);
        nint current;
        Check(driver.CtxGetCurrentFast(&current), "cuCtxGetCurrent");
        if (current == wanted)
        {
            return default;
        }

        Check(driver.CtxPushCurrent(wanted), "cuCtxPushCurrent_v2");
        return new ContextScope(driver);
    }

    private nint Retain(int device)
    {
        lock (retaining)
        {
            if (handles[device] == 0)
            {
                nint handle;
                Check(driver.PrimaryCtxRetain(&handle, device), "cuDevicePrimaryCtxRetain");
                Volatile.Write(ref handles[device], handle);
            }

            return handles[device];
        }
    }
}
