using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Trt.Lite;

/// <summary>Measures the stages of an engine. Threads may use it at once; it allocates nothing.</summary>
internal sealed class StageClock(string engine)
{
    private static readonly double Nanoseconds = 1e9 / Stopwatch.Frequency;
    private static readonly string[] Names = [.. Enum.GetValues<Stage>().Select(stage => stage.ToString())];
    private readonly DurationHistogram[] stages = [.. Enum.GetValues<Stage>().Select(_ => new DurationHistogram())];
    private long samples;
    private long runs;
    private long begin = Stopwatch.GetTimestamp();

    /// <summary>What activities and metrics call the engine.</summary>
    public string Engine => engine;

    /// <summary>A stage has ended.</summary>
    /// <param name="stage">Which.</param>
    /// <param name="start">When it began, a timestamp of Stopwatch.</param>
    /// <returns>Now: when the next stage begins.</returns>
    public long Add(Stage stage, long start)
    {
        long now = Stopwatch.GetTimestamp();
        stages[(int)stage].Add((long)((now - start) * Nanoseconds));
        if (LiteTelemetry.Durations.Enabled)
        {
            LiteTelemetry.Durations.Record((now - start) / (double)Stopwatch.Frequency, new KeyValuePair<string, object?>("trt.engine", engine), new KeyValuePair<string, object?>("trt.stage", Names[(int)stage]));
        }

        return now;
    }

    /// <summary>A run has ended.</summary>
    public void CountRun(int runSamples)
    {
        Interlocked.Add(ref samples, runSamples);
        Interlocked.Increment(ref runs);
        if (LiteTelemetry.Samples.Enabled)
        {
            LiteTelemetry.Samples.Add(runSamples, new KeyValuePair<string, object?>("trt.engine", engine));
        }
    }

    /// <summary>A sample could not be used.</summary>
    public void CountFailure() => LiteTelemetry.Failures.Add(1, new KeyValuePair<string, object?>("trt.engine", engine));

    public Report Report() => new(Volatile.Read(ref samples), Volatile.Read(ref runs), Stopwatch.GetElapsedTime(Volatile.Read(ref begin)), [.. stages.Select((histogram, i) => histogram.Report((Stage)i))]);

    public void Reset()
    {
        Array.ForEach(stages, histogram => histogram.Clear());
        Volatile.Write(ref samples, 0);
        Volatile.Write(ref runs, 0);
        Volatile.Write(ref begin, Stopwatch.GetTimestamp());
    }
}
