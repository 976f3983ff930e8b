using System.Runtime.CompilerServices;
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

    /// <summary>As <see cref="Enter"/>, for calls that are made often: they must not stand in a try block, in which the JIT makes them through a stub.</summary>
    /// <returns>What <see cref="Pop"/> must be given, after the call and before anything may throw.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Push(int device)
    {
        nint wanted = Get(device);
        nint current;
        return (driver.CtxGetCurrentFast(&current) != 0 || current != wanted) && PushNow(wanted);
    }

    /// <summary>Ends what <see cref="Push"/> began.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Pop(bool pushed)
    {
        if (pushed)
        {
            PopNow();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool PushNow(nint wanted)
    {
        Check(driver.CtxPushCurrent(wanted), "cuCtxPushCurrent_v2");
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PopNow()
    {
        nint context;
        _ = driver.CtxPopCurrent(&context); // a failure here must not hide that of the call itself
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
