using System.Text.Json;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils.Tests.Inference;
using Xunit;

namespace Trt.Utils.Tests.Benchmarks;

/// <summary>Measured queries, and whether figures and files agree with them.</summary>
public class EngineBenchmarkTests(string? release = null)
{
    private static readonly BenchmarkOptions Short = new() { WarmUp = TimeSpan.FromMilliseconds(30), Duration = TimeSpan.FromMilliseconds(40), Device = TestDevice.Current };

    [Fact]
    public void FiguresAreThoseOfTheQueries()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Relu();
        BenchmarkReport report = EngineBenchmark.Run(engine, Short with { TransferData = true, Iterations = 25 });
        QueryTimes[] queries = [.. report.Queries];
        Assert.True(queries.Length >= 25);
        Assert.All(queries, query =>
        {
            Assert.True(query.EnqueueStart >= 5, "warm-up");
            Assert.True(query.InputTime >= 0 && query.ComputeTime > 0 && query.OutputTime >= 0);
            Assert.True(query.InputStart <= query.ComputeStart && query.ComputeStart <= query.OutputStart);
            Assert.Equal(query.InputTime + query.ComputeTime + query.OutputTime, query.Latency);
        });
        double wall = queries.Max(query => query.OutputStart + query.OutputTime) - queries.Min(query => query.InputStart);
        Assert.Equal(wall, report.WallTime, 9);
        Assert.Equal(queries.Length / (wall / 1000), report.Throughput, 6);
        Assert.Equal(queries.Sum(query => query.ComputeTime), report.TotalCompute, 6);
        Assert.Equal(queries.Average(query => query.Latency), report.Latency.Mean, 9);
        double[] sorted = [.. queries.Select(query => query.Latency).Order()];
        Assert.Equal(sorted[sorted.Length - 1 - (int)(0.01m * sorted.Length)], report.Latency.Percentiles[2].Value);
        Assert.True(report.WarmUpQueries > 0);
        Assert.Equal(["Latency", "Enqueue", "H2D", "Compute", "D2H"], report.Figures.Select(figure => figure.Name));
    }

    [Fact]
    public void FilesHoldWhatTheFiguresSay()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Relu();
        BenchmarkReport report = EngineBenchmark.Run(engine, Short with { TransferData = true, ProfileLayers = true });
        JsonElement[] times = [.. Json(stream => BenchmarkReportWriter.WriteTimes(report, stream)).EnumerateArray()];
        Assert.Equal(report.Queries.Length, times.Length);
        Assert.Equal(
            ["startEnqMs", "endEnqMs", "startH2dMs", "endH2dMs", "startComputeMs", "endComputeMs", "startD2hMs", "endD2hMs", "h2dMs", "computeMs", "d2hMs", "latencyMs"],
            times[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(report.Latency.Mean, times.Average(query => query.GetProperty("latencyMs").GetDouble()), 9);
        Assert.All(times, query => Assert.Equal(Of(query, "endComputeMs") - Of(query, "startComputeMs"), Of(query, "computeMs"), 6));

        JsonElement[] profile = [.. Json(stream => BenchmarkReportWriter.WriteProfile(report, stream)).EnumerateArray()];
        Assert.Equal(report.LayerRuns, profile[0].GetProperty("count").GetInt32());
        Assert.True(report.LayerRuns >= 10);
        Assert.Equal(100, profile.Skip(1).Sum(layer => Of(layer, "percentage")), 6);
        Assert.All(profile.Skip(1), layer => Assert.Equal(Of(layer, "timeMs") / report.LayerRuns, Of(layer, "averageMs"), 6));

        using MemoryStream memory = new();
        using (Utf8JsonWriter json = new(memory))
        {
            BenchmarkReportWriter.WriteSummary(report, json);
        }

        JsonElement summary = JsonDocument.Parse(memory.ToArray()).RootElement;
        Assert.Equal(times.Length, summary.GetProperty("queries").GetInt32());
        Assert.Equal(times.Length / (Of(summary, "wallTimeMs") / 1000), Of(summary, "throughput"), 6);
        Assert.Equal(times.Sum(query => Of(query, "computeMs")), Of(summary, "totalComputeMs"), 6);

        // The same run is as quick as itself.
        BenchmarkComparison comparison = BenchmarkComparison.Read(memory.ToArray(), report);
        Assert.Equal(1, comparison.ThroughputRatio);
        Assert.Empty(comparison.Differences);
        Assert.All(comparison.Figures, figure =>
        {
            Assert.Equal(1, figure.Ratio, 12);
            Assert.True(figure.Interval is not { } interval || (interval.Low <= 1 && interval.High >= 1));
        });
        Assert.Throws<FormatException>(() => BenchmarkComparison.Read("[]"u8.ToArray(), report));
        Assert.Throws<FormatException>(() => BenchmarkComparison.Read("{"u8.ToArray(), report));
    }

    [Fact]
    public void StreamsRunSideBySideWithAndWithoutThreads()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Relu();
        foreach (bool threads in (bool[])[false, true])
        {
            BenchmarkReport report = EngineBenchmark.Run(engine, Short with { Streams = 3, UseThreads = threads, Iterations = 20 });
            Assert.Equal([0, 1, 2], report.Queries.Select(query => query.Stream).Distinct().Order());
            Assert.All(report.Queries.GroupBy(query => query.Stream), stream => Assert.True(stream.Count() >= 20));
            Assert.Null(report.Input);
            Assert.All(report.Queries, query => Assert.Equal(query.ComputeTime, query.Latency));
            Assert.Contains(report.Warnings, warning => warning.StartsWith("Several streams", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void GivenValuesGoInAndTheNetworksOutputsComeOut()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Relu();
        float[] values = [1, -2, 3, -4, 5, float.NaN];
        foreach (bool copies in (bool[])[false, true])
        {
            BenchmarkReport report = EngineBenchmark.Run(engine, Short with
            {
                TransferData = copies,
                Shapes = new Dictionary<string, IReadOnlyList<long>> { ["x"] = [2, 3] },
                Values = (_, shape) => TorchTensor.FromArray(values, shape.ToArray()),
                UseManagedMemory = copies,
                AllocationStrategy = copies ? ExecutionContextAllocationStrategy.UserManaged : ExecutionContextAllocationStrategy.Static,
            });
            BenchmarkTensor y = report.Tensors[1];
            Assert.Equal(("y", new Dims(2, 3)), (y.Name, y.Shape));
            Assert.Equal([1, 0, 3, 0, 5], Enumerable.Range(0, 5).Select(i => y.Value(i)));
            JsonElement output = Json(stream => BenchmarkReportWriter.WriteOutputs(report, stream))[0];
            Assert.Equal("2x3", output.GetProperty("dimensions").GetString());
            Assert.Equal(5, output.GetProperty("values")[4].GetDouble());
        }
    }

    [Fact]
    public void PausesArePauses()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Relu();
        BenchmarkReport report = EngineBenchmark.Run(engine, Short with { SleepTime = TimeSpan.FromMilliseconds(4), ExposeTransfers = true, TransferData = true, WarmUp = TimeSpan.Zero, Duration = TimeSpan.Zero, Iterations = 5 });

        // Between copy in and computation of each query, and not a part of its latency.
        Assert.All(report.Queries, query => Assert.True(query.ComputeStart - query.InputEnd >= 3.9, $"{query}"));
        Assert.All(report.Queries.Zip(report.Queries.Skip(1)), pair => Assert.True(pair.Second.InputStart >= pair.First.OutputEnd, "copies that do not overlap"));
        Assert.True(report.WallTime >= 5 * 3.9);
    }

    [Fact]
    public void ShapesFollowDataAndGraphsDoNot()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Positions();
        BenchmarkReport report = EngineBenchmark.Run(engine, Short with { TransferData = true, Values = (_, shape) => TorchTensor.FromArray((float[])[0, 1, 2, 0, 0, 3], shape.ToArray()) });
        Assert.False(report.UsedCudaGraphs);
        Assert.Contains(report.Warnings, warning => warning.Contains("depends on data", StringComparison.Ordinal));
        BenchmarkTensor where = report.Tensors.Single(tensor => tensor.Name == "where");
        Assert.Equal(3, where.Shape.ToArray().Contains(3) ? 3 : 0); // three elements are not 0
    }

    [Fact]
    public void WrongUseIsToldBeforeAnythingRuns()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Relu();
        Assert.Contains("\"z\"", Refused(Short with { Shapes = new Dictionary<string, IReadOnlyList<long>> { ["z"] = [1, 3] } }), StringComparison.Ordinal);
        Assert.Contains("at most 4x3", Refused(Short with { Shapes = new Dictionary<string, IReadOnlyList<long>> { ["x"] = [5, 3] } }), StringComparison.Ordinal);
        Assert.Contains("12 bytes", Refused(Short with { Values = (_, _) => TorchTensor.FromArray((float[])[1, 2], 2) }), StringComparison.Ordinal);
        Assert.Contains("percentile", Refused(Short with { Percentiles = [0] }), StringComparison.Ordinal);
        Assert.Contains("0 to 1", Refused(Short with { PersistentCacheRatio = 1.5 }), StringComparison.Ordinal);
        Assert.NotEmpty(Refused(Short with { Profile = 3 }));
        Assert.NotEmpty(Refused(Short with { Streams = 0 }));

        string Refused(BenchmarkOptions options) => Assert.ThrowsAny<ArgumentException>(() => EngineBenchmark.Run(engine, options)).Message;
    }

    [Fact]
    public void CtrlCEndsAnEndlessRunWithAReportAndOthersWithout()
    {
        using RunnerRig rig = new(release);
        using ICudaEngine engine = rig.Relu();
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(500));
        Assert.NotEmpty(EngineBenchmark.Run(engine, Short with { Duration = null }, soon.Token).Queries);
        Assert.Throws<OperationCanceledException>(() => EngineBenchmark.Run(engine, Short with { Duration = TimeSpan.FromHours(1) }, soon.Token));
    }

    private static double Of(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static JsonElement Json(Action<Stream> write)
    {
        using MemoryStream memory = new();
        write(memory);
        return JsonDocument.Parse(memory.ToArray()).RootElement;
    }
}
