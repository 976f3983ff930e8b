namespace Trt.Lite;

/// <summary>A batch on its way through a pipeline. Filled by the source's reader, worked on by one lane, read by the consumer; then used again.</summary>
internal sealed class PipelineJob<TSample, TResult>(int size, int inputs, PipelineStages<TResult> stages) : ISampleWork
    where TSample : notnull
{
    private readonly TSample[] samples = new TSample[size];
    private readonly TResult[] results = new TResult[size];
    private readonly SampleException?[] errors = new SampleException?[size];
    private readonly GivenInput[]?[] given = new GivenInput[]?[inputs > 1 ? size : 0];
    private long firstIndex;

    /// <summary>How many samples there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether it is full.</summary>
    public bool IsFull => Count == size;

    /// <summary>When its first sample came, a timestamp of Stopwatch.</summary>
    public long Start { get; private set; }

    /// <summary>Done when all results are there.</summary>
    public TaskCompletionSource Done { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(TSample sample, long index)
    {
        if (Count == 0)
        {
            firstIndex = index;
            Start = System.Diagnostics.Stopwatch.GetTimestamp();
        }

        samples[Count++] = sample;
    }

    public SampleResult<TResult> Result(int sample) => new(firstIndex + sample, results[sample], errors[sample]);

    /// <summary>Makes it empty, keeping nothing of what it held.</summary>
    public void Reset()
    {
        Array.Clear(samples, 0, Count);
        Array.Clear(results, 0, Count);
        Array.Clear(errors, 0, Count);
        Array.Clear(given);
        Count = 0;
        Done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public PreparedInput Prepare(int sample, int input) => stages.Prepare(inputs == 1 ? stages.Read(samples[sample]) : given[sample] ??= stages.Read(samples[sample]), input);

    public DeviceItem? OnDevice(int sample, int input) => null;

    public int Together(int sample) => 0;

    public void Collect(int sample, RunOutputs outputs, int row, ImagePlacement? placement) => results[sample] = stages.Collect(outputs, row, placement);

    public void Fail(int sample, Exception reason)
    {
        stages.CountFailure();
        results[sample] = default!;
        errors[sample] = reason as SampleException ?? new SampleException(firstIndex + sample, SampleException.NameOf(samples[sample]), reason);
    }
}
