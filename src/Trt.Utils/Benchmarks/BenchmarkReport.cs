using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>What an <see cref="EngineBenchmark"/> has measured. All durations are in milliseconds. Immutable.</summary>
public sealed record BenchmarkReport
{
    private const double MostVariation = 0.025;

    /// <summary>What the engine is called.</summary>
    public required string Engine { get; init; }

    /// <summary>The library that ran it, with its version.</summary>
    public required string Library { get; init; }

    /// <summary>The device: the GPU's name, or the host stand-in.</summary>
    public required string Device { get; init; }

    /// <summary>When the measured queries began.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How it was measured.</summary>
    public required BenchmarkOptions Options { get; init; }

    /// <summary>Inputs and outputs of the first stream after its last query, inputs first.</summary>
    public required ImmutableArray<BenchmarkTensor> Tensors { get; init; }

    /// <summary>The measured queries, by the start of their computation.</summary>
    public required ImmutableArray<QueryTimes> Queries { get; init; }

    /// <summary>How many queries warmed up.</summary>
    public required int WarmUpQueries { get; init; }

    /// <summary>How long the warm-up took.</summary>
    public required double WarmUpTime { get; init; }

    /// <summary>Whether computations were launched as CUDA graphs.</summary>
    public required bool UsedCudaGraphs { get; init; }

    /// <summary>What makes figures doubtful, in sentences.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>The layers with their times, when they were asked for; in the engine's order.</summary>
    public ImmutableArray<LayerTime> Layers { get; init; } = [];

    /// <summary>In how many runs the layers were measured.</summary>
    public int LayerRuns { get; init; }

    /// <summary>From the start of the first measured query to the end of the last.</summary>
    public required double WallTime { get; init; }

    /// <summary>Measured queries in a second of <see cref="WallTime"/>.</summary>
    public double Throughput => Queries.Length / WallTime * 1000;

    /// <summary>The queries themselves: copy in, computation and copy out, without waiting between them.</summary>
    public required TimeStatistics Latency { get; init; }

    /// <summary>The host's calls that enqueue a computation.</summary>
    public required TimeStatistics Enqueue { get; init; }

    /// <summary>The computations.</summary>
    public required TimeStatistics Compute { get; init; }

    /// <summary>The copies to the device; null when there were none.</summary>
    public TimeStatistics? Input { get; init; }

    /// <summary>The copies to the host; null when there were none.</summary>
    public TimeStatistics? Output { get; init; }

    /// <summary>The mean of the computations times their number.</summary>
    public double TotalCompute => Compute.Mean * Queries.Length;

    /// <summary>The figures with their names, in the order in which trtexec shows them.</summary>
    public IEnumerable<(string Name, TimeStatistics Statistics)> Figures =>
        ((string Name, TimeStatistics? Statistics)[])[("Latency", Latency), ("Enqueue", Enqueue), ("H2D", Input), ("Compute", Compute), ("D2H", Output)] is var all
            ? all.Where(figure => figure.Statistics is not null).Select(figure => (figure.Name, figure.Statistics!))
            : [];

    internal static BenchmarkReport Of(
        (string Engine, string Library, string Device) names, DateTimeOffset time, BenchmarkOptions options, ImmutableArray<BenchmarkTensor> tensors,
        List<QueryTimes> trace, (int Queries, double Time) warmUp, bool usedGraphs, IEnumerable<string> warnings, LayerTimer? layers)
    {
        QueryTimes[] queries = [.. trace];
        Array.Sort(queries, (a, b) => a.ComputeStart.CompareTo(b.ComputeStart));
        TimeStatistics Figure(Func<QueryTimes, double> of) => TimeStatistics.Of(Array.ConvertAll(queries, query => of(query)), options.Percentiles);
        BenchmarkReport report = new()
        {
            Engine = names.Engine,
            Library = names.Library,
            Device = names.Device,
            Time = time,
            Options = options,
            Tensors = tensors,
            Queries = [.. queries],
            WarmUpQueries = warmUp.Queries,
            WarmUpTime = warmUp.Time,
            UsedCudaGraphs = usedGraphs,
            Warnings = [.. warnings],
            Layers = layers is null ? [] : [.. layers.Times()],
            LayerRuns = layers?.Runs ?? 0,
            WallTime = queries.Max(query => query.OutputEnd) - queries.Min(query => query.InputStart),
            Latency = Figure(query => query.Latency),
            Enqueue = Figure(query => query.EnqueueTime),
            Compute = Figure(query => query.ComputeTime),
            Input = options.TransferData ? Figure(query => query.InputTime) : null,
            Output = options.TransferData ? Figure(query => query.OutputTime) : null,
        };
        return report with { Warnings = [.. report.Warnings, .. report.Doubts()] };
    }

    /// <summary>The same doubts as trtexec's.</summary>
    private IEnumerable<string> Doubts()
    {
        if (Enqueue.Median > 0.8 * Compute.Median)
        {
            yield return "The host takes about as long to enqueue a query as the device to compute it, so that the throughput may be the host's. CUDA graphs make enqueuing quicker.";
        }

        if (Input is { } input && input.Median >= Compute.Median)
        {
            yield return "Copying inputs takes as long as computing or longer, so that the throughput may be that of the copies.";
        }

        if (Output is { } output && output.Median >= Compute.Median)
        {
            yield return "Copying outputs takes as long as computing or longer, so that the throughput may be that of the copies.";
        }

        if (Compute.Variation > MostVariation)
        {
            yield return FormattableString.Invariant($"The computation's times vary by {Compute.Variation:0.0%} (standard deviation by mean), more than {MostVariation:0.0%}: the figures are not stable. Measure longer, lock the GPU's clocks, or use a quieter machine.");
        }

        if (Options.Streams > 1)
        {
            yield return "Several streams share the device: their latencies overlap and are longer than those of one alone. The throughput is the figure to look at.";
        }

        if (Queries.Length < 30)
        {
            yield return $"There are only {Queries.Length} measured queries: high percentiles mean little. Measure longer.";
        }
    }
}
