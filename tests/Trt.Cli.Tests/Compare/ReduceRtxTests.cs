using System.Text.Json;
using Xunit;

namespace Trt.Cli.Tests;

[Collection(RtxCollection.Name)]
public sealed class ReduceRtxTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-reduce-rtx-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableFact]
    public void What_NVIDIAs_parser_does_not_know_is_isolated_without_a_GPU()
    {
        string library = RtxLibrary.Folder;
        string faulty = PlantedFault.Operator(ModelFiles.Find("unet.onnx"), folder, "ConvTranspose", "ConvTranspole");
        Ran ran = Ran.Trt("reduce", faulty, "-o", Path.Combine(folder, "small.onnx"), "--fail-on", "parse", "--library", library, "--shapes", "image:1x3x64x64", "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Equal("ConvTranspole", Assert.Single(ran.Json.GetProperty("nodes").EnumerateArray().ToArray()).GetProperty("operator").GetString());
    }

    [SkippableFact]
    public void What_needs_a_GPU_says_so_before_anything_is_built()
    {
        string library = RtxLibrary.Folder;
        Skip.If(Interop.Cuda.CudaDriver.IsAvailable(out _), "There is a GPU.");
        Assert.Contains("GPUs only", Ran.Trt("compare", ModelFiles.Find("lenet.onnx"), "--runtimes", $"onnx,{library}", "--shapes", "data:1x1x28x28").Refusal(), StringComparison.Ordinal);
    }
}
