namespace Trt.Interop.Cuda;

/// <summary>
/// A recording under way. Operations are kept in the order of the calls, which respects every dependency between the streams that take
/// part, so that replaying them one after another is right. What each stream has seen of the others is kept only to refuse a recording
/// whose side streams were not joined, as the driver does.
/// </summary>
internal sealed class HostCapture(HostStream origin, CaptureMode mode)
{
    private readonly Lock gate = new();
    private readonly List<HostOperation> operations = [];
    private readonly Dictionary<HostStream, Dictionary<HostStream, int>> seen = new() { [origin] = new() { [origin] = 0 } };
    private readonly int thread = Environment.CurrentManagedThreadId;
    private bool invalid;

    internal HostStream Origin => origin;

    internal CaptureStatus Status
    {
        get
        {
            lock (gate)
            {
                return invalid ? CaptureStatus.Invalidated : CaptureStatus.Active;
            }
        }
    }

    internal void Append(HostStream stream, in HostOperation operation)
    {
        lock (gate)
        {
            if (invalid)
            {
                throw new CudaException(CudaResult.StreamCaptureInvalidated, "Enqueue", "End the recording and begin anew.");
            }

            operations.Add(operation);
            seen[stream][stream]++;
        }
    }

    internal HostCaptureMark Mark(HostStream stream)
    {
        lock (gate)
        {
            return new HostCaptureMark(this, new Dictionary<HostStream, int>(seen[stream]));
        }
    }

    internal void Join(HostStream stream, HostCaptureMark mark)
    {
        lock (gate)
        {
            if (!seen.TryGetValue(stream, out Dictionary<HostStream, int>? mine))
            {
                seen[stream] = mine = new() { [stream] = 0 };
            }

            foreach ((HostStream other, int count) in mark.Seen)
            {
                mine[other] = Math.Max(mine.GetValueOrDefault(other), count);
            }
        }
    }

    internal void Invalidate()
    {
        lock (gate)
        {
            invalid = true;
        }
    }

    /// <summary>Ends it; the streams that took part come back in any case.</summary>
    internal HostOperation[] End(out HostStream[] streams, out CudaException? error)
    {
        lock (gate)
        {
            streams = [.. seen.Keys];
            error = null;
            if (invalid)
            {
                error = new CudaException(CudaResult.StreamCaptureInvalidated, "EndCapture", "Begin the recording anew.");
            }
            else if (seen.Any(pair => seen[origin].GetValueOrDefault(pair.Key) < pair.Value[pair.Key]))
            {
                error = new CudaException(CudaResult.StreamCaptureUnjoined, "EndCapture");
            }

            invalid = true;
            return [.. operations];
        }
    }

    internal void CheckThread()
    {
        if (mode != CaptureMode.Relaxed && thread != Environment.CurrentManagedThreadId)
        {
            throw new CudaException(CudaResult.StreamCaptureWrongThread, "EndCapture", "Or begin with CaptureMode.Relaxed.");
        }
    }
}
