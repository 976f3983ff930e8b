using Trt.Tests.Goldens;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Running;

/// <summary>Scales that the tool finds are those that TensorRT 8.6.0 found for the same digits.</summary>
public sealed class CalibrateCommandTests : IDisposable
{
    private readonly Scratch scratch = new();

    [Theory]
    [InlineData("minmax", 1e-4)]
    [InlineData("entropy2", 0.15)] // shallow minima, which the last bits of a run decide
    [InlineData("legacy", 1e-4)]
    public void Caches_have_TensorRT_s_scales(string algorithm, double tolerance)
    {
        Ran ran = Ran.Trt("calibrate", ModelFiles.Find("lenet.onnx"), "--data", Scratch.Digits, "-o", scratch["x.cache"], "--batch-size", "20", "--algorithm", algorithm, "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Empty(ran.Error);
        Assert.Contains("200 pictures", ran.Output, StringComparison.Ordinal);
        ran.FitsTheScreen();
        Dictionary<string, float> scales = Scales(scratch["x.cache"]);
        (string Tensor, float Scale)[] golden = [.. Scales(GoldenFiles.Path($"lenet_{algorithm}.cache")).Where(entry => scales.ContainsKey(entry.Key)).Select(entry => (entry.Key, entry.Value))];
        Assert.Contains(golden, entry => entry.Tensor == "data");
        Assert.All(golden, entry => Assert.Equal(1, scales[entry.Tensor] / entry.Scale, tolerance));
    }

    [Fact]
    public void The_data_may_be_arrays_and_a_second_run_uses_the_first_one_s_file()
    {
        string[] line = ["calibrate", ModelFiles.Find("lenet.pth"), "--data", ModelFiles.Find("lenet_golden.npz"), "-o", scratch["x.cache"], "--json", "--algorithm", "minmax"];
        Ran first = Ran.Trt(line);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.False(first.Json.GetProperty("reused").GetBoolean());

        // Pixels from 0 to 1.
        Assert.Equal(1 / 127.0, first.Json.GetProperty("scales").GetProperty("data").GetDouble(), 1e-5);
        Assert.True(Ran.Trt(line).Json.GetProperty("reused").GetBoolean());
    }

    [Fact]
    public void A_build_with_the_same_pictures_takes_the_file()
    {
        string model = ModelFiles.Find("lenet.onnx");
        Assert.Equal(0, Ran.Trt("calibrate", model, "--data", Scratch.Digits, "-o", scratch["x.cache"], "--library", "cpu").ExitCode);
        Ran build = Ran.Trt("build", model, "--int8", "--calibrate", Scratch.Digits, "--calibration-cache", scratch["x.cache"], "--batch", "1:32:32", "-o", scratch["x.plan"], "--verbose", "--library", "cpu");
        Assert.True(build.ExitCode == 0, build.Error);
        Assert.Contains("Scales come from the calibration cache", build.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_quantize_nodes_comes_out_where_an_onnx_file_is_asked_for()
    {
        Ran ran = Ran.Trt("calibrate", ModelFiles.Find("lenet.onnx"), "--data", Scratch.Digits, "--count", "40", "-o", scratch["int8.onnx"], "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        using OnnxModel model = OnnxModel.Load(scratch["int8.onnx"]);

        // Two convolutions and two products, each with its activation and its weights.
        Assert.Equal(8, model.Nodes.Count(node => node.OpType == "QuantizeLinear"));
    }

    [SkippableFact]
    public void A_library_without_calibrators_gets_what_can_be_reused()
    {
        string library = RtxLibrary.Folder;
        Ran ran = Ran.Trt("calibrate", ModelFiles.Find("lenet.onnx"), "--data", Scratch.Digits, "-o", scratch["x.cache"], "--library", library, "--algorithm", "minmax");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Matches(@"has no\s+calibrators", ran.Output);
        Assert.Equal(1 / 127.0, Scales(scratch["x.cache"])["data"], 1e-5);
    }

    [Fact]
    public void What_cannot_be_is_told_in_one_line()
    {
        string model = ModelFiles.Find("lenet.onnx");
        string cache = scratch["x.cache"];
        Assert.Contains("nowhere", Ran.Trt("calibrate", model, "--data", "nowhere", "-o", cache).Refusal(), StringComparison.Ordinal);
        Assert.Contains("no pictures", Ran.Trt("calibrate", model, "--data", scratch.Folder, "-o", cache).Refusal(), StringComparison.Ordinal);
        Assert.Contains("no array \"data\"", Ran.Trt("calibrate", model, "--data", scratch.Save("other.npz", ("x", TorchTensor.FromArray<float>([1]))), "-o", cache).Refusal(), StringComparison.Ordinal);
        Assert.Contains("entropy2, minmax", Ran.Trt("calibrate", model, "--data", Scratch.Digits, "-o", cache, "--algorithm", "median").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("cannot be written", Ran.Trt("calibrate", model, "--data", Scratch.Digits, "-o", Path.Combine(model, "x.cache")).Refusal(), StringComparison.Ordinal);
        Assert.Contains("is a plan", Ran.Trt("calibrate", scratch.Plan("x.plan", ModelSource.FromOnnx(model)), "--data", Scratch.Digits, "-o", cache).Refusal(), StringComparison.Ordinal);

        string folder = Directory.CreateDirectory(scratch["pictures"]).FullName;
        File.Copy(Path.Combine(Scratch.Digits, "0_000.pgm"), Path.Combine(folder, "0.pgm"));
        File.WriteAllText(Path.Combine(folder, "1.pgm"), "P5 28 28 255\ncut off");
        Assert.Contains("1.pgm", Ran.Trt("calibrate", model, "--data", folder, "-o", cache).Refusal(), StringComparison.Ordinal);
        Assert.False(File.Exists(cache));
    }

    public void Dispose() => scratch.Dispose();

    /// <summary>The text format: a name, a colon, the bits of a float in hexadecimal digits.</summary>
    private static Dictionary<string, float> Scales(string path) => File.ReadLines(path).Skip(1).Where(line => line.Contains(": ", StringComparison.Ordinal)).ToDictionary(
        line => line[..line.LastIndexOf(": ", StringComparison.Ordinal)],
        line => BitConverter.UInt32BitsToSingle(Convert.ToUInt32(line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 2)..], 16)));
}
