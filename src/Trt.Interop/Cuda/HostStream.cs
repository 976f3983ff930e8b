using System.Runtime.ExceptionServices;

namespace Trt.Interop.Cuda;

/// <summary>A stream of the host stand-in: an ordered queue with one worker thread. The default stream has no worker; it runs each operation in the calling thread at once.</summary>
/// <remarks>
/// Found by <see cref="HostDeviceApi.StreamFromHandle"/>; made and disposed as a <see cref="CudaStream"/>. After a failure the stream skips
/// its later work until <see cref="Synchronize"/> has thrown it. A thread that waits for the stream does the work that the worker has not begun: handing it
/// over takes longer than many a network does. Safe to use from any thread.
/// </remarks>
public sealed unsafe class HostStream
{
    /// <summary>How often the worker looks for work, in milliseconds, where those who wait for the stream do the work: then nobody wakes it.</summary>
    private const int Patience = 5;

    /// <summary>How often it looks in vain before it sleeps until it is woken.</summary>
    private const int MostLooks = 20;

    [ThreadStatic]
    private static HostStream? running;

    private readonly object gate = new();
    private readonly bool isDefault;
    private HostOperation[] ring = [];
    private int head;
    private int count;
    private long queued;
    private long done;
    private int waiters;
    private bool workerSleeps;
    private bool isBusy;
    private bool waiterRanLast;
    private bool workerLooks;
    private int looks;
    private bool hasWorker;
    private bool closed;
    private HostCapture? capture;
    private ExceptionDispatchInfo? failure;

    internal HostStream(HostDevice device)
    {
        Device = device;
        isDefault = true;
    }

    internal HostStream(HostDevice device, StreamFlags flags)
    {
        Device = device;
        Flags = flags;
        ring = new HostOperation[16];
        Handle = HostStreamApi.Table.Add(this);
        device.Add(this);
    }

    /// <summary>The number by which it is passed as a CUDA stream; 0 for a default stream.</summary>
    public nint Handle { get; }

    /// <summary>How it relates to the default stream.</summary>
    public StreamFlags Flags { get; }

    /// <summary>Whether it records a graph instead of running its work.</summary>
    public bool IsCapturing => Volatile.Read(ref capture) is not null;

    /// <summary>Whether the calling thread is in a callback of a host stream, where waiting for a stream is not allowed.</summary>
    public static bool IsWorker => running is not null;

    internal HostDevice Device { get; }

    internal HostCapture? Capture => Volatile.Read(ref capture);

    internal ExceptionDispatchInfo? Failure => Volatile.Read(ref failure);

    internal bool IsIdle
    {
        get
        {
            RefuseInCapture("IsIdle");
            lock (gate)
            {
                if (count > 0 && workerSleeps)
                {
                    Monitor.PulseAll(gate);
                }

                return done == queued;
            }
        }
    }

    /// <summary>Queues a managed callback. What it throws comes out of the stream's next synchronisation.</summary>
    /// <param name="work">The callback; a static lambda allocates nothing.</param>
    /// <param name="state">What it is given.</param>
    /// <exception cref="CudaException">The stream was disposed, or its recording is spoilt.</exception>
    public void Enqueue(Action<object?> work, object? state)
    {
        ArgumentNullException.ThrowIfNull(work);
        Submit(HostOperation.Managed(work, state));
    }

    /// <summary>Queues a native callback.</summary>
    /// <param name="function">The function; nothing may be thrown out of it.</param>
    /// <param name="state">What it is given.</param>
    /// <exception cref="CudaException">The stream was disposed, or its recording is spoilt.</exception>
    public void Enqueue(delegate* unmanaged<nint, void> function, nint state)
    {
        ArgumentNullException.ThrowIfNull(function);
        Submit(HostOperation.Native(function, state));
    }

    /// <summary>Waits until everything queued so far has run. Throws what failed since the last call, and forgets it.</summary>
    /// <exception cref="CudaException">Called in a callback, or while the stream records; other exceptions are those of the callbacks.</exception>
    public void Synchronize()
    {
        RefuseInCapture("Synchronize");
        if (IsWorker)
        {
            throw new CudaException(CudaResult.NotPermitted, "Synchronize", "A callback in a stream must not wait for a stream.");
        }

        if (isDefault)
        {
            Device.Drain(blockingOnly: true);
        }

        Drain();
        Interlocked.Exchange(ref failure, null)?.Throw();
    }

    internal void Submit(in HostOperation operation)
    {
        if (isDefault)
        {
            Device.Drain(blockingOnly: true);
            lock (gate)
            {
                Run(operation);
            }

            return;
        }

        lock (gate)
        {
            if (closed)
            {
                throw new CudaException(CudaResult.InvalidHandle, "Enqueue", "The stream was disposed.");
            }

            if (capture is not null)
            {
                capture.Append(this, operation);
                return;
            }

            if (count == ring.Length)
            {
                Grow();
            }

            ring[(head + count) & (ring.Length - 1)] = operation;
            count++;
            queued++;
            Wake();
        }
    }

    /// <summary>Waits for the work queued so far, without throwing what failed.</summary>
    internal void Drain()
    {
        if (isDefault)
        {
            lock (gate)
            {
                // Whoever runs an operation of the default stream holds the gate.
            }

            return;
        }

        lock (gate)
        {
            long target = queued;
            waiters++;
            while (done < target)
            {
                if (isBusy || count == 0)
                {
                    Monitor.Wait(gate);
                }
                else
                {
                    RunNext(isWaiter: true);
                }
            }

            waiters--;
        }
    }

    internal void TakeOver(ExceptionDispatchInfo? other)
    {
        if (other is not null)
        {
            Interlocked.CompareExchange(ref failure, other, null);
        }
    }

    internal void BeginCapture(HostCapture started)
    {
        lock (gate)
        {
            if (isDefault || capture is not null)
            {
                throw new CudaException(isDefault ? CudaResult.StreamCaptureUnsupported : CudaResult.IllegalState, "BeginCapture",
                    isDefault ? "The default stream cannot record; make a CudaStream." : "The stream already records.");
            }

            capture = started;
        }
    }

    internal void EndCapture()
    {
        lock (gate)
        {
            capture = null;
        }
    }

    internal void RefuseInCapture(string function)
    {
        if (Capture is { } active)
        {
            active.Invalidate();
            throw new CudaException(CudaResult.StreamCaptureUnsupported, function);
        }
    }

    /// <summary>No more work is taken; what was queued still runs, then the worker ends.</summary>
    internal void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Run(in HostOperation operation)
    {
        if (failure is not null && !operation.RunsAfterFailure)
        {
            return;
        }

        HostStream? before = running;
        running = this;
        try
        {
            operation.Run(this);
        }
        catch (Exception error)
        {
            TakeOver(ExceptionDispatchInfo.Capture(error));
        }
        finally
        {
            running = before;
        }
    }

    private void Wake()
    {
        if (!hasWorker)
        {
            hasWorker = true;
            new Thread(static stream => ((HostStream)stream!).Work()) { IsBackground = true, Name = "host stream" }.Start(this);
        }
        else if (workerSleeps && !(workerLooks && waiterRanLast && count == 1))
        {
            // A worker that wakes for nothing drives the thread that does the work from its core.
            Monitor.PulseAll(gate);
        }

        looks = 0;
    }

    private void Work()
    {
        while (true)
        {
            lock (gate)
            {
                while (count == 0 || isBusy)
                {
                    if (closed && count == 0)
                    {
                        hasWorker = false;
                        return;
                    }

                    workerSleeps = true;
                    workerLooks = waiterRanLast && looks++ < MostLooks;
                    Monitor.Wait(gate, workerLooks ? Patience : Timeout.Infinite);
                    workerSleeps = false;
                }

                RunNext(isWaiter: false);
            }
        }
    }

    /// <summary>Takes the next operation and runs it outside of the gate, which the caller holds before and after.</summary>
    private void RunNext(bool isWaiter)
    {
        waiterRanLast = isWaiter;
        HostOperation operation = ring[head];
        ring[head] = default;
        head = (head + 1) & (ring.Length - 1);
        count--;
        isBusy = true;
        Monitor.Exit(gate);
        try
        {
            Run(operation);
        }
        finally
        {
            Monitor.Enter(gate);
            isBusy = false;
            done++;
            if (waiters > (isWaiter ? 1 : 0) || (workerSleeps && count > 0))
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    private void Grow()
    {
        HostOperation[] larger = new HostOperation[ring.Length * 2];
        for (int i = 0; i < count; i++)
        {
            larger[i] = ring[(head + i) & (ring.Length - 1)];
        }

        ring = larger;
        head = 0;
    }
}
