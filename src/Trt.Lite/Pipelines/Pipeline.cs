using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>
/// Samples from a source through lanes to the consumer, in order. One task reads the source into batches; lanes take them, several at once, each in another stage; the consumer awaits them in the
/// order in which they were begun. There is a fixed number of batches, which is what bounds memory and holds the source back.
/// </summary>
internal sealed class Pipeline<TSample, TResult>
    where TSample : notnull
{
    private readonly Lock gate = new();
    private readonly Queue<PipelineJob<TSample, TResult>> full = new();
    private readonly SemaphoreSlim announced = new(0);
    private readonly Channel<PipelineJob<TSample, TResult>> free = Channel.CreateUnbounded<PipelineJob<TSample, TResult>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Channel<PipelineJob<TSample, TResult>> order = Channel.CreateUnbounded<PipelineJob<TSample, TResult>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly InferenceRunner runner;
    private readonly StageClock clock;
    private PipelineJob<TSample, TResult>? filling; // announced, and filled until a lane takes it
    private PipelineJob<TSample, TResult>? mine; // the reader's, as the next one is
    private bool isAnnounced;
    private bool hasEnded;

    public Pipeline(InferenceRunner runner, ModelLayout layout, PipelineStages<TResult> stages, StageClock clock, PipelineOptions options, int lanes)
    {
        this.runner = runner;
        this.clock = clock;
        int size = Math.Min(layout.MaxBatch, options.MaxBatch ?? int.MaxValue);
        for (int i = 0; i < lanes + options.Buffer; i++)
        {
            free.Writer.TryWrite(new PipelineJob<TSample, TResult>(size, layout.Inputs.Length, stages));
        }
    }

    /// <summary>The next batch in order, when it is done; to be given back to <see cref="Return"/>.</summary>
    /// <param name="stop">Ends the waiting.</param>
    /// <returns>Null when there are no more.</returns>
    public async ValueTask<PipelineJob<TSample, TResult>?> NextAsync(CancellationToken stop)
    {
        if (!await order.Reader.WaitToReadAsync(stop).ConfigureAwait(false) || !order.Reader.TryRead(out PipelineJob<TSample, TResult>? job))
        {
            return null;
        }

        await job.Done.Task.WaitAsync(stop).ConfigureAwait(false);
        return job;
    }

    /// <summary>The consumer has read a batch.</summary>
    public void Return(PipelineJob<TSample, TResult> job)
    {
        job.Reset();
        free.Writer.TryWrite(job);
    }

    /// <summary>Reads the source until it ends. Its exception comes to the consumer behind all results.</summary>
    public async Task ReadAsync(IAsyncEnumerable<TSample> source, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            IAsyncEnumerator<TSample> samples = source.GetAsyncEnumerator(cancellationToken);
            await using ConfiguredAsyncDisposable _ = samples.ConfigureAwait(false);
            for (long index = 0; ; index++)
            {
                ValueTask<bool> next = samples.MoveNextAsync();
                if (!next.IsCompleted)
                {
                    AnnounceFilling(); // a lane with nothing to do may take what there is
                }

                if (!await next.ConfigureAwait(false))
                {
                    break;
                }

                if (!TryAdd(samples.Current, index))
                {
                    Begin(await free.Reader.ReadAsync(cancellationToken).ConfigureAwait(false), samples.Current, index);
                }
            }
        }
        catch (Exception error)
        {
            failure = error;
        }

        AnnounceFilling();
        lock (gate)
        {
            hasEnded = true;
        }

        order.Writer.Complete(failure);
        announced.Release(int.MaxValue / 2); // every lane finds that nothing is left
    }

    /// <summary>Works on batches until there are no more.</summary>
    public async Task WorkAsync(Lane lane, CancellationToken cancellationToken)
    {
        while (true)
        {
            await announced.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (Take() is not { } job)
            {
                return;
            }

            try
            {
                using Activity? activity = LiteTelemetry.Start("trt.batch", clock.Engine)?.SetTag("trt.samples", job.Count);
                await lane.ProcessAsync(job, runner, runsHere: true, cancellationToken).ConfigureAwait(false);
                clock.Add(Stage.Total, job.Start);
                job.Done.SetResult();
            }
            catch (Exception error)
            {
                job.Done.SetException(error);
                _ = job.Done.Task.Exception; // seen, also where the consumer has left
                return;
            }
        }
    }

    /// <summary>Adds to the batch that is being filled, which is the reader's alone until it was announced.</summary>
    /// <returns>False when there is none, or a lane has taken it.</returns>
    private bool TryAdd(TSample sample, long index)
    {
        if (mine is null)
        {
            return false;
        }

        if (!isAnnounced)
        {
            mine.Add(sample, index);
            if (mine.IsFull)
            {
                Queue(mine, announce: true);
            }

            return true;
        }

        lock (gate)
        {
            if (filling is null)
            {
                return false;
            }

            filling.Add(sample, index);
            if (filling.IsFull)
            {
                filling = null;
                Queue(mine, announce: false);
            }

            return true;
        }
    }

    private void Begin(PipelineJob<TSample, TResult> job, TSample sample, long index)
    {
        order.Writer.TryWrite(job);
        (mine, isAnnounced) = (job, false);
        TryAdd(sample, index);
    }

    private void Queue(PipelineJob<TSample, TResult> job, bool announce)
    {
        lock (gate)
        {
            full.Enqueue(job);
        }

        mine = null;
        if (announce)
        {
            announced.Release();
        }
    }

    /// <summary>Lets a lane that has nothing to do take a batch that is not full. It goes on being filled until one does.</summary>
    private void AnnounceFilling()
    {
        if (mine is null || isAnnounced)
        {
            return;
        }

        isAnnounced = true;
        lock (gate)
        {
            filling = mine;
        }

        announced.Release();
    }

    /// <summary>The oldest batch; null when there are none and the source has ended.</summary>
    private PipelineJob<TSample, TResult>? Take()
    {
        lock (gate)
        {
            if (full.TryDequeue(out PipelineJob<TSample, TResult>? job))
            {
                return job;
            }

            job = filling;
            filling = null;
            return job is null && !hasEnded ? throw new InvalidOperationException("A batch was announced that is not there.") : job;
        }
    }
}
