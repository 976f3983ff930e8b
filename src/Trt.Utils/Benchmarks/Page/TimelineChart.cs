using static Trt.Utils.PageText;

namespace Trt.Utils;

/// <summary>A few queries from the middle of the run: what the host and the device did when, in a lane for each stream and kind of work.</summary>
internal static class TimelineChart
{
    private const int MostStreams = 6;
    private const double LaneHeight = 20;

    public static string Draw(BenchmarkReport report) => Draw(report, isSlim: false) + Draw(report, isSlim: true);

    /// <summary>How many streams are not shown.</summary>
    public static int LeftOut(BenchmarkReport report) => Math.Max(report.Options.Streams - MostStreams, 0);

    private static string Draw(BenchmarkReport report, bool isSlim)
    {
        int streams = Math.Min(report.Options.Streams, MostStreams);
        (double from, double to) = Window(report, isSlim ? 5 : 14);
        QueryTimes[] shown = [.. report.Queries.Where(query => query.Stream < streams && Math.Min(query.EnqueueStart, query.InputStart) < to && query.OutputEnd > from)];
        string[] lanes = report.Input is null ? ["enqueue", "compute"] : ["enqueue", "H2D", "compute", "D2H"];
        double group = (lanes.Length * LaneHeight) + (streams > 1 ? 22 : 6);
        double bottom = streams * group;
        Chart chart = new("timeline", isSlim, bottom + 26, "Timeline", $"{shown.Length} queries of {streams} streams in {Time(to - from)} ms, from {Time(from / 1000)} s on: enqueuing by the host, copies and computation by the device.");
        Axis x = new(0, to - from, isSlim ? 56 : 66, chart.Width - 6);
        chart.Horizontal(x, 0, bottom, "ms");
        for (int stream = 0; stream < streams; stream++)
        {
            double top = (stream * group) + (streams > 1 ? 18 : 2);
            if (streams > 1)
            {
                chart.Text(0, top - 5, $"stream {stream}", isStrong: true);
            }

            for (int lane = 0; lane < lanes.Length; lane++)
            {
                double y = top + (lane * LaneHeight);
                chart.Text(0, y + 13, lanes[lane]);
                foreach ((QueryTimes query, int number) in shown.Where(query => query.Stream == stream).Select((query, number) => (query, number)))
                {
                    Piece(chart, x, y, query, number, lanes[lane], from, to);
                }
            }
        }

        return chart.ToString();
    }

    private static void Piece(Chart chart, Axis x, double y, QueryTimes query, int number, string lane, double from, double to)
    {
        (double start, double length) = lane switch
        {
            "enqueue" => (query.EnqueueStart, query.EnqueueTime),
            "H2D" => (query.InputStart, query.InputTime),
            "D2H" => (query.OutputStart, query.OutputTime),
            _ => (query.ComputeStart, query.ComputeTime),
        };
        if (start >= to || start + length <= from)
        {
            return;
        }

        double begin = x.At(start - from), end = x.At(start + length - from);
        string style = lane.ToLowerInvariant() + (number % 2 == 0 ? "" : " odd");
        chart.Rectangle(begin, y + 2, Math.Max(end - begin, 1), LaneHeight - 4, style, $"{lane} of query {number + 1}: {Time(length)} ms from {Time(start)} ms");
    }

    /// <summary>So many queries of the first stream from the middle on, or all where there are fewer.</summary>
    private static (double From, double To) Window(BenchmarkReport report, int count)
    {
        QueryTimes[] first = [.. report.Queries.Where(query => query.Stream == 0)];
        int start = Math.Max(Math.Min(first.Length / 2, first.Length - count), 0);
        QueryTimes[] window = first[start..Math.Min(start + count, first.Length)];
        double from = window.Min(query => query.InputStart), to = window.Max(query => query.OutputEnd);

        // Enqueuing comes before; a host far ahead must not squeeze the device's work.
        double ahead = window.Min(query => query.EnqueueStart);
        from = from - ahead < (to - from) / 2 ? Math.Min(from, ahead) : from;
        return (from, Math.Max(to, from + 1e-6));
    }
}
