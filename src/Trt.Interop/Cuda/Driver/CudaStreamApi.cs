using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>Streams and events by the driver.</summary>
internal sealed unsafe class CudaStreamApi(DriverFunctions driver, PrimaryContexts contexts) : IStreamApi
{
    private readonly ConcurrentDictionary<(int Device, nint Stream), ExceptionDispatchInfo> failures = new();
    private readonly HostCallbackPool callbacks = new();
    private int failureCount;

    public nint Create(int device, StreamFlags flags, int priority)
    {
        using ContextScope scope = contexts.Enter(device);
        nint stream;
        Check(driver.StreamCreateWithPriority(&stream, (uint)flags, priority), "cuStreamCreateWithPriority");
        return stream;
    }

    public void Destroy(int device, nint stream)
    {
        using ContextScope scope = contexts.Enter(device);
        TakeFailure(device, stream);
        Check(driver.StreamDestroy(stream), "cuStreamDestroy_v2");
    }

    public void Synchronize(int device, nint stream)
    {
        bool pushed = contexts.Push(device);
        int result = driver.StreamSynchronize(stream);
        contexts.Pop(pushed);
        Check(result, "cuStreamSynchronize");

        TakeFailure(device, stream)?.Throw();
    }

    public bool IsIdle(int device, nint stream)
    {
        using ContextScope scope = contexts.Enter(device);
        return IsReady(driver.StreamQuery(stream), "cuStreamQuery");
    }

    public int GetPriority(int device, nint stream)
    {
        using ContextScope scope = contexts.Enter(device);
        int priority;
        Check(driver.StreamGetPriority(stream, &priority), "cuStreamGetPriority");
        return priority;
    }

    public (int Least, int Greatest) GetPriorityRange(int device)
    {
        using ContextScope scope = contexts.Enter(device);
        int least, greatest;
        Check(driver.CtxGetStreamPriorityRange(&least, &greatest), "cuCtxGetStreamPriorityRange");
        return (least, greatest);
    }

    public void Wait(int device, nint stream, nint waitFor)
    {
        bool pushed = contexts.Push(device);
        int result = driver.StreamWaitEvent(stream, waitFor, 0);
        contexts.Pop(pushed);
        Check(result, "cuStreamWaitEvent");
    }

    public void Enqueue(int device, nint stream, Action<object?> work, object? state)
    {
        using ContextScope scope = contexts.Enter(device);
        int capturing;
        Check(driver.StreamIsCapturing(stream, &capturing), "cuStreamIsCapturing");
        HostCallback callback;
        if (capturing == (int)CaptureStatus.None)
        {
            callback = callbacks.Rent(this, device, stream, work, state);
            int result = driver.LaunchHostFunc(stream, HostCallback.Trampoline, callback.Handle);
            if (result != 0)
            {
                callbacks.Return(callback);
                Throw(result, "cuLaunchHostFunc");
            }

            return;
        }

        callback = new HostCallback(null);
        callback.Set(this, device, stream, work, state);
        HandToGraph(stream, callback);
        Check(driver.LaunchHostFunc(stream, HostCallback.Trampoline, callback.Handle), "cuLaunchHostFunc");
    }

    public void Enqueue(int device, nint stream, delegate* unmanaged<nint, void> function, nint state)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.LaunchHostFunc(stream, (nint)function, state), "cuLaunchHostFunc");
    }

    public nint CreateEvent(int device, EventFlags flags)
    {
        using ContextScope scope = contexts.Enter(device);
        nint created;
        Check(driver.EventCreate(&created, (uint)flags), "cuEventCreate");
        return created;
    }

    public void DestroyEvent(int device, nint target)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.EventDestroy(target), "cuEventDestroy_v2");
    }

    public void RecordEvent(int device, nint target, nint stream)
    {
        bool pushed = contexts.Push(device);
        int result = driver.EventRecord(target, stream);
        contexts.Pop(pushed);
        Check(result, "cuEventRecord");
    }

    public bool IsEventComplete(int device, nint target)
    {
        using ContextScope scope = contexts.Enter(device);
        return IsReady(driver.EventQuery(target), "cuEventQuery");
    }

    public void SynchronizeEvent(int device, nint target)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.EventSynchronize(target), "cuEventSynchronize");
    }

    public float GetElapsedMilliseconds(int device, nint start, nint end)
    {
        using ContextScope scope = contexts.Enter(device);
        float milliseconds;
        Check(driver.EventElapsedTime(&milliseconds, start, end), "cuEventElapsedTime");
        return milliseconds;
    }

    /// <summary>Whether an earlier callback of the stream failed and nobody was told yet.</summary>
    internal bool HasFailed(int device, nint stream) => Volatile.Read(ref failureCount) != 0 && failures.ContainsKey((device, stream));

    internal void Fail(int device, nint stream, Exception error)
    {
        if (failures.TryAdd((device, stream), ExceptionDispatchInfo.Capture(error)))
        {
            Interlocked.Increment(ref failureCount);
        }
    }

    private ExceptionDispatchInfo? TakeFailure(int device, nint stream)
    {
        if (Volatile.Read(ref failureCount) == 0 || !failures.TryRemove((device, stream), out ExceptionDispatchInfo? failure))
        {
            return null;
        }

        Interlocked.Decrement(ref failureCount);
        return failure;
    }

    /// <summary>Lets the graph under capture own the callback, so that it lives as long as the last copy that may call it.</summary>
    private void HandToGraph(nint stream, HostCallback callback)
    {
        try
        {
            Need(driver.StreamGetCaptureInfo, "cuStreamGetCaptureInfo_v2", "11.3");
            Need(driver.UserObjectCreate, "cuUserObjectCreate", "11.3");
            Need(driver.GraphRetainUserObject, "cuGraphRetainUserObject", "11.3");
            int status;
            nint graph;
            Check(driver.StreamGetCaptureInfo(stream, &status, null, &graph, null, null), "cuStreamGetCaptureInfo_v2");
            if (status != (int)CaptureStatus.Active)
            {
                throw new CudaException(CudaResult.StreamCaptureInvalidated, "cuLaunchHostFunc");
            }

            const uint NoDestructorSync = 1, Move = 1;
            nint owner;
            Check(driver.UserObjectCreate(&owner, callback.Handle, HostCallback.Destructor, 1, NoDestructorSync), "cuUserObjectCreate");
            Check(driver.GraphRetainUserObject(graph, owner, 1, Move), "cuGraphRetainUserObject");
        }
        catch (CudaException)
        {
            callback.Free();
            throw;
        }
    }

    private static bool IsReady(int result, string function)
    {
        if (result == (int)CudaResult.NotReady)
        {
            return false;
        }

        Check(result, function);
        return true;
    }
}
