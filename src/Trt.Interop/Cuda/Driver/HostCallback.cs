using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>A managed callback that waits in a stream of the driver. Its handle is what the driver passes to <see cref="Trampoline"/>.</summary>
internal sealed unsafe class HostCallback
{
    private readonly HostCallbackPool? pool;
    private GCHandle self;
    private CudaStreamApi? api;
    private int device;
    private nint stream;
    private Action<object?>? work;
    private object? state;

    internal HostCallback(HostCallbackPool? pool)
    {
        this.pool = pool;
        self = GCHandle.Alloc(this);
    }

    internal static nint Trampoline => (nint)(delegate* unmanaged<nint, void>)&Invoke;

    internal static nint Destructor => (nint)(delegate* unmanaged<nint, void>)&Release;

    internal nint Handle => GCHandle.ToIntPtr(self);

    internal HostCallback? Next { get; set; }

    internal void Set(CudaStreamApi owner, int onDevice, nint onStream, Action<object?> action, object? argument)
    {
        api = owner;
        device = onDevice;
        stream = onStream;
        work = action;
        state = argument;
    }

    internal void Clear()
    {
        api = null;
        work = null;
        state = null;
    }

    internal void Free() => self.Free();

    [UnmanagedCallersOnly]
    private static void Invoke(nint handle)
    {
        HostCallback callback = (HostCallback)GCHandle.FromIntPtr(handle).Target!;
        CudaStreamApi api = callback.api!;
        int device = callback.device;
        nint stream = callback.stream;
        Action<object?> work = callback.work!;
        object? state = callback.state;
        callback.pool?.Return(callback);
        try
        {
            if (!api.HasFailed(device, stream))
            {
                work(state);
            }
        }
        catch (Exception error)
        {
            api.Fail(device, stream, error);
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(nint handle) => GCHandle.FromIntPtr(handle).Free();
}
