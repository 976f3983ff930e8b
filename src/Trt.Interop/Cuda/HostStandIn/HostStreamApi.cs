namespace Trt.Interop.Cuda;

/// <summary>Streams and events of the host stand-in.</summary>
internal sealed unsafe class HostStreamApi(HostDeviceApi api) : IStreamApi
{
    internal static readonly HandleTable<HostStream> Table = new(0x5353);
    internal static readonly HandleTable<HostEvent> Events = new(0x4545);

    public nint Create(int device, StreamFlags flags, int priority) => new HostStream(api.Get(device), flags).Handle;

    public void Destroy(int device, nint stream)
    {
        HostStream removed = Table.Remove(stream, "DestroyStream", "stream");
        removed.Device.Remove(removed);
        removed.Capture?.Invalidate();
        removed.Close();
    }

    public void Synchronize(int device, nint stream) => Find(device, stream).Synchronize();

    public bool IsIdle(int device, nint stream) => Find(device, stream).IsIdle;

    public int GetPriority(int device, nint stream)
    {
        _ = Find(device, stream);
        return 0;
    }

    public (int Least, int Greatest) GetPriorityRange(int device) => (0, 0);

    public void Wait(int device, nint stream, nint waitFor)
    {
        HostStream waiting = Find(device, stream);
        HostEvent marked = Events.Get(waitFor, "WaitEvent", "event");
        (long ticket, HostCaptureMark? mark) = marked.Latest();
        HostCapture? capture = waiting.Capture;
        if (mark is not null && mark.Capture.Status == CaptureStatus.Active)
        {
            if (waiting.Handle == 0)
            {
                mark.Capture.Invalidate();
                throw new CudaException(CudaResult.StreamCaptureImplicit, "WaitEvent", "The default stream cannot take part in a recording; make a CudaStream.");
            }

            if (capture is not null && capture != mark.Capture)
            {
                capture.Invalidate();
                throw new CudaException(CudaResult.StreamCaptureMerge, "WaitEvent", "The event belongs to another recording than the stream.");
            }

            mark.Capture.Join(waiting, mark);
            if (capture is null)
            {
                waiting.BeginCapture(mark.Capture);
            }

            return;
        }

        if (capture is not null)
        {
            capture.Invalidate();
            throw new CudaException(CudaResult.StreamCaptureIsolation, "WaitEvent", "The event was recorded outside the stream's recording; wait for it before BeginCapture.");
        }

        if (ticket != 0)
        {
            waiting.Submit(HostOperation.Wait(marked, ticket));
        }
    }

    public void Enqueue(int device, nint stream, Action<object?> work, object? state) => Find(device, stream).Enqueue(work, state);

    public void Enqueue(int device, nint stream, delegate* unmanaged<nint, void> function, nint state) => Find(device, stream).Enqueue(function, state);

    public nint CreateEvent(int device, EventFlags flags) => Events.Add(new HostEvent(api.Get(device), flags));

    public void DestroyEvent(int device, nint target) => Events.Remove(target, "DestroyEvent", "event");

    public void RecordEvent(int device, nint target, nint stream)
    {
        HostEvent marked = Events.Get(target, "RecordEvent", "event");
        HostStream recording = Find(device, stream);
        if (marked.Device != recording.Device)
        {
            throw new CudaException(CudaResult.InvalidHandle, "RecordEvent", $"The event is of host:{marked.Device.Ordinal}, the stream of host:{recording.Device.Ordinal}; record it in a stream of its own device.");
        }

        if (recording.Capture is { } capture)
        {
            marked.Capture(capture.Mark(recording));
            return;
        }

        recording.Submit(HostOperation.Record(marked, marked.Issue()));
    }

    public bool IsEventComplete(int device, nint target) => Running(target, "IsEventComplete").IsComplete;

    public void SynchronizeEvent(int device, nint target)
    {
        HostEvent marked = Running(target, "SynchronizeEvent");
        if (HostStream.IsWorker)
        {
            throw new CudaException(CudaResult.NotPermitted, "SynchronizeEvent", "A callback in a stream must not wait for an event.");
        }

        (long ticket, _) = marked.Latest();
        marked.WaitFor(ticket)?.Throw();
    }

    public float GetElapsedMilliseconds(int device, nint start, nint end) =>
        Running(start, "GetElapsedMilliseconds").MillisecondsTo(Running(end, "GetElapsedMilliseconds"));

    private HostStream Find(int device, nint stream) => stream is 0 or 1
        ? api.Get(device).DefaultStream
        : Table.Find(stream) ?? HostDeviceApi.StreamFromHandle(stream); // which says what is wrong

    private static HostEvent Running(nint target, string function)
    {
        HostEvent marked = Events.Get(target, function, "event");
        if (marked.Mark is { } mark)
        {
            // The driver answers so too: by another error once the recording has ended.
            bool active = mark.Capture.Status == CaptureStatus.Active;
            mark.Capture.Invalidate();
            throw new CudaException(active ? CudaResult.CapturedEvent : CudaResult.InvalidValue, function, "The event was recorded into a graph; record it in running work first.");
        }

        return marked;
    }
}
