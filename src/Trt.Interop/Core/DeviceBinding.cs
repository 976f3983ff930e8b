using Trt.Interop.Cuda;

namespace Trt.Interop.Core;

/// <summary>The device that a native object works on, where there are several: made current before its calls, and the thread's own again after them.</summary>
/// <remarks>
/// An engine, and what is made from it, belongs to the device that was current when it was made; TensorRT fails or worse where another one is.
/// A runtime or a builder goes by the thread's choice, as in C++, and where the thread has none by the device that was current when it was made.
/// </remarks>
internal sealed unsafe class DeviceBinding
{
    [ThreadStatic]
    private static Stack<(nint Token, Device? Before)>? entered; // of host devices; the driver keeps a stack of its own

    private readonly DriverFunctions? driver;
    private readonly nint context;
    private readonly bool isFixed;

    private DeviceBinding(Device device, nint context, bool isFixed)
    {
        Device = device;
        this.context = context;
        this.isFixed = isFixed;
        driver = device.IsHost ? null : CudaDriver.Functions;
    }

    /// <summary>The device.</summary>
    public Device Device { get; }

    /// <summary>The calling thread's device and context; null where there is but one device, so that nothing needs to be compared.</summary>
    /// <param name="isFixed">Whether the object cannot work on another one.</param>
    public static DeviceBinding? OfThread(bool isFixed)
    {
        if (Device.Chosen is { } chosen)
        {
            return chosen.Api.DeviceCount > 1 ? new DeviceBinding(chosen, 0, isFixed) : null;
        }

        if (!CudaDriver.IsAvailable(out _) || CudaDeviceApi.Instance.DeviceCount < 2)
        {
            return null;
        }

        CudaDeviceApi api = CudaDeviceApi.Instance;
        Device device = Device.Of(api)[api.CurrentDevice];
        nint current;
        return new DeviceBinding(device, CudaDriver.Functions.CtxGetCurrent(&current) == 0 && current != 0 ? current : api.PrimaryContext(device.Ordinal), isFixed);
    }

    /// <summary>Makes the device current unless it is.</summary>
    /// <returns>Whether <see cref="Leave"/> must be called.</returns>
    /// <exception cref="CudaException">The device's context is gone.</exception>
    public bool Enter()
    {
        if (driver is null)
        {
            if (Device.Chosen == Device || (!isFixed && Device.Chosen is not null))
            {
                return false;
            }

            (entered ??= []).Push((Device.Api.Enter(Device.Ordinal), Device.Choose(Device)));
            return true;
        }

        nint current;
        int result = driver.CtxGetCurrentFast(&current);
        if (result == 0 && (current == context || (!isFixed && current != 0)))
        {
            return false;
        }

        CudaDriver.Check(driver.CtxPushCurrent(context), "cuCtxPushCurrent_v2");
        return true;
    }

    /// <summary>Makes the device before current again.</summary>
    public void Leave()
    {
        if (driver is null)
        {
            (nint token, Device? before) = entered!.Pop();
            Device.Choose(before);
            Device.Api.Leave(token);
            return;
        }

        nint popped;
        _ = driver.CtxPopCurrent(&popped); // a failure here must not hide that of the call itself
    }
}
