using System.Globalization;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>A benchmark's figures as text of 80 columns.</summary>
internal sealed class BenchScreen(Screen screen)
{
    private const int Width = 80;

    /// <summary>As many lines of the trace as are shown from its beginning and its end.</summary>
    private const int MostLines = 200;

    /// <summary>Milliseconds with at least four digits that count.</summary>
    public static string Time(double milliseconds)
    {
        double size = Math.Abs(milliseconds);
        return milliseconds.ToString(size >= 1000 ? "0" : size >= 100 ? "0.0" : size >= 10 ? "0.00" : size >= 1 ? "0.000" : size >= 0.1 ? "0.0000" : "0.00000", CultureInfo.InvariantCulture);
    }

    /// <summary>What was measured, and how.</summary>
    public void Facts(BenchmarkReport report, BenchInputs inputs)
    {
        screen.Facts(
        [
            ("engine", report.Engine),
            ("library", report.Library),
            ("device", report.Device),
            .. report.Tensors.Select(tensor => (tensor.IsInput ? "input" : "output",
                (string?)$"{tensor.Name} {tensor.DataType} {Units.Shape(tensor.Shape)}{(!tensor.IsInput ? "" : inputs.IsLoaded(tensor.Name) ? ", from a file" : $", random with seed {report.Options.Seed}")}")),
            ("how", How(report)),
        ]);
    }

    /// <summary>Means of so many queries each.</summary>
    public void Trace(BenchmarkReport report, int runs)
    {
        if (runs == 0)
        {
            return;
        }

        screen.Line();
        screen.Line($"means of {runs} queries, in ms");
        int lines = (report.Queries.Length + runs - 1) / runs;
        for (int i = 0; i < lines; i++)
        {
            if (lines > 2 * MostLines && i == MostLines)
            {
                screen.Line($"  … {Units.Count(lines - (2 * MostLines))} lines left out; --export-times writes all");
                i = lines - MostLines;
            }

            QueryTimes[] part = [.. report.Queries.Skip(i * runs).Take(runs)];
            screen.Line($"  compute {Time(part.Average(query => query.ComputeTime))}  latency {Time(part.Average(query => query.Latency))}  enqueue {Time(part.Average(query => query.EnqueueTime))}");
        }
    }

    /// <summary>The figures, the comparison and the warnings.</summary>
    public void Summary(BenchmarkReport report, BenchmarkComparison? comparison)
    {
        screen.Line();
        screen.Facts(
            ("throughput", string.Create(CultureInfo.InvariantCulture, $"{Rate(report.Throughput)} queries a second")),
            ("measured", $"{Units.Count(report.Queries.Length)} queries in {Time(report.WallTime / 1000)} s; {Time(report.TotalCompute / 1000)} s of computation"),
            ("warm-up", $"{Units.Count(report.WarmUpQueries)} queries in {Time(report.WarmUpTime)} ms"));
        (string Name, TimeStatistics Of)[] figures = [.. report.Figures];
        screen.Table(["ms", .. figures.Select(figure => $"#{figure.Name}")], Rows(report, figures));
        if (report.Input is null)
        {
            screen.Line("Without copies (--include-data-transfers): the latency is that of the computation.");
        }

        screen.Line("± and from-to are 95 % confidence intervals.");
        if (comparison is not null)
        {
            Compared(report, comparison);
        }

        foreach (string warning in report.Warnings)
        {
            screen.Line();
            Wrap($"warning: {warning}");
        }
    }

    /// <summary>Refits and losses, where they were asked for.</summary>
    public void Checks(IReadOnlyList<OutputLoss> losses, TimeStatistics? refits)
    {
        if (refits is not null)
        {
            screen.Line();
            screen.Line($"refit: mean {Time(refits.Mean)} ms, least {Time(refits.Min)}, greatest {Time(refits.Max)}, of {refits.Count}");
        }

        if (losses.Count > 0)
        {
            screen.Line();
        }

        foreach (OutputLoss loss in losses)
        {
            Wrap(loss.ToString());
        }
    }

    /// <summary>Breaks a sentence into lines of the screen's width.</summary>
    public void Wrap(string text)
    {
        while (text.Length > Width)
        {
            int space = text.LastIndexOf(' ', Width - 1);
            space = space < Width / 2 ? Width - 1 : space;
            screen.Line(text[..space]);
            text = "  " + text[space..].TrimStart();
        }

        screen.Line(text);
    }

    /// <summary>How it was measured, in words.</summary>
    public static string How(BenchmarkReport report)
    {
        BenchmarkOptions options = report.Options;
        List<string> parts =
        [
            options.Streams == 1 ? "1 stream" : $"{options.Streams} streams, {(options.UseThreads ? "a thread each" : "one thread")}",
            options.TransferData ? options.ExposeTransfers ? "copies that do not overlap" : "copies" : "no copies",
            report.UsedCudaGraphs ? "CUDA graphs" : "no CUDA graphs",
            options.SpinWait ? "spin wait" : "sleeping wait",
        ];
        if (options.UseManagedMemory)
        {
            parts.Add("managed memory");
        }

        if (options.Profile > 0)
        {
            parts.Add($"profile {options.Profile}");
        }

        return string.Join(", ", parts);
    }

    public static string Rate(double queries) => queries.ToString(queries >= 1000 ? "N0" : queries >= 10 ? "N1" : "N3", CultureInfo.InvariantCulture);

    private static IEnumerable<IReadOnlyList<string>> Rows(BenchmarkReport report, (string Name, TimeStatistics Of)[] figures)
    {
        IReadOnlyList<string> Row(string name, Func<TimeStatistics, string> cell) => [name, .. figures.Select(figure => cell(figure.Of))];
        yield return Row("min", of => Time(of.Min));
        yield return Row("mean", of => Time(of.Mean));
        yield return Row("  ±", of => of.MeanInterval is { } interval ? Time((interval.High - interval.Low) / 2) : "");
        yield return Row("median", of => Time(of.Median));
        yield return Row("  from", of => of.MedianInterval is { } interval ? Time(interval.Low) : "");
        yield return Row("  to", of => of.MedianInterval is { } interval ? Time(interval.High) : "");
        for (int i = 0; i < report.Options.Percentiles.Count; i++)
        {
            yield return Row($"{report.Options.Percentiles[i].ToString(CultureInfo.InvariantCulture)} %", of => Time(of.Percentiles[i].Value));
        }

        yield return Row("max", of => Time(of.Max));
        yield return Row("variation", of => of.Variation.ToString("0.0 %", CultureInfo.InvariantCulture));
    }

    private void Compared(BenchmarkReport report, BenchmarkComparison comparison)
    {
        screen.Line();
        screen.Line($"against {comparison.Engine} of the baseline");
        screen.Table(["", "#baseline", "#now", "#ratio", "#95 % interval"],
        [
            ["queries a second", Rate(comparison.Throughput), Rate(report.Throughput), Ratio(comparison.ThroughputRatio), ""],
            .. comparison.Figures.Select(figure => (IReadOnlyList<string>)[$"{figure.Name}, mean ms", Time(figure.BaselineMean), Time(figure.BaselineMean * figure.Ratio), Ratio(figure.Ratio), figure.Interval is { } interval ? $"{Ratio(interval.Low)} … {Ratio(interval.High)}" : ""]),
        ]);
        foreach (string difference in comparison.Differences)
        {
            Wrap($"warning: {difference}");
        }

        static string Ratio(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
    }
}
