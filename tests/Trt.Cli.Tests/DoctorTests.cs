using System.Text.Json;
using Xunit;

namespace Trt.Cli.Tests;

public class DoctorTests
{
    [Fact]
    public void The_cpu_runtime_is_well()
    {
        Ran ran = Ran.Trt("doctor", "--library", "cpu");
        Assert.Equal((0, string.Empty), (ran.ExitCode, ran.Error));
        Assert.StartsWith("CPU runtime", ran.Output, StringComparison.Ordinal);
        Assert.Contains("builds and runs engines here.", ran.Output, StringComparison.Ordinal);
        Assert.Contains("  ok       platform: ", ran.Output, StringComparison.Ordinal);
        ran.FitsTheScreen();
    }

    [Fact]
    public void What_fails_is_told_with_what_to_do_and_an_exit_code()
    {
        Ran ran = Ran.Trt("doctor", "--library", "/no/such/folder", "--json");
        Assert.Equal(ExitCode.Failure, ran.ExitCode);
        JsonElement[] items = [.. ran.Json.GetProperty("items").EnumerateArray()];
        Assert.Contains(items, item => item.GetProperty("status").GetString() == "Failed" && item.GetProperty("detail").GetString()!.Contains("no such file", StringComparison.Ordinal) && item.GetProperty("remedy").GetString()!.Length > 0);
        Ran text = Ran.Trt("doctor", "--library", "/no/such/folder", "--no-try");
        Assert.Contains("  failure", text.Output, StringComparison.Ordinal);
        Assert.Contains("    to do", text.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void TensorRT_RTX_builds_without_a_GPU_and_judges_a_plan()
    {
        string plan = Path.Combine(Directory.CreateTempSubdirectory("trt-doctor-").FullName, "lenet.plan");
        Assert.Equal(0, Ran.Trt("build", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--batch=1", "-o", plan).ExitCode);
        Ran ran = Ran.Trt("doctor", "--library", RtxLibrary.Folder, "--plan", plan);
        Assert.Contains("TensorRT-RTX", ran.Output.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("builds engines here", ran.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failure, ran.ExitCode); // a plan of the CPU runtime is not for it
        Assert.Contains("Plan", ran.Output, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(plan)!, recursive: true);
    }
}
