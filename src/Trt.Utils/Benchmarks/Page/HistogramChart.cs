using static Trt.Utils.PageText;

namespace Trt.Utils;

/// <summary>How often which latency came, with median, mean and percentiles.</summary>
internal static class HistogramChart
{
    private const double Height = 250;
    private const double RowHeight = 14;

    public static string Draw(BenchmarkReport report) => Draw(report, isSlim: false) + Draw(report, isSlim: true);

    /// <summary>Counts values in ranges of equal width: as many as Freedman and Diaconis would take, at most so many.</summary>
    /// <param name="sorted">The values, ascending.</param>
    /// <param name="low">The beginning of the first range.</param>
    /// <param name="high">The end of the last; what is above is not counted.</param>
    /// <param name="most">The greatest number of ranges.</param>
    internal static int[] Counts(double[] sorted, double low, double high, int most)
    {
        double quartiles = sorted[(int)(0.75 * (sorted.Length - 1))] - sorted[(int)(0.25 * (sorted.Length - 1))];
        double width = 2 * quartiles / Math.Cbrt(sorted.Length);
        int[] counts = new int[width > 0 ? (int)Math.Clamp((high - low) / width, 8, most) : most];
        foreach (double value in sorted)
        {
            if (value <= high)
            {
                counts[Math.Min((int)((value - low) / (high - low) * counts.Length), counts.Length - 1)]++;
            }
        }

        return counts;
    }

    private static string Draw(BenchmarkReport report, bool isSlim)
    {
        double[] sorted = [.. report.Queries.Select(query => query.Latency).Order()];
        (double low, double high) = Range(sorted);
        int[] counts = Counts(sorted, low, high, isSlim ? 30 : 75);
        Chart chart = new("histogram", isSlim, Height, "Latency histogram",
            $"{Count(sorted.Length)} queries from {Time(sorted[0])} to {Time(sorted[^1])} ms, median {Time(report.Latency.Median)} ms.");
        Axis y = new(0, Math.Max(counts.Max(), 1) * 1.05, Height - 26, 66);
        double left = Math.Max(y.Ticks(4).Max(tick => Chart.WidthOf(tick.Text)) + 10, 28);
        Axis x = new(low, high, left, chart.Width - 6);
        var marks = Marks(report, x, chart.Width);
        y = y with { To = 10 + (RowHeight * marks.Select(mark => mark.Row + 1).DefaultIfEmpty(0).Max()) };
        chart.Vertical(y, x.From, x.To);
        chart.Horizontal(x, y.To, y.From, "ms");
        double step = (x.To - x.From) / counts.Length;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                double from = low + ((high - low) * i / counts.Length), to = low + ((high - low) * (i + 1) / counts.Length);
                chart.Rectangle(x.From + (step * i) + 0.5, y.At(counts[i]), step - 1, y.From - y.At(counts[i]), "bar", $"{Time(from)} to {Time(to)} ms: {Count(counts[i])} queries");
            }
        }

        foreach ((string name, double at, double start, int row, bool isMedian) in marks)
        {
            chart.Text(start, 14 + (row * RowHeight), name, isStrong: isMedian);
            chart.Line(at, 4 + (row * RowHeight), at, y.From, isMedian ? "mark" : "mark dotted");
        }

        return chart.ToString();
    }

    /// <summary>Up to somewhat more than the 99th percentile: a single slow query would squeeze all others into one bar.</summary>
    internal static (double Low, double High) Range(double[] sorted)
    {
        double low = sorted[0];
        double high = Math.Min(sorted[^1], low + ((TimeStatistics.Percentile(sorted, 99) - low) * 1.15));
        return high > low ? (low, high) : (low * 0.95, Math.Max(low * 1.05, low + 1e-6));
    }

    /// <summary>Where lines and names of median, mean and percentiles stand: in rows, so that none covers another; what finds no place is left out.</summary>
    private static List<(string Name, double At, double Start, int Row, bool IsMedian)> Marks(BenchmarkReport report, Axis x, double width)
    {
        double[] ends = new double[4];
        Array.Fill(ends, double.NegativeInfinity);
        (string Name, double Value, bool IsMedian)[] all =
        [
            ("median", report.Latency.Median, true), ("mean", report.Latency.Mean, false),
            .. report.Latency.Percentiles.Select(percentile => (FormattableString.Invariant($"{percentile.Percent} %"), percentile.Value, false)),
        ];
        List<(string, double, double, int, bool)> marks = [];
        foreach ((string name, double value, bool isMedian) in all.Where(mark => mark.Value <= x.High).OrderBy(mark => mark.Value))
        {
            double at = x.At(value), start = Math.Clamp(at + 3, x.From, width - Chart.WidthOf(name));
            int row = Array.FindIndex(ends, end => end + 6 < start);
            if (row >= 0)
            {
                ends[row] = start + Chart.WidthOf(name);
                marks.Add((name, at, start, row, isMedian));
            }
        }

        return marks;
    }
}
