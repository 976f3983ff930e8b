using System.Buffers.Binary;
using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Bench;

/// <summary>The page of <c>trt bench --html</c>, opened in Chromium.</summary>
public sealed class PageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableFact]
    public void The_page_reads_well_in_light_and_dark_and_on_a_phone()
    {
        using Chromium chromium = Chromium.FindOrSkip();
        string page = Path.Combine(folder, "report.html"), old = Path.Combine(folder, "old.json");
        File.WriteAllText(old, Bench("--json").Output);
        Assert.Equal(0, Bench("--defaults=10", "--inf-streams=2", "--dump-profile", $"--baseline={old}", $"--html={page}").ExitCode);
        foreach ((int width, bool dark) in (ReadOnlySpan<(int, bool)>)[(1200, false), (360, true)])
        {
            JsonElement found = chromium.Measure(page, width, dark);
            Check(found, width, dark);
            Assert.Equal(
                (string[])["Latency histogram", "Latency over time", "Timeline"],
                found.GetProperty("drawings").EnumerateArray().Select(drawing => drawing.GetString()![5..]));
            Assert.All(found.GetProperty("drawings").EnumerateArray(), drawing => Assert.StartsWith(width > 640 ? "wide" : "slim", drawing.GetString(), StringComparison.Ordinal));
        }

        byte[] light = chromium.Screenshot(page, 360, 800), night = chromium.Screenshot(page, 1200, 900, dark: true);
        Assert.Equal((360, 800), (BinaryPrimitives.ReadInt32BigEndian(light.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(light.AsSpan(20))));
        Assert.True(light.Length > 10_000 && night.Length > 10_000, $"{light.Length} {night.Length}");
        Assert.False(light.AsSpan().SequenceEqual(night));
    }

    [SkippableFact]
    public void Hundred_thousand_queries_and_names_of_any_kind_do_not_blow_it_up()
    {
        using Chromium chromium = Chromium.FindOrSkip();
        Random random = new(1);
        double clock = 0;
        string name = $"<script>alert(1)</script>&\"'\u0001{new string('n', 400)}";
        QueryTimes[] queries = [.. Enumerable.Range(0, 100_000).Select(i =>
        {
            double compute = 1 + random.NextDouble() + (i % 5000 == 0 ? 500 : 0);
            clock += compute;
            return new QueryTimes(i % 9, clock - compute - 0.5, clock - compute - 0.4, clock - compute - 0.2, 0.1, clock - compute, compute, clock, 0.2);
        })];
        TimeStatistics figure = TimeStatistics.Of(Array.ConvertAll(queries, query => query.Latency), [50, 90, 95, 99, 99.9, 99.99]);
        BenchmarkReport report = new()
        {
            Engine = name,
            Library = name,
            Device = name,
            Time = DateTimeOffset.UnixEpoch,
            Options = new BenchmarkOptions { Streams = 9, TransferData = true, Percentiles = [50, 90, 95, 99, 99.9, 99.99] },
            Tensors = [],
            Queries = [.. queries],
            WarmUpQueries = 1,
            WarmUpTime = 1,
            UsedCudaGraphs = false,
            Warnings = [name],
            Layers = [.. Enumerable.Range(0, 5000).Select(i => new LayerTime($"{i} {name}", 5000 - i, 5000 - i, 5000 - i, (5000 - i) / 12_502_500.0))],
            LayerRuns = 1,
            WallTime = clock,
            Latency = figure,
            Enqueue = figure,
            Compute = figure,
            Input = figure,
            Output = figure,
        };
        string page = Path.Combine(folder, "large.html");
        using (StreamWriter html = new(page))
        {
            BenchmarkPage.Write(report, html);
        }

        string text = File.ReadAllText(page);
        Assert.True(text.Length < 300 * (name.Length + 600) + 600_000, $"{text.Length}");
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0001', text);
        Assert.Contains("4,700 more layers", text, StringComparison.Ordinal);
        Assert.Contains("3 more streams", text, StringComparison.Ordinal);
        Assert.DoesNotContain("http:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", text, StringComparison.Ordinal);
        Check(chromium.Measure(page, 360), 360, dark: false);
    }

    /// <summary>One query, and queries all alike: nothing to divide by.</summary>
    [SkippableFact]
    public void Few_queries_make_a_page_too()
    {
        using Chromium chromium = Chromium.FindOrSkip();
        string page = Path.Combine(folder, "few.html");
        Assert.Equal(0, Ran.Trt("bench", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--iterations=1", "--duration=0", "--warm-up=0", "--expose-dma", $"--html={page}").ExitCode);
        Check(chromium.Measure(page, 360, dark: true), 360, dark: true);
        Assert.DoesNotContain("NaN", File.ReadAllText(page), StringComparison.Ordinal);
    }

    private static void Check(JsonElement found, int width, bool dark)
    {
        Assert.Equal(width, found.GetProperty("width").GetInt32());
        Assert.Equal(dark, found.GetProperty("dark").GetBoolean());
        Assert.True(found.GetProperty("scrollWidth").GetInt32() <= width, $"{found}");
        Assert.Empty(found.GetProperty("over").EnumerateArray());
        Assert.Empty(found.GetProperty("outside").EnumerateArray());
        Assert.Empty(found.GetProperty("resources").EnumerateArray());
        Assert.True(found.GetProperty("contrast").GetDouble() >= 4.5, $"{found.GetProperty("contrast")} {found.GetProperty("faintest")}");
        Assert.True(found.GetProperty("smallest").GetDouble() >= 11, $"{found.GetProperty("smallest")}");
    }

    private static Ran Bench(params string[] options) =>
        Ran.Trt(["bench", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--warm-up=5", "--duration=0.1", "--iterations=30", .. options]);
}
