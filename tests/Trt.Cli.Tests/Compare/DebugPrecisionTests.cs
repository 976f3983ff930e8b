using System.Text.Json;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

public sealed class DebugPrecisionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-precision-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("minimal", "forward")]
    [InlineData("linear", "forward")]
    [InlineData("linear", "reverse")]
    public void Exactly_the_layer_whose_result_half_precision_cannot_hold_stays_in_32_bits(string mode, string direction)
    {
        string model = Overflowing();
        Ran ran = Ran.Trt("debug", "precision", model, "--precision", "fp16", "--library", "cpu", "--val-range", "0.8:1", "--atol", "1e-2", "--rtol", "1e-2", "--mode", mode, "--direction", direction, "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);

        // x·300 is at most 300, x·300·300 at least 72,000, which is beyond 65,504; a third of 300 times less is 300 again.
        Assert.Equal(["/two/1"], ran.Json.GetProperty("layers").EnumerateArray().Select(layer => layer.GetString()));
        Assert.False(ran.Json.GetProperty("narrow").GetProperty("passed").GetBoolean());
        Assert.InRange(ran.Json.GetProperty("kept").GetProperty("maxRelative").GetDouble(), 0, 1e-2);
        Assert.Contains("--layerPrecisions=/two/1:fp32", ran.Json.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()));
    }

    [Fact]
    public void The_layers_up_to_it_are_found_by_bisection_and_the_options_build()
    {
        string model = Overflowing(), options = Path.Combine(folder, "options.json"), plan = Path.Combine(folder, "x.plan");
        Ran ran = Ran.Trt("debug", "precision", model, "--library", "cpu", "--val-range", "0.8:1", "--atol", "1e-2", "--rtol", "1e-2", "--mode", "bisect", "--save-options", options, "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Equal(["/one/0", "/two/1"], ran.Json.GetProperty("layers").EnumerateArray().Select(layer => layer.GetString()));

        // What was written builds a plan that is right, and half precision alone does not.
        Assert.Equal(0, Ran.Trt("build", model, "--library", "cpu", "--options", options, "-o", plan).ExitCode);
        Assert.Equal(0, Ran.Trt("compare", model, plan, "--library", "cpu", "--val-range", "0.8:1", "--atol", "1e-2", "--rtol", "1e-2").ExitCode);
        Assert.Equal(1, Ran.Trt("compare", model, "--runtimes", "onnx,cpu:fp16", "--val-range", "0.8:1", "--atol", "1e-2", "--rtol", "1e-2").ExitCode);
    }

    [Fact]
    public void Of_8_bit_layers_those_that_lose_too_much_are_found()
    {
        string model = ModelFiles.Find("lenet.onnx"), digits = Checkout.Path("models/digits10");
        Ran ran = Ran.Trt("debug", "precision", model, "--precision", "int8", "--library", "cpu", "--input", digits, "--check", "snr>=45", "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        JsonElement json = ran.Json;
        int kept = json.GetProperty("layers").GetArrayLength();
        Assert.InRange(kept, 1, json.GetProperty("layerCount").GetInt32() - 1);
        Assert.True(json.GetProperty("kept").GetProperty("passed").GetBoolean());
        Assert.Contains("--precisionConstraints=obey", json.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()));
    }

    [Fact]
    public void What_is_no_matter_of_precision_is_said()
    {
        string model = ModelFiles.Find("lenet.onnx");
        Ran enough = Ran.Trt("debug", "precision", model, "--library", "cpu", "--shapes", "data:1x1x28x28", "--atol", "0.5");
        Assert.Contains("Nothing has to stay in 32 bits.", enough.Output, StringComparison.Ordinal);

        string other = Path.Combine(folder, "other.npz");
        Assert.Equal(0, Ran.Trt("compare", model, "--runtimes", "onnx", "--shapes", "data:1x1x28x28", "--seed", "9", "--save-outputs", other).ExitCode);
        Assert.Contains("In 32 bits throughout", Ran.Trt("debug", "precision", model, "--library", "cpu", "--shapes", "data:1x1x28x28", "--reference", other).Refusal(), StringComparison.Ordinal);
        Assert.Contains("--precision fp12", Ran.Trt("debug", "precision", model, "--precision", "fp12").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("--mode luck", Ran.Trt("debug", "precision", model, "--mode", "luck").Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }

    /// <summary>y = x·300·300/300/300: two convolutions, a product that keeps the type of what it reads, a convolution.</summary>
    private string Overflowing()
    {
        CpuRuntime.Register();
        string path = Path.Combine(folder, "overflow.onnx");
        float[] kernel = [300], third = [1 / 300f];
        OnnxExporter.Export(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Float, [1, 1, 4, 4]);
                x = Convolution(network, x, "/one", kernel);
                x = Convolution(network, x, "/two", kernel);
                ILayer scale = network.AddElementWise(x, network.AddConstant([1, 1, 1, 1], Weights.From(third)).GetOutput(0), ElementWiseOperation.Prod);
                scale.Name = "/three";
                x = Convolution(network, scale.GetOutput(0), "/four", third);
                x.Name = "y";
                network.MarkOutput(x);
            },
            path,
            new OnnxExportOptions { DoConstantFolding = false });
        return path;
    }

    private static ITensor Convolution(INetworkDefinition network, ITensor input, string name, float[] kernel)
    {
        IConvolutionLayer layer = network.AddConvolutionNd(input, 1, [1, 1], Weights.From(kernel), default);
        layer.Name = name;
        return layer.GetOutput(0);
    }
}
