using System.Threading.Tasks.Sources;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The end of a run that somebody awaits: told by a callback in the stream, so that no thread waits. Used again and again.</summary>
/// <remarks>A stream that has failed does not call back. So a timer looks now and then whether the stream is idle though nothing was told.</remarks>
internal sealed class RunCompletion(InferenceContext context) : IValueTaskSource, IThreadPoolWorkItem
{
    private static readonly Action<object?> Tell = static state => ((RunCompletion)state!).End();
    private ManualResetValueTaskSourceCore<bool> core;
    private CudaStream? stream;
    private CancellationToken cancellation;
    private Exception? failure;
    private int pending;
    private bool isQueued;

    /// <summary>Whether a run is under way whose end was not told yet.</summary>
    public bool IsPending => Volatile.Read(ref pending) != 0;

    /// <summary>Queues the callback behind the run.</summary>
    public ValueTask Begin(CudaStream on, CancellationToken cancelled)
    {
        core.Reset();
        stream = on;
        cancellation = cancelled;
        failure = null;
        Volatile.Write(ref isQueued, false);
        Volatile.Write(ref pending, 1);
        try
        {
            on.Enqueue(Tell, this);
            Volatile.Write(ref isQueued, true);
        }
        catch (Exception)
        {
            Volatile.Write(ref pending, 0);
            throw;
        }

        return new ValueTask(this, core.Version);
    }

    /// <summary>Ends a run whose stream or device has failed.</summary>
    public void EndIfFailed()
    {
        if (!IsPending || !Volatile.Read(ref isQueued))
        {
            return;
        }

        CudaStream of = stream!;
        try
        {
            if (!of.IsIdle || !IsPending)
            {
                return;
            }

            of.Synchronize();
            failure = new InvalidOperationException($"The run on {of} ended without being told.");
        }
        catch (Exception error)
        {
            failure = error;
        }

        End();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (failure is not null)
        {
            core.SetException(failure);
        }
        else if (cancellation.IsCancellationRequested)
        {
            core.SetException(new OperationCanceledException(cancellation));
        }
        else
        {
            core.SetResult(true);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => core.GetStatus(token);

    // The continuation runs where this was executed, on a thread of the pool, never inside of the stream's callback.
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        if (core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The run has not ended: await it.");
        }

        context.EndAsync(this);
        core.GetResult(token);
    }

    private void End()
    {
        if (Interlocked.Exchange(ref pending, 0) != 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
