namespace Trt.Interop.Cuda;

/// <summary>Callbacks that have run and can be used again, so that queueing one allocates nothing.</summary>
internal sealed class HostCallbackPool
{
    private readonly Lock gate = new();
    private HostCallback? free;

    internal HostCallback Rent(CudaStreamApi api, int device, nint stream, Action<object?> work, object? state)
    {
        HostCallback? callback;
        lock (gate)
        {
            callback = free;
            if (callback is not null)
            {
                free = callback.Next;
                callback.Next = null;
            }
        }

        callback ??= new HostCallback(this);
        callback.Set(api, device, stream, work, state);
        return callback;
    }

    internal void Return(HostCallback callback)
    {
        callback.Clear();
        lock (gate)
        {
            callback.Next = free;
            free = callback;
        }
    }
}
