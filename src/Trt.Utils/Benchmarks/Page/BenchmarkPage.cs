using System.Globalization;
using static Trt.Utils.PageText;

namespace Trt.Utils;

/// <summary>Writes a report as one HTML page: figures, latency histogram, course and timeline, layers, facts. It needs nothing else: no script, no font, no request; it is readable on a phone and on paper, in light and in dark.</summary>
public static class BenchmarkPage
{
    /// <summary>As many layers as stand in the table; of the rest the sum.</summary>
    private const int MostLayers = 300;

    /// <summary>Writes the page.</summary>
    /// <param name="report">What was measured.</param>
    /// <param name="html">Gets the page, to be written as UTF-8.</param>
    /// <param name="comparison">An earlier run to show beside it.</param>
    public static void Write(BenchmarkReport report, TextWriter html, BenchmarkComparison? comparison = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(html);
        html.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>{Escape(report.Engine)} – benchmark</title>
            <style>
            {PageStyle.Css}
            </style>
            </head>
            <body>
            <main>
            <header>
            <h1>{Escape(report.Engine)}</h1>
            <p>{Escape(report.Library)} on {Escape(report.Device)}, {report.Time.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)}</p>
            </header>

            """.ReplaceLineEndings("\n"));
        Figures(report, html);
        Warnings(report, comparison, html);
        Section(html, "histogram", "Latency", Below(report), () => html.Write(HistogramChart.Draw(report)));
        Section(html, "course", "Latency over time", "Line: mean of neighbouring queries; band: from the least to the greatest of them; red: above the scale.", () => html.Write(CourseChart.Draw(report)));
        Section(html, "timeline", "Timeline", $"Some queries from the middle of the run, neighbours in two shades. Enqueue is the host's, the rest the device's time.{(TimelineChart.LeftOut(report) is > 0 and var out1 ? $" {out1} more streams are not shown." : "")}",
            () => html.Write(TimelineChart.Draw(report)));
        Statistics(report, html);
        if (comparison is not null)
        {
            Compared(report, comparison, html);
        }

        if (report.LayerRuns > 0)
        {
            Layers(report, html);
        }

        Facts(report, html);
        html.Write($"<footer>Written by TensorRT for .NET. Intervals hold the true value with a confidence of 95 %: of means by the means of 30 batches of neighbouring queries and Student's t, of medians by order statistics.</footer>\n</main>\n</body>\n</html>\n");
    }

    private static void Section(TextWriter html, string id, string title, string note, Action content, bool isLong = false)
    {
        html.Write($"<section{(isLong ? " class=\"long\"" : "")} aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{Escape(title)}</h2>\n");
        content();
        if (note.Length > 0)
        {
            html.Write($"<p class=\"note\">{Escape(note)}</p>\n");
        }

        html.Write("</section>\n");
    }

    private static void Figures(BenchmarkReport report, TextWriter html)
    {
        html.Write("<dl class=\"figures\">\n");
        Figure("Throughput", Rate(report.Throughput), "queries/s", $"{Count(report.Queries.Length)} in {Time(report.WallTime / 1000)} s");
        Figure("Latency, median", Time(report.Latency.Median), "ms", report.Latency.MedianInterval is { } interval ? $"{Time(interval.Low)} … {Time(interval.High)}" : "");
        if (report.Latency.Percentiles.LastOrDefault() is { Percent: > 0 } last)
        {
            Figure(FormattableString.Invariant($"Latency, {last.Percent} %"), Time(last.Value), "ms", $"at most {Time(report.Latency.Max)}");
        }

        Figure("Compute, median", Time(report.Compute.Median), "ms", $"variation {Percent(report.Compute.Variation)}");
        html.Write("</dl>\n");

        void Figure(string name, string value, string unit, string more) =>
            html.Write($"<div><dt>{Escape(name)}</dt><dd>{Escape(value)} <small>{unit}</small></dd><dd>{Escape(more)}</dd></div>\n");
    }

    private static void Warnings(BenchmarkReport report, BenchmarkComparison? comparison, TextWriter html)
    {
        string[] all = [.. report.Warnings, .. comparison?.Differences ?? []];
        if (all.Length > 0)
        {
            html.Write($"<section class=\"warnings\" aria-labelledby=\"warnings\">\n<h2 id=\"warnings\">Take care</h2>\n<ul>\n{string.Concat(all.Select(warning => $"<li>{Escape(warning)}</li>\n"))}</ul>\n</section>\n");
        }
    }

    private static string Below(BenchmarkReport report)
    {
        double[] sorted = [.. report.Queries.Select(query => query.Latency).Order()];
        (_, double high) = HistogramChart.Range(sorted);
        int above = sorted.Count(value => value > high);
        string copies = report.Input is null ? "The computation alone: there were no copies." : "Copy in, computation and copy out of a query, without waiting between them.";
        return above == 0 ? copies : $"{copies} {Count(above)} of {Count(sorted.Length)} queries took longer than the scale shows, up to {Time(sorted[^1])} ms.";
    }

    private static void Statistics(BenchmarkReport report, TextWriter html)
    {
        (string Name, TimeStatistics Of)[] figures = [.. report.Figures];
        Section(html, "statistics", "Figures", "± and from, to: 95 % confidence intervals. Variation: standard deviation by mean.", () =>
        {
            html.Write("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figures\">\n<table>\n<thead><tr><th scope=\"col\">ms</th>");
            html.Write(string.Concat(figures.Select(figure => $"<th scope=\"col\">{figure.Name}</th>")));
            html.Write("</tr></thead>\n<tbody>\n");
            Row("min", of => Time(of.Min));
            Row("mean", of => Time(of.Mean));
            Row("±", of => of.MeanInterval is { } interval ? Time((interval.High - interval.Low) / 2) : "", isSub: true);
            Row("median", of => Time(of.Median));
            Row("from", of => of.MedianInterval is { } interval ? Time(interval.Low) : "", isSub: true);
            Row("to", of => of.MedianInterval is { } interval ? Time(interval.High) : "", isSub: true);
            for (int i = 0; i < report.Options.Percentiles.Count; i++)
            {
                Row(FormattableString.Invariant($"{report.Options.Percentiles[i]} %"), of => Time(of.Percentiles[i].Value));
            }

            Row("max", of => Time(of.Max));
            Row("variation", of => Percent(of.Variation));
            html.Write("</tbody>\n</table>\n</div>\n");
        });

        void Row(string name, Func<TimeStatistics, string> cell, bool isSub = false) =>
            html.Write($"<tr{(isSub ? " class=\"sub\"" : "")}><th scope=\"row\">{name}</th>{string.Concat(figures.Select(figure => $"<td>{cell(figure.Of)}</td>"))}</tr>\n");
    }

    private static void Compared(BenchmarkReport report, BenchmarkComparison comparison, TextWriter html) =>
        Section(html, "comparison", "Against the baseline", $"Baseline: {comparison.Engine} on {comparison.Device}. Below 1 is quicker, but for the queries a second.", () =>
        {
            html.Write("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Against the baseline\">\n<table>\n<thead><tr><th scope=\"col\">mean</th><th scope=\"col\">baseline</th><th scope=\"col\">now</th><th scope=\"col\">ratio</th><th scope=\"col\">95 % interval</th></tr></thead>\n<tbody>\n");
            html.Write($"<tr><th scope=\"row\">queries/s</th><td>{Rate(comparison.Throughput)}</td><td>{Rate(report.Throughput)}</td><td>{Ratio(comparison.ThroughputRatio)}</td><td></td></tr>\n");
            foreach ((string name, double mean, double ratio, Interval? interval) in comparison.Figures)
            {
                html.Write($"<tr><th scope=\"row\">{name}, ms</th><td>{Time(mean)}</td><td>{Time(mean * ratio)}</td><td>{Ratio(ratio)}</td><td>{(interval is { } known ? $"{Ratio(known.Low)} … {Ratio(known.High)}" : "")}</td></tr>\n");
            }

            html.Write("</tbody>\n</table>\n</div>\n");
            static string Ratio(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
        });

    private static void Layers(BenchmarkReport report, TextWriter html)
    {
        LayerTime[] layers = [.. report.Layers.OrderByDescending(layer => layer.Total)];
        double longest = layers.Length == 0 ? 1 : Math.Max(layers[0].Share, 1e-12);
        LayerTime[] rest = [.. layers.Skip(MostLayers)];
        Section(html, "layers", "Layers", $"Measured in {Count(report.LayerRuns)} runs of their own, which measuring makes longer. Layers that took no time are left out.", () =>
        {
            html.Write("<table class=\"layers\">\n<thead><tr><th scope=\"col\">layer</th><th scope=\"col\">share</th><th scope=\"col\">mean ms</th><th scope=\"col\" class=\"extra\">median ms</th><th scope=\"col\" class=\"extra\">total ms</th></tr></thead>\n<tbody>\n");
            foreach (LayerTime layer in layers.Take(MostLayers))
            {
                Row(Escape(layer.Name), layer.Share, layer.Mean, layer.Median, layer.Total, longest);
            }

            if (rest.Length > 0)
            {
                Row($"{Count(rest.Length)} more layers", rest.Sum(layer => layer.Share), rest.Sum(layer => layer.Mean), rest.Sum(layer => layer.Median), rest.Sum(layer => layer.Total), longest);
            }

            Row("<strong>all layers</strong>", layers.Sum(layer => layer.Share), layers.Sum(layer => layer.Mean), layers.Sum(layer => layer.Median), layers.Sum(layer => layer.Total), 0);
            html.Write("</tbody>\n</table>\n");
        }, isLong: true);

        void Row(string name, double share, double mean, double median, double total, double whole)
        {
            string meter = whole > 0 ? $"<span class=\"meter\"><i style=\"width:{At(Math.Min(share / whole, 1) * 100)}%\"></i></span>" : "";
            html.Write($"<tr><th scope=\"row\">{name}</th><td class=\"share\">{Percent(share)}{meter}</td><td>{Time(mean)}</td><td class=\"extra\">{Time(median)}</td><td class=\"extra\">{Time(total)}</td></tr>\n");
        }
    }

    private static void Facts(BenchmarkReport report, TextWriter html)
    {
        BenchmarkOptions options = report.Options;
        Section(html, "facts", "What was measured", "", () =>
        {
            html.Write("<dl class=\"facts\">\n");
            Fact("Library", report.Library);
            Fact("Device", report.Device);
            foreach (BenchmarkTensor tensor in report.Tensors)
            {
                Fact(tensor.IsInput ? "Input" : "Output", $"{tensor.Name} {tensor.DataType} {ShapeText.Of(tensor.Shape)}{(tensor.Format == Interop.TensorFormat.Linear ? "" : $" ({tensor.Format})")}");
            }

            Fact("Streams", options.Streams == 1 ? "1" : $"{options.Streams}, {(options.UseThreads ? "a thread each" : "one thread")}");
            Fact("Copies", !options.TransferData ? "none" : options.ExposeTransfers ? "in and out, not overlapping computation" : "in and out");
            Fact("CUDA graphs", report.UsedCudaGraphs ? "yes" : options.UseCudaGraphs ? "asked for, not possible" : "no");
            Fact("Waiting", options.SpinWait ? "may spin" : "sleeps");
            Fact("Managed memory", options.UseManagedMemory ? "yes" : "");
            Fact("Profile", options.Profile.ToString(CultureInfo.InvariantCulture));
            Fact("Scratch memory", options.AllocationStrategy switch { Interop.ExecutionContextAllocationStrategy.Static => "for all profiles", Interop.ExecutionContextAllocationStrategy.OnProfileChange => "for the profile", _ => "for the shapes" });
            Fact("Pauses", options.SleepTime > TimeSpan.Zero || options.IdleTime > TimeSpan.Zero ? FormattableString.Invariant($"{options.SleepTime.TotalMilliseconds} ms on the device, {options.IdleTime.TotalMilliseconds} ms on the host") : "");
            Fact("Asked for", FormattableString.Invariant($"{options.WarmUp.TotalMilliseconds} ms of warm-up, then at least {options.Iterations} queries of a stream{(options.Duration is { } duration ? $" and {duration.TotalSeconds} s" : ", until stopped")}"));
            Fact("Measured", $"{Count(report.WarmUpQueries)} queries of warm-up in {Time(report.WarmUpTime)} ms, then {Count(report.Queries.Length)} in {Time(report.WallTime / 1000)} s, {Time(report.TotalCompute / 1000)} s of them computation");
            html.Write("</dl>\n");
        });

        void Fact(string name, string value)
        {
            if (value.Length > 0)
            {
                html.Write($"<dt>{name}</dt><dd>{Escape(value)}</dd>\n");
            }
        }
    }
}
