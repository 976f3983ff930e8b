using System.Runtime.CompilerServices;

namespace Trt.Lite;

/// <content>Streams of samples.</content>
public sealed partial class Engine
{
    /// <summary>Runs a stream of samples, several batches at once: while one runs, others are pre-processed, copied and post-processed. Results come in the samples' order.</summary>
    /// <typeparam name="TSample">Anything that is one sample: a picture, a file's path, an array, a tuple or dictionary for several inputs, or what a pre-processor takes.</typeparam>
    /// <typeparam name="TResult">What comes back for a sample, see <see cref="Infer{TResult}(Input)"/>; or <see cref="Lite.Outputs"/> for all outputs.</typeparam>
    /// <param name="samples">The source. It is read as far ahead as <see cref="PipelineOptions.Buffer"/> says, and batches are filled while it gives; when it makes wait, those that are begun run.</param>
    /// <param name="options">Null: as many lanes as the engine has contexts and one more, failing samples do not stop the rest.</param>
    /// <param name="cancellationToken">Ends the pipeline. Batches that run are waited for.</param>
    /// <returns>
    /// A result for each sample. When the loop over it ends, for whatever reason, nothing of the pipeline runs any more; for that a source that waits for something has to end when its token is cancelled.
    /// An exception of the source comes behind the results of what it gave before.
    /// </returns>
    /// <exception cref="SampleException"><see cref="PipelineOptions.StopOnError"/> is set and a sample cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed, perhaps in the middle.</exception>
    public async IAsyncEnumerable<SampleResult<TResult>> PipelineAsync<TSample, TResult>(IAsyncEnumerable<TSample> samples, PipelineOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TSample : notnull
    {
        ArgumentNullException.ThrowIfNull(samples);
        options ??= new PipelineOptions();
        int lanes = options.Lanes ?? (this.options.Contexts + 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Buffer, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatch ?? 1, 1, nameof(options));
        int parallelism = options.Parallelism ?? this.options.Parallelism ?? Math.Max(1, Environment.ProcessorCount / lanes);
        using Use use = new(this);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, disposal.Token);
        Pipeline<TSample, TResult> pipeline = new(Runner, layout, new PipelineStages<TResult>(inputs, processors, clock, this.options.Convert), clock, options, lanes);
        List<Task> tasks = [Task.Run(() => pipeline.ReadAsync(samples, stop.Token), CancellationToken.None)];
        for (int i = 0; i < lanes; i++)
        {
            Lane lane = new(layout, clock, parallelism);
            tasks.Add(Task.Run(() => pipeline.WorkAsync(lane, stop.Token), CancellationToken.None));
        }

        try
        {
            while (true)
            {
                PipelineJob<TSample, TResult> job;
                try
                {
                    if (!await pipeline.Order.WaitToReadAsync(stop.Token).ConfigureAwait(false))
                    {
                        break;
                    }

                    pipeline.Order.TryRead(out job!);
                    await job.Done.Task.WaitAsync(stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (disposal.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    throw new ObjectDisposedException(nameof(Engine), $"{Name} was disposed while a pipeline was running.");
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    throw new OperationCanceledException(cancellationToken);
                }

                for (int i = 0; i < job.Count; i++)
                {
                    SampleResult<TResult> result = job.Result(i);
                    if (options.StopOnError && result.Error is { } error)
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
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Runs a list or sequence of samples as a pipeline.</summary>
    /// <typeparam name="TSample">Anything that is one sample.</typeparam>
    /// <typeparam name="TResult">What comes back for a sample.</typeparam>
    /// <param name="samples">The source, read as far ahead as <see cref="PipelineOptions.Buffer"/> says.</param>
    /// <param name="options">Null: as many lanes as the engine has contexts and one more, failing samples do not stop the rest.</param>
    /// <param name="cancellationToken">Ends the pipeline. Batches that run are waited for.</param>
    /// <inheritdoc cref="PipelineAsync{TSample, TResult}(IAsyncEnumerable{TSample}, PipelineOptions?, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="PipelineAsync{TSample, TResult}(IAsyncEnumerable{TSample}, PipelineOptions?, CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<SampleResult<TResult>> PipelineAsync<TSample, TResult>(IEnumerable<TSample> samples, PipelineOptions? options = null, CancellationToken cancellationToken = default)
        where TSample : notnull
    {
        ArgumentNullException.ThrowIfNull(samples);
        return PipelineAsync<TSample, TResult>(samples.ToAsyncEnumerable(), options, cancellationToken);
    }
}
