using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Trt.Interop.Cuda;

/// <summary>A mark in a host stream. Each record has a ticket; the event is complete when its latest ticket was reached.</summary>
internal sealed class HostEvent(HostDevice device, EventFlags flags)
{
    private readonly object gate = new();
    private long issued;
    private long reached;
    private long timestamp;
    private ExceptionDispatchInfo? failure;

    internal HostDevice Device { get; } = device;

    /// <summary>Where the latest record stands in a capture; null when it was recorded in running work.</summary>
    internal HostCaptureMark? Mark { get; private set; }

    internal bool IsComplete
    {
        get
        {
            lock (gate)
            {
                return reached == issued;
            }
        }
    }

    /// <summary>Announces a record; the ticket must be put into the stream.</summary>
    internal long Issue()
    {
        lock (gate)
        {
            Mark = null;
            return ++issued;
        }
    }

    internal void Capture(HostCaptureMark mark)
    {
        lock (gate)
        {
            Mark = mark;
        }
    }

    /// <summary>The ticket to wait for, 0 where nothing was recorded, or the mark in a capture.</summary>
    internal (long Ticket, HostCaptureMark? Mark) Latest()
    {
        lock (gate)
        {
            return (issued, Mark);
        }
    }

    internal void Reach(long ticket, ExceptionDispatchInfo? streamFailure)
    {
        lock (gate)
        {
            if (ticket > reached)
            {
                reached = ticket;
                timestamp = Stopwatch.GetTimestamp();
                failure = streamFailure;
            }

            Monitor.PulseAll(gate);
        }
    }

    internal ExceptionDispatchInfo? WaitFor(long ticket)
    {
        lock (gate)
        {
            while (reached < ticket)
            {
                Monitor.Wait(gate);
            }

            return failure;
        }
    }

    internal float MillisecondsTo(HostEvent end)
    {
        const string Function = "GetElapsedMilliseconds";
        if (((flags | end.Flags) & EventFlags.DisableTiming) != 0)
        {
            throw new CudaException(CudaResult.InvalidHandle, Function, "Both events must keep times; make them without EventFlags.DisableTiming.");
        }

        return (float)((end.Time(Function) - Time(Function)) * 1000.0 / Stopwatch.Frequency);
    }

    private EventFlags Flags => flags;

    private long Time(string function)
    {
        lock (gate)
        {
            if (issued == 0)
            {
                throw new CudaException(CudaResult.InvalidHandle, function, "An event was never recorded; record both events before they are measured.");
            }

            if (reached != issued)
            {
                throw new CudaException(CudaResult.NotReady, function, "Synchronise with the later event before measuring.");
            }

            return timestamp;
        }
    }
}
