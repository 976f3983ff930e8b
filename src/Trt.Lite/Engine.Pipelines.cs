using System.Runtime.CompilerServices;

namespace Trt.Lite;

/// <content>Streams of samples.</content>
public sealed partial class Engine
{
    /// <summary>Runs a stream of samples, several batches at once: while one runs, others are pre-processed, copied and post-processed. Results come in the samples' order.</summary>
    /// <typeparam name="TSample">Anything that is one sample: a picture, a file's path, an array, a tuple or dictionary for several inputs, or what a pre-processor takes.</typeparam>
    /// <typeparam name="TResult">What comes back for a sample, see <see cref="Infer{TResult}(Input)"/>; or <see cref="Lite.Outputs"/> for all outputs.</typeparam>
    /// <param name="samples">The source. It is read as far ahead as <see cref="PipelineOptions.Buffer"/> says, and batches are filled while it gives; when it makes wait, those that are begun run.</param>
    /// <param name="options">Null: the defaults; samples that fail do not stop the rest.</param>
    /// <param name="cancellationToken">Ends the pipeline. Batches that run are waited for.</param>
    /// <returns>
    /// A result for each sample. When the loop over it ends, for whatever reason, nothing of the pipeline runs any more; for that a source that waits for something has to end when its token is cancelled.
    /// An exception of the source comes behind the results of what it gave before.
    /// </returns>
    /// <exception cref="SampleException"><see cref="PipelineOptions.StopOnError"/> is set and a sample cannot be used.</exception>
    /// <exception cref="InvalidCastException">A sample's result is something else than what was asked for; the message says what.</exception>
    /// <exception cref="InvalidOperationException">The engine has several results, and it is not clear which is meant: ask for <see cref="Lite.Outputs"/>.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed, perhaps in the middle.</exception>
    public IAsyncEnumerable<SampleResult<TResult>> PipelineAsync<TSample, TResult>(IAsyncEnumerable<TSample> samples, PipelineOptions? options = null, CancellationToken cancellationToken = default)
        where TSample : notnull
    {
        ArgumentNullException.ThrowIfNull(samples);
        ObjectDisposedException.ThrowIf(isDisposed != 0, this);
        return Stream<TSample, TResult>(samples, (options ?? new PipelineOptions()).Checked(), new PipelineStages<TResult>(inputs, processors, clock, this.options.Convert), cancellationToken);
    }

    /// <summary>Runs a list or sequence of samples as a pipeline.</summary>
    /// <typeparam name="TSample">Anything that is one sample.</typeparam>
    /// <typeparam name="TResult">What comes back for a sample.</typeparam>
    /// <param name="samples">The source, read as far ahead as <see cref="PipelineOptions.Buffer"/> says.</param>
    /// <param name="options">Null: the defaults; samples that fail do not stop the rest.</param>
    /// <param name="cancellationToken">Ends the pipeline. Batches that run are waited for.</param>
    /// <inheritdoc cref="PipelineAsync{TSample, TResult}(IAsyncEnumerable{TSample}, PipelineOptions?, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="PipelineAsync{TSample, TResult}(IAsyncEnumerable{TSample}, PipelineOptions?, CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<SampleResult<TResult>> PipelineAsync<TSample, TResult>(IEnumerable<TSample> samples, PipelineOptions? options = null, CancellationToken cancellationToken = default)
        where TSample : notnull
    {
        ArgumentNullException.ThrowIfNull(samples);
        return PipelineAsync<TSample, TResult>(samples.ToAsyncEnumerable(), options, cancellationToken);
    }

    private async IAsyncEnumerable<SampleResult<TResult>> Stream<TSample, TResult>(
        IAsyncEnumerable<TSample> samples, PipelineOptions settings, PipelineStages<TResult> stages, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TSample : notnull
    {
        int lanesAtOnce = settings.Lanes ?? (Runner.Device.IsHost ? Math.Clamp(Environment.ProcessorCount / 2, 1, options.Contexts) : options.Contexts + 1);
        int parallelism = settings.Parallelism ?? options.Parallelism ?? Math.Max(1, Environment.ProcessorCount / lanesAtOnce);
        ObjectDisposedException.ThrowIf(isDisposed != 0, this);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, disposal.Token);
        Pipeline<TSample, TResult> pipeline = new(Runner, layout, stages, clock, settings, lanesAtOnce);
        BeginUse(); // ends with the work, whatever becomes of this loop
        Task work = WorkAsync(pipeline, samples, lanesAtOnce, parallelism, stop.Token);
        try
        {
            while (await NextAsync(pipeline, stop.Token, cancellationToken).ConfigureAwait(false) is { } job)
            {
                for (int i = 0; i < job.Count; i++)
                {
                    SampleResult<TResult> result = job.Result(i);
                    if (settings.StopOnError && result.Error is { } error)
                    {
                        throw error;
                    }

                    yield return result;
                }

                pipeline.Return(job);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask<PipelineJob<TSample, TResult>?> NextAsync<TSample, TResult>(Pipeline<TSample, TResult> pipeline, CancellationToken stop, CancellationToken users)
        where TSample : notnull
    {
        try
        {
            return await pipeline.NextAsync(stop).ConfigureAwait(false);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            users.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(Engine), $"{Name} was disposed while a pipeline was running.");
        }
    }

    /// <summary>The reader and the lanes of a pipeline, until all of them have ended. The engine is in use as long, whether somebody reads the results or not.</summary>
    private async Task WorkAsync<TSample, TResult>(Pipeline<TSample, TResult> pipeline, IAsyncEnumerable<TSample> samples, int lanesAtOnce, int parallelism, CancellationToken stop)
        where TSample : notnull
    {
        List<Task> tasks = [Task.Run(() => pipeline.ReadAsync(samples, stop), CancellationToken.None)];
        for (int i = 0; i < lanesAtOnce; i++)
        {
            Lane lane = new(layout, clock, processing, parallelism);
            tasks.Add(Task.Run(() => pipeline.WorkAsync(lane, stop), CancellationToken.None));
        }

        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        EndUse();
    }
}
