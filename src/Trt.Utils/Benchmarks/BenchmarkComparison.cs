using System.Text.Json;

namespace Trt.Utils;

/// <summary>Two benchmarks side by side: each figure's mean by that of the baseline, with a confidence interval of 95 %.</summary>
/// <remarks>
/// The interval is that of the logarithm of the ratio: its standard error is √((e/m)² + (e₀/m₀)²) with the means m and their standard errors e from batch means (see <see cref="TimeStatistics"/>), with Student's t and Welch's degrees
/// of freedom. It tells chance within the two runs only; that a machine is in another state on another day it cannot know.
/// </remarks>
public sealed record BenchmarkComparison
{
    private static readonly (string Name, string Key)[] Keys = [("Latency", "latencyMs"), ("Enqueue", "enqueueMs"), ("H2D", "h2dMs"), ("Compute", "computeMs"), ("D2H", "d2hMs")];

    /// <summary>The baseline's engine.</summary>
    public required string Engine { get; init; }

    /// <summary>The baseline's device.</summary>
    public required string Device { get; init; }

    /// <summary>The baseline's queries in a second.</summary>
    public required double Throughput { get; init; }

    /// <summary>This run's throughput by the baseline's.</summary>
    public required double ThroughputRatio { get; init; }

    /// <summary>The figures that both have: the baseline's mean, and this run's mean by it; below 1 is quicker.</summary>
    public required IReadOnlyList<(string Name, double BaselineMean, double Ratio, Interval? Interval)> Figures { get; init; }

    /// <summary>What makes the comparison doubtful, in sentences: other options, shapes or devices.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    /// <summary>Compares with a summary that <see cref="BenchmarkReportWriter.WriteSummary"/> wrote.</summary>
    /// <param name="baseline">The summary.</param>
    /// <param name="report">What was measured now.</param>
    /// <exception cref="FormatException">The text is no such summary.</exception>
    public static BenchmarkComparison Read(ReadOnlyMemory<byte> baseline, BenchmarkReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        try
        {
            using JsonDocument document = JsonDocument.Parse(baseline);
            return Compare(document.RootElement, report);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"This is no summary of a benchmark: {error.Message}", error);
        }
    }

    private static BenchmarkComparison Compare(JsonElement before, BenchmarkReport report)
    {
        double throughput = before.GetProperty("throughput").GetDouble();
        List<(string, double, double, Interval?)> figures = [];
        foreach ((string name, TimeStatistics now) in report.Figures)
        {
            if (before.TryGetProperty(Keys.First(key => key.Name == name).Key, out JsonElement then) && then.GetProperty("mean").GetDouble() is var mean and > 0 && now.Mean > 0)
            {
                figures.Add((name, mean, now.Mean / mean, Around(now, then, mean)));
            }
        }

        return new BenchmarkComparison
        {
            Engine = before.GetProperty("engine").GetString() ?? "",
            Device = before.GetProperty("device").GetString() ?? "",
            Throughput = throughput,
            ThroughputRatio = report.Throughput / throughput,
            Figures = figures,
            Differences = [.. Different(before, report)],
        };
    }

    private static Interval? Around(TimeStatistics now, JsonElement then, double mean)
    {
        if (now.MeanError is not { } error || !then.TryGetProperty("meanStandardError", out JsonElement other))
        {
            return null;
        }

        double a = Math.Pow(error / now.Mean, 2), b = Math.Pow(other.GetDouble() / mean, 2);
        int freedom = Math.Max(then.GetProperty("degreesOfFreedom").GetInt32(), 1);
        double welch = a + b == 0 ? 1 : (a + b) * (a + b) / ((a * a / Math.Max(now.DegreesOfFreedom, 1)) + (b * b / freedom));
        double reach = Math.Sqrt(a + b) * StudentT.TwoSided95(Math.Max((int)Math.Min(welch, 1000), 1));
        return new Interval(now.Mean / mean * Math.Exp(-reach), now.Mean / mean * Math.Exp(reach));
    }

    private static IEnumerable<string> Different(JsonElement before, BenchmarkReport report)
    {
        if (before.GetProperty("device").GetString() != report.Device)
        {
            yield return $"The baseline was measured on {before.GetProperty("device").GetString()}, this run on {report.Device}.";
        }

        if (before.GetProperty("library").GetString() != report.Library)
        {
            yield return $"The baseline was measured with {before.GetProperty("library").GetString()}, this run with {report.Library}.";
        }

        JsonElement options = before.GetProperty("options");
        (string Key, string Words, bool Now)[] switches =
        [
            ("dataTransfers", "copies", report.Options.TransferData), ("exposeDMA", "exposed copies", report.Options.ExposeTransfers),
            ("managedMemory", "managed memory", report.Options.UseManagedMemory), ("spinWait", "spinning", report.Options.SpinWait),
            ("cudaGraphsUsed", "CUDA graphs", report.UsedCudaGraphs), ("threads", "a thread for each stream", report.Options.UseThreads),
        ];
        (string Words, bool Now)[] other = [.. switches.Where(item => options.GetProperty(item.Key).GetBoolean() != item.Now).Select(item => (item.Words, item.Now))];
        foreach (bool now in (bool[])[true, false])
        {
            if (other.Any(item => item.Now == now))
            {
                yield return $"The baseline was measured {(now ? "without" : "with")} {string.Join(", ", other.Where(item => item.Now == now).Select(item => item.Words))}; this run {(now ? "with" : "without")}.";
            }
        }

        if (options.GetProperty("streams").GetInt32() is var streams && streams != report.Options.Streams)
        {
            yield return $"The baseline was measured with {streams} streams, this run with {report.Options.Streams}.";
        }

        foreach (JsonElement tensor in before.GetProperty("tensors").EnumerateArray())
        {
            string name = tensor.GetProperty("name").GetString() ?? "";
            string shape = string.Join('x', tensor.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()));
            if (tensor.GetProperty("mode").GetString() == "input" && report.Tensors.FirstOrDefault(now => now.IsInput && now.Name == name) is var found && (found is null || string.Join('x', found.Shape.ToArray()) != shape))
            {
                yield return $"In the baseline input \"{name}\" is {shape}, in this run {(found is null ? "there is none" : string.Join('x', found.Shape.ToArray()))}.";
            }
        }
    }
}
