using System.Text;
using System.Text.Json;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Inspection;

public class InspectFileTests : Scratch
{
    public InspectFileTests() => CpuRuntime.Register();

    [Fact]
    public void A_plan_is_told_by_its_head_the_report_beside_it_and_its_layers()
    {
        string plan = PathOf("lenet.plan");
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        new EngineBuilder(library).BuildToFile(ModelFiles.Find("lenet.onnx"), plan, new BuildOptions { Batch = new(1, 4, 8), ProfilingVerbosity = ProfilingVerbosity.Detailed });

        Assert.Contains("lenet.onnx", Ran.Trt("inspect", plan).Output, StringComparison.Ordinal);
        JsonElement json = Ran.Trt("inspect", plan, "--show", "layers", "--json").Json;
        Assert.Equal(("Cpu", "data"), (json.GetProperty("format").GetString(), json.GetProperty("inputs")[0].GetProperty("name").GetString()));
        Assert.Equal([8, 1, 28, 28], json.GetProperty("profiles")[0].GetProperty("max").EnumerateArray().Select(extent => extent.GetInt32()));
        Assert.Contains(json.GetProperty("layers").EnumerateArray(), layer => layer.GetProperty("type").GetString() is { } type && type.Contains("onvolution", StringComparison.Ordinal));

        File.Delete(plan + ".json");
        Assert.Contains("--show layers", Ran.Trt("inspect", plan).Output, StringComparison.Ordinal);
        Assert.Equal("data", Ran.Trt("inspect", plan, "--show", "layers", "--json").Json.GetProperty("tensors")[0].GetProperty("name").GetString());
    }

    [SkippableFact]
    public void A_plan_of_a_release_that_is_not_installed_says_which()
    {
        string? folder = Environment.GetEnvironmentVariable("TRT_LEAN_LIBRARY_DIR");
        Skip.If(folder is null, "TRT_LEAN_LIBRARY_DIR is not set: there are no plans of 8.6");
        string plan = Directory.EnumerateFiles(folder!, "*.plan", SearchOption.AllDirectories).First();
        Assert.Equal("8.6.0", Ran.Trt("inspect", plan, "--json").Json.GetProperty("release").GetString()![..5]);
    }

    [Fact]
    public void A_calibration_cache_is_read_number_by_number()
    {
        // 3c010204 is 1/127, 3f800000 is 1.
        string path = PathOf("calibration.cache");
        File.WriteAllText(path, "TRT-8600-EntropyCalibration2\ndata: 3c010204\nprob: 3f800000\n");
        JsonElement json = Ran.Trt("inspect", path, "--json").Json;
        Assert.Equal("EntropyCalibration2", json.GetProperty("algorithm").GetString());
        Assert.Equal("0.00787402", json.GetProperty("scales")[0].GetProperty("scale").GetString()!, ignoreCase: true);
        Assert.Equal("±127", json.GetProperty("scales")[1].GetProperty("range").GetString());
        File.WriteAllText(path, "TRT-8600-EntropyCalibration2\nnonsense\n");
        Assert.Contains("line 2", Ran.Trt("inspect", path).Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_cache_lists_its_engines()
    {
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        string folder = PathOf("engines");
        new EngineBuilder(library).GetOrBuild(new EngineCache(folder), ModelFiles.Find("lenet.onnx"), new BuildOptions { Batch = 1 }).Dispose();
        Ran ran = Ran.Trt("inspect", folder);
        Assert.Contains("lenet", ran.Output, StringComparison.Ordinal);
        Assert.Contains("1 engines", ran.Output, StringComparison.Ordinal);
        Assert.Equal(ModelFiles.Find("lenet.onnx"), Ran.Trt("inspect", folder, "--json").Json.GetProperty("engines")[0].GetProperty("model").GetString());
        Assert.Contains("no cached engines", Ran.Trt("inspect", Directory.CreateDirectory(PathOf("empty")).FullName).Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_timing_cache_is_told_by_its_beginning_and_its_description()
    {
        string path = PathOf("timing.cache");
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        new EngineBuilder(library).Build(ModelFiles.Find("lenet.onnx"), new BuildOptions { Batch = 1, TimingCache = path }).Dispose();
        JsonElement json = Ran.Trt("inspect", path, "--json").Json;
        Assert.Equal(("timing cache", "CPU", "whole"), (json.GetProperty("kind").GetString(), json.GetProperty("GPU").GetString(), json.GetProperty("state").GetString()));
        File.AppendAllText(path, "x");
        Assert.Contains("damaged", Ran.Trt("inspect", path, "--json").Json.GetProperty("state").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nothing_known_is_refused()
    {
        string path = PathOf("text.txt");
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes("hello, this is nothing"));
        Assert.Contains("no plan, ONNX model or cache", Ran.Trt("inspect", path).Refusal(), StringComparison.Ordinal);
    }
}
