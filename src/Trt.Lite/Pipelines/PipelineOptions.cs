namespace Trt.Lite;

/// <summary>How a pipeline works.</summary>
public sealed record PipelineOptions
{
    /// <summary>
    /// Batches that are worked on at once, in whatever stage. Null: one more than the engine has contexts, so that it is pre-processed while others run; on the CPU runtime, where the same processors do both and a run
    /// takes more than one, a lane for each two processors, and not more than contexts.
    /// </summary>
    public int? Lanes { get; init; }

    /// <summary>Batches that are filled, or done and not yet fetched, beyond those that are worked on; 2 unless said otherwise. When all are in use the source is not read further.</summary>
    public int Buffer { get; init; } = 2;

    /// <summary>The most samples of a batch. Null: the engine's greatest.</summary>
    public int? MaxBatch { get; init; }

    /// <summary>Threads that pre- and post-process the samples of one batch. Null: <see cref="EngineOptions.Parallelism"/>, else the processors divided by <see cref="Lanes"/>.</summary>
    public int? Parallelism { get; init; }

    /// <summary>Whether a sample that cannot be used ends the pipeline, with a <see cref="SampleException"/> in its place. Otherwise its result carries the exception, and the rest goes on.</summary>
    public bool StopOnError { get; init; }

    /// <summary>These options, if their numbers make sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One does not; the message names it.</exception>
    internal PipelineOptions Checked()
    {
        Check(nameof(Lanes), Lanes, 1);
        Check(nameof(Buffer), Buffer, 0);
        Check(nameof(MaxBatch), MaxBatch, 1);
        Check(nameof(Parallelism), Parallelism, 1);
        return this;

        static void Check(string name, int? value, int least)
        {
            if (value < least)
            {
                throw new ArgumentOutOfRangeException(name, $"PipelineOptions.{name} is {value}, but has to be at least {least}.");
            }
        }
    }
}
