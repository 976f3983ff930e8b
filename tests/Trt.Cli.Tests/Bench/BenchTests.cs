using System.Globalization;
using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Bench;

/// <summary><c>trt bench</c> on the CPU runtime.</summary>
public sealed class BenchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_model_is_built_measured_and_summed_up()
    {
        Ran ran = Bench("--shapes=data:4x1x28x28", "--includeDataTransfers", "--percentile=50,99.5", "--avgRuns=5");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("data Float 4x1x28x28, random with seed 1", ran.Output, StringComparison.Ordinal);
        Assert.Contains("prob Float 4x10", ran.Output, StringComparison.Ordinal);
        Assert.Contains("queries a second", ran.Output, StringComparison.Ordinal);
        Assert.Contains("CPU runtime", ran.Output, StringComparison.Ordinal);
        Assert.Contains("means of 5 queries", ran.Output, StringComparison.Ordinal);
        foreach (string name in (string[])["Latency", "Enqueue", "H2D", "Compute", "D2H", "99.5 %", "variation"])
        {
            Assert.Contains(name, ran.Output, StringComparison.Ordinal);
        }

        ran.FitsTheScreen();
    }

    [Fact]
    public void The_exported_files_agree_with_the_summary()
    {
        Ran ran = Bench(
            "--json", "--defaults=10", "--inf-streams=2", "--threads", $"--exportTimes={At("times.json")}", $"--exportOutput={At("output.json")}", $"--exportProfile={At("profile.json")}",
            $"--exportLayerInfo={At("layers.json")}", "--dumpLayerInfo", "--dumpOptimizationProfile", "--dumpOutput", "--dump-raw-bindings-to-file", $"--dump-folder={At("raw")}");
        JsonElement summary = ran.Json, times = Read("times.json"), profile = Read("profile.json");
        int count = summary.GetProperty("queries").GetInt32();
        Assert.Equal(count, times.GetArrayLength());
        Assert.Equal(count / (Number(summary, "wallTimeMs") / 1000), Number(summary, "throughput"), 6);
        Assert.Equal(times.EnumerateArray().Max(query => Number(query, "endD2hMs")) - times.EnumerateArray().Min(query => Number(query, "startH2dMs")), Number(summary, "wallTimeMs"), 6);
        foreach ((string figure, string key) in (ReadOnlySpan<(string, string)>)[("latencyMs", "latencyMs"), ("computeMs", "computeMs"), ("h2dMs", "h2dMs"), ("d2hMs", "d2hMs")])
        {
            double[] sorted = [.. times.EnumerateArray().Select(query => Number(query, key)).Order()];
            Assert.Equal(sorted.Average(), Number(summary.GetProperty(figure), "mean"), 6);
            Assert.Equal(sorted[0], Number(summary.GetProperty(figure), "min"));
            Assert.Equal(sorted[count - 1 - (int)(0.05m * count)], Number(summary.GetProperty(figure).GetProperty("percentiles"), "95"));
        }

        Assert.Equal(profile[0].GetProperty("count").GetInt32(), summary.GetProperty("layerRuns").GetInt32());
        Assert.Contains(profile.EnumerateArray().Skip(1), layer => layer.GetProperty("name").GetString() == "/conv1/Conv");
        Assert.Equal("/conv1/Conv", Read("layers.json").GetProperty("Layers").EnumerateArray().First(name => name.GetString()!.Contains("conv1/", StringComparison.Ordinal)).GetString());
        Assert.True(summary.GetProperty("layerInfo").GetProperty("Layers").GetArrayLength() > 5);
        Assert.Equal("1x1x28x28", summary.GetProperty("profiles")[0].GetProperty("opt").GetString());
        Assert.Equal("1x10", Read("output.json")[0].GetProperty("dimensions").GetString());
        Assert.Equal(1, Read("output.json")[0].GetProperty("values").EnumerateArray().Sum(value => Math.Exp(value.GetDouble())), 4); // LeNet ends in a log-softmax
        Assert.Equal(4 * 784, new FileInfo(At("raw/data.input.1.1.28.28.Float.raw")).Length);
        Assert.Equal(4 * 10, new FileInfo(At("raw/prob.output.1.10.Float.raw")).Length);
    }

    [Fact]
    public void Inputs_come_from_files_and_give_the_golden_answers()
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] digits = golden["data"].ToFloat32()[..(3 * 784)];
        File.WriteAllBytes(At("data.bin"), System.Runtime.InteropServices.MemoryMarshal.AsBytes(digits.AsSpan()).ToArray());
        Ran ran = Bench("--json", "--shapes=data:3x1x28x28", $"--loadInputs=data:{At("data.bin")}", "--dumpOutput");
        double[] values = [.. ran.Json.GetProperty("outputs")[0].GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        float[] expected = golden["prob"].ToFloat32()[..30];
        Assert.Equal(expected.Length, values.Length);
        Assert.All(values.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
    }

    [Fact]
    public void A_baseline_is_compared_with()
    {
        Ran first = Bench("--json");
        File.WriteAllText(At("old.json"), first.Output);
        Ran second = Bench($"--baseline={At("old.json")}", "--includeDataTransfers");
        Assert.Contains("against lenet.onnx", second.Output, StringComparison.Ordinal);
        Assert.Contains("without copies", second.Output, StringComparison.Ordinal);
        second.FitsTheScreen();
        File.WriteAllText(At("old.json"), "{}");
        Assert.Contains("old.json", Quiet($"--baseline={At("old.json")}").Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_are_saved_and_loaded()
    {
        Assert.Equal(0, Bench("--skipInference", $"--saveEngine={At("lenet.plan")}").ExitCode);
        Ran ran = Ran.Trt("bench", $"--loadEngine={At("lenet.plan")}", "--library=cpu", "--json", "--iterations=3", "--duration=0", "--warmUp=0");
        Assert.Equal("lenet.plan", ran.Json.GetProperty("engine").GetString());
        Assert.Equal(3, ran.Json.GetProperty("options").GetProperty("iterations").GetInt32());
    }

    [SkippableFact]
    public void A_plan_or_library_for_GPUs_is_refused_in_one_line_without_one()
    {
        Skip.If(Interop.Cuda.CudaDriver.IsAvailable(out _), "There is a GPU.");
        Assert.Contains("GPU", Ran.Trt("bench", ModelFiles.Find("lenet.onnx"), "--library", RtxLibrary.Folder).Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--useCudaGraph", "--noCudaGraph", "contradict")]
    [InlineData("--percentile=101", "", "percentile")]
    [InlineData("--defaults=9", "", "10 or 11")]
    [InlineData("--duration=-2", "", "-1")]
    [InlineData("--infStreams=0", "", "1 or more")]
    [InlineData("--tuneBuildRoutes=x", "", "--tuneBuildRoutes")]
    [InlineData("--helpBuildRoute", "", "trtexec")]
    [InlineData("--allocationStrategy=some", "", "runtime")]
    [InlineData("--loadEngine=other.plan", "", "Several models")]
    public void Wrong_options_are_told_as_such(string first, string second, string expected)
    {
        Ran ran = Ran.Trt([.. new[] { "bench", ModelFiles.Find("lenet.onnx"), "--library=cpu", first, second }.Where(text => text.Length > 0)]);
        Assert.Equal(ExitCode.Usage, ran.ExitCode);
        Assert.Contains(expected, ran.Error, StringComparison.Ordinal);
        Assert.Empty(ran.Output);
    }

    [Fact]
    public void What_does_not_fit_the_model_is_told_in_one_line()
    {
        Assert.Contains("\"image\"", Quiet("--shapes=image:1x1x28x28").Refusal(), StringComparison.Ordinal);
        Assert.Contains("weight streaming", Quiet("--weightStreamingBudget=50%").Refusal(), StringComparison.Ordinal);
        Assert.Contains("--refit", Quiet("--dumpRefit").Refusal(), StringComparison.Ordinal);
        Assert.Contains("no-such", Quiet("--loadInputs=data:no-such.bin").Refusal(), StringComparison.Ordinal);
        Assert.Contains("Profile 2", Quiet("--useProfile=2").Refusal(), StringComparison.Ordinal);
    }

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static Ran Bench(params string[] options) =>
        Ran.Trt(["bench", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--warm-up=5", "--duration=0.05", "--iterations=20", .. options]);

    /// <summary>With shapes, so that the build says nothing.</summary>
    private static Ran Quiet(params string[] options) => Bench(["--opt-shapes=data:1x1x28x28", .. options]);

    private string At(string name) => Path.Combine(folder, name);

    private JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(At(name))).RootElement;
}
