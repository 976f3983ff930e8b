using static Trt.Utils.PageText;

namespace Trt.Utils;

/// <summary>The latency over the run: least, mean and greatest of neighbouring queries, however many there are.</summary>
internal static class CourseChart
{
    private const double Height = 200;

    public static string Draw(BenchmarkReport report) => Draw(report, isSlim: false) + Draw(report, isSlim: true);

    /// <summary>Sums queries up in spans of equal time; spans without queries are left out.</summary>
    internal static List<(double Time, double Min, double Mean, double Max)> Spans(IReadOnlyList<QueryTimes> queries, int most)
    {
        double start = queries[0].ComputeStart, length = Math.Max(queries[^1].ComputeStart - start, 1e-9);
        List<(double, double, double, double)> spans = [];
        for (int i = 0; i < queries.Count;)
        {
            int span = (int)Math.Min((queries[i].ComputeStart - start) / length * most, most - 1);
            double min = double.MaxValue, max = 0, sum = 0;
            int first = i;
            for (; i < queries.Count && (int)Math.Min((queries[i].ComputeStart - start) / length * most, most - 1) == span; i++)
            {
                double latency = queries[i].Latency;
                min = Math.Min(min, latency);
                max = Math.Max(max, latency);
                sum += latency;
            }

            spans.Add((queries[first].ComputeStart + ((queries[i - 1].ComputeStart - queries[first].ComputeStart) / 2), min, sum / (i - first), max));
        }

        return spans;
    }

    private static string Draw(BenchmarkReport report, bool isSlim)
    {
        double[] sorted = [.. report.Queries.Select(query => query.Latency).Order()];
        (_, double high) = HistogramChart.Range(sorted);
        var spans = Spans(report.Queries, isSlim ? 100 : 280);
        double start = report.Queries[0].ComputeStart;
        Chart chart = new("course", isSlim, Height, "Latency over time",
            $"Least, mean and greatest latency of neighbouring queries over {Time(report.WallTime / 1000)} s; the scale ends at {Time(high)} ms.");
        Axis y = new(0, high * 1.05, Height - 26, 14);
        double left = Math.Max(y.Ticks(4).Max(tick => Chart.WidthOf(tick.Text)) + 10, 28);
        Axis x = new(0, Math.Max((report.Queries[^1].ComputeStart - start) / 1000, 1e-3), left, chart.Width - 6);
        chart.Vertical(y, x.From, x.To);
        chart.Horizontal(x, y.To, y.From, "s");
        chart.Path([.. spans.Select(span => (X(span.Time), y.At(span.Max))), .. spans.AsEnumerable().Reverse().Select(span => (X(span.Time), y.At(span.Min)))], "band", isClosed: true);
        chart.Path(spans.Select(span => (X(span.Time), y.At(span.Mean))), "mean", isClosed: false);
        foreach ((double time, _, _, double max) in spans)
        {
            if (max > y.High)
            {
                double at = X(time);
                chart.Path([(at - 3, 8), (at + 3, 8), (at, 2)], "peak", isClosed: true);
            }
        }

        return chart.ToString();

        double X(double time) => x.At((time - start) / 1000);
    }
}
