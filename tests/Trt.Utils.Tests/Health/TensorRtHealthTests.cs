using System.Text.Json.Nodes;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils.Tests.Engines;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Health;

[Collection(RtxCollection.Name)]
public sealed class TensorRtHealthTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void CPU_runtime_does_everything()
    {
        string name = TinyNetwork.Cpu().ToString();

        TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions { Library = new TensorRtOptions { Flavour = Flavour.Cpu } });

        Assert.True(report.IsHealthy, report.ToString());
        Assert.True(report.CanBuild);
        Assert.True(report.CanRun);
        Assert.Equal(name, report.Library);
        Assert.Equal($"{name} builds and runs engines here.", report.Summary);
        string[] tried = ["build", "ONNX parser", "run", "INT8", "refit"];
        Assert.Equal(tried, report.Items.Where(item => item.Area == name && item.Status == HealthStatus.Good && tried.Contains(item.Name)).Select(item => item.Name));
    }

    [SkippableFact]
    public void TensorRT_RTX_builds_without_a_GPU()
    {
        TensorRtLibrary rtx = RtxLibrary.Load();
        TinyNetwork.Cpu();

        TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions { Library = new TensorRtOptions { LibraryPath = RtxLibrary.Folder } });

        Assert.True(report.IsHealthy, report.ToString());
        Assert.True(report.CanBuild);
        Assert.Equal(rtx.ToString(), report.Library);
        Assert.Equal(rtx.Path, report.LibraryPath);
        Assert.Equal(HealthStatus.Good, Find(report, rtx.ToString(), "build").Status);
        Assert.Equal(HealthStatus.Good, Find(report, rtx.ToString(), "ONNX parser").Status);
        Assert.EndsWith(rtx.OnnxParserPath!, Find(report, rtx.ToString(), "ONNX parser").Detail, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Good, Find(report, rtx.ToString(), "INT8").Status);
        Assert.Equal(CudaDriver.IsAvailable(out _), report.CanRun);
        Assert.Equal(report.CanRun ? HealthStatus.Good : HealthStatus.Missing, Find(report, rtx.ToString(), report.CanRun ? "run" : "run, refit").Status);
        Assert.Contains(report.Items, item => item.Name == Path.Combine(RtxLibrary.Folder, "libtensorrt_rtx.so") && item.Detail.StartsWith("the same file as ", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Lean_runtimes_run_plans_only()
    {
        string libraries = Path.GetDirectoryName(LeanFiles.Library(10))!;
        string plan = LeanFiles.Plan("lenet.vc");

        TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions
        {
            Library = new TensorRtOptions { LibraryPath = libraries },
            EveryLibrary = true,
            Plan = plan,
        });

        string[] areas = [.. report.Items.Select(item => item.Area).Where(area => area.Contains("lean runtime", StringComparison.Ordinal)).Distinct()];
        Assert.Equal(["11.", "10.", "8.6"], areas.Select(area => area["TensorRT lean runtime ".Length..][..3]));
        Assert.False(report.CanBuild);
        HealthStatus runtime = CudaDriver.IsAvailable(out _) ? HealthStatus.Good : HealthStatus.Missing;
        Assert.All(areas, area => Assert.Equal(runtime, Find(report, area, "runtime").Status));
        HealthItem judged = Find(report, "Plan", plan);
        Assert.Equal(HealthStatus.Failed, judged.Status); // 11 comes first in the loader's order, and takes plans from 10 on
        Assert.Contains("takes plans from 10.0 on only", judged.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_comes_after_the_first_usable_library_is_named_and_left_alone()
    {
        string libraries = Path.GetDirectoryName(LeanFiles.Library(10))!;

        TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions { Library = new TensorRtOptions { LibraryPath = libraries }, Try = false });

        HealthItem ten = Find(report, "Libraries", Path.Combine(libraries, "libnvinfer_lean.so.10"));
        Assert.Equal(HealthStatus.Note, ten.Status);
        Assert.StartsWith("not tried, since TensorRT lean runtime 11.", ten.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(report.Items, item => item.Name is "runtime" or "build");
    }

    [SkippableFact]
    public void Unusable_files_are_named_with_the_reason()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The names are Linux's.");
        File.WriteAllText(folder["libnvinfer.so.10"], "this is no library");
        File.WriteAllText(folder["libnvinfer.so.8"], "neither is this");

        TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions { Library = new TensorRtOptions { LibraryPath = folder.Path } });

        Assert.False(report.IsHealthy);
        Assert.Null(report.Library);
        Assert.Equal("No TensorRT is usable here.", report.Summary);
        foreach (string name in new[] { "libnvinfer.so.10", "libnvinfer.so.8" })
        {
            HealthItem item = Find(report, "Libraries", folder[name]);
            Assert.Equal(HealthStatus.Failed, item.Status);
            Assert.Contains("no ELF file", item.Detail, StringComparison.Ordinal);
            Assert.NotNull(item.Remedy);
        }

        Assert.Contains("libnvinfer.so.10", Find(report, "Libraries", "searched").Detail, StringComparison.Ordinal);
        Assert.Contains("TRT_LIBRARY", Find(report, "Libraries", "a program loads").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Path_that_is_not_there_is_named()
    {
        string path = folder["none/libnvinfer.so.10"];

        TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions { Library = new TensorRtOptions { LibraryPath = path }, Plan = folder["none.plan"] });

        Assert.Equal(new HealthItem("Libraries", path, HealthStatus.Failed, "there is no such file or folder", "Correct TensorRtOptions.LibraryPath."), Find(report, "Libraries", path));
        Assert.Equal(HealthStatus.Failed, Find(report, "Plan", folder["none.plan"]).Status);
        Assert.Null(report.Library);
    }

    [Fact]
    public void Text_and_JSON_have_everything()
    {
        TinyNetwork.Cpu();
        File.WriteAllBytes(folder["my.plan"], TinyNetwork.Build(TinyNetwork.Cpu()));

        TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions { Library = new TensorRtOptions { Flavour = Flavour.Cpu }, Plan = folder["my.plan"] });

        Assert.Equal(HealthStatus.Good, Find(report, "Plan", folder["my.plan"]).Status);
        string text = report.ToString();
        JsonNode json = JsonNode.Parse(report.ToJson())!;
        Assert.Equal(report.Items.Count, json["items"]!.AsArray().Count);
        Assert.Equal(report.Summary, (string?)json["summary"]);
        Assert.True((bool)json["isHealthy"]!);
        foreach ((HealthItem item, JsonNode? node) in report.Items.Zip(json["items"]!.AsArray()))
        {
            Assert.Contains($"{item.Name}: ", text, StringComparison.Ordinal);
            Assert.Equal((item.Area, item.Name, item.Status.ToString(), item.Detail, item.Remedy),
                ((string?)node!["area"], (string?)node["name"], (string?)node["status"], (string?)node["detail"], (string?)node["remedy"]));
        }
    }

    [SkippableFact]
    public void Machine_without_anything_is_told_what_to_install()
    {
        Skip.If(TensorRt.Search().Candidates.Count > 0, "There is a library of NVIDIA's here.");
        using Child child = Child.Start("health", "none");

        JsonNode json = JsonNode.Parse(child.Finish().Output)!;

        Assert.False((bool)json["isHealthy"]!);
        Assert.Equal("No TensorRT is usable here.", (string?)json["summary"]);
        Assert.Contains(json["items"]!.AsArray(), item => (string?)item!["name"] == "CPU runtime" && ((string?)item["remedy"])!.Contains("CpuRuntime.Register()", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Nothing_is_thrown_by_a_runtime_that_throws()
    {
        Skip.If(TensorRt.Search().Candidates.Count > 0, "There is a library of NVIDIA's here.");
        using Child child = Child.Start("health", "broken");

        (int code, string output) = child.Finish();

        Assert.True(code == 0, output + child.Errors);
        JsonNode json = JsonNode.Parse(output)!;
        Assert.False((bool)json["isHealthy"]!);
        Assert.Equal("CPU runtime 0.0.1 neither builds nor runs engines here. 4 things failed.", (string?)json["summary"]);
        JsonNode build = json["items"]!.AsArray().Single(item => (string?)item!["name"] == "build")!;
        Assert.Equal("OutOfMemoryException: no builder", (string?)build["detail"]);
    }

    private static HealthItem Find(TensorRtHealthReport report, string area, string name) => report.Items.Single(item => item.Area == area && item.Name == name);
}
