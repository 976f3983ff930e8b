using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

public sealed class CompareTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-compare-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_CPU_runtime_agrees_with_ONNX_Runtime_and_with_PyTorch()
    {
        // lenet_golden.npz has inputs and PyTorch's outputs.
        string golden = ModelFiles.Find("lenet_golden.npz");
        Ran ran = Ran.Trt("compare", ModelFiles.Find("lenet.onnx"), "--runtimes", $"{golden},onnx,cpu", "--input", golden, "--atol", "1e-4");
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Error);
        Assert.Contains("PASSED: all 2 tensors agree.", ran.Output, StringComparison.Ordinal);
        ran.FitsTheScreen();
    }

    [Fact]
    public void A_changed_weight_is_found_with_the_tensor_and_the_node_that_it_belongs_to()
    {
        string good = ModelFiles.Find("lenet.onnx");
        string faulty = PlantedFault.Weight(good, folder, "conv2.weight", 7, 3);
        Assert.Equal(1, Ran.Trt("compare", good, faulty).ExitCode);

        JsonElement json = Ran.Trt("compare", good, faulty, "--layers", "--json").Json;
        Assert.False(json.GetProperty("passed").GetBoolean());
        Assert.Equal("/conv2/Conv_output_0", json.GetProperty("first").GetProperty("tensor").GetString());
        Assert.Equal("/conv2/Conv", json.GetProperty("first").GetProperty("node").GetString());
        JsonElement[] tensors = [.. json.GetProperty("tensors").EnumerateArray()];
        Assert.Single(tensors, tensor => tensor.GetProperty("origin").GetBoolean());
        Assert.Equal(["/conv1/Conv_output_0", "/MaxPool_output_0"], tensors.TakeWhile(tensor => tensor.GetProperty("passed").GetBoolean()).Select(tensor => tensor.GetProperty("tensor").GetString()));

        Ran text = Ran.Trt("compare", good, faulty, "--layers");
        Assert.Contains("made by Conv \"/conv2/Conv\".", string.Join(' ', text.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_wrong_attribute_of_an_inner_node_is_found(int occurrence)
    {
        string good = ModelFiles.Find("unet.onnx");
        string faulty = PlantedFault.FloatAttribute(good, folder, "epsilon", occurrence, 0.5f);
        string[] normalizations;
        using (OnnxModel model = OnnxModel.Load(good))
        {
            normalizations = [.. model.Nodes.Where(node => node.OpType == "BatchNormalization").Select(node => node.Name)];
        }

        JsonElement first = Ran.Trt("compare", good, faulty, "--onnx-outputs", "mark", "all", "--shapes", "image:1x3x64x64", "--json").Json.GetProperty("first");
        Assert.Equal(normalizations[occurrence], first.GetProperty("node").GetString());
    }

    [Fact]
    public void Half_precision_is_worse_and_tolerances_are_per_output()
    {
        string model = ModelFiles.Find("lenet.onnx"), digits = Checkout.Path("models/digits10");
        Ran ran = Ran.Trt("compare", model, "--runtimes", "onnx,cpu:fp16", "--input", digits, "--json");
        Assert.Equal(1, ran.ExitCode);
        Assert.Equal(10, ran.Json.GetProperty("samples").GetInt32());
        JsonElement sample = ran.Json.GetProperty("tensors")[0].GetProperty("samples")[0];

        // 11 bits of mantissa: about 2^-11 of values up to 40.
        Assert.InRange(sample.GetProperty("absolute").GetProperty("max").GetDouble(), 1e-4, 0.1);
        Assert.Equal(0, Ran.Trt("compare", model, "--runtimes", "onnx,cpu:fp16", "--input", digits, "--atol", "prob:0.1").ExitCode);
        Assert.Equal(1, Ran.Trt("compare", "--runtimes", "onnx,cpu:fp16", "--input", digits, "--atol", "other:0.1,1e-5", model).ExitCode);
        Assert.Equal(0, Ran.Trt("compare", model, "--runtimes", "onnx,cpu:fp16", "--input", digits, "--check", "cosine>=0.9999").ExitCode);
        Assert.Equal(1, Ran.Trt("compare", model, "--runtimes", "onnx,cpu:fp16", "--input", digits, "--check", "snr>=200").ExitCode);
    }

    [Fact]
    public void Outputs_are_saved_and_compared_with_later_over_several_samples()
    {
        string model = ModelFiles.Find("lenet.onnx"), inputs = Path.Combine(folder, "in.npz"), outputs = Path.Combine(folder, "out.npz");
        Ran saved = Ran.Trt("compare", model, "--runtimes", "onnx", "--samples", "3", "--shapes", "data:2x1x28x28", "--save-inputs", inputs, "--save-outputs", outputs);
        Assert.True(saved.ExitCode == 0, saved.Error);
        using (NpzFile file = NpzFile.Open(outputs))
        {
            Assert.Equal(["prob", "prob@1", "prob@2"], file.Keys);
            Assert.NotEqual(file["prob"].ToFloat32(), file["prob@1"].ToFloat32());
        }

        Ran later = Ran.Trt("compare", model, "--runtimes", $"{outputs},cpu", "--input", inputs, "--atol", "1e-4", "--json");
        Assert.Equal(0, later.ExitCode);
        Assert.Equal(3, later.Json.GetProperty("samples").GetInt32());
        Assert.Equal(1, Ran.Trt("compare", model, "--runtimes", $"{outputs},cpu", "--shapes", "data:2x1x28x28", "--seed", "5", "--atol", "1e-4").ExitCode);
    }

    [Fact]
    public void Infinities_are_named_with_the_layer_that_makes_them_first()
    {
        string good = ModelFiles.Find("lenet.onnx");
        string faulty = PlantedFault.Weight(good, folder, "conv2.bias", 3, float.PositiveInfinity);
        Ran ran = Ran.Trt("compare", faulty, "--runtimes", "onnx", "--validate", "--layers", "--json");
        Assert.Equal(1, ran.ExitCode);
        JsonElement first = ran.Json.GetProperty("notFinite").EnumerateArray().First(found => found.GetProperty("origin").GetBoolean());
        Assert.Equal("/conv2/Conv", first.GetProperty("node").GetString());
        Assert.Equal(64, first.GetProperty("infinite").GetInt64()); // one channel of 8x8
        Assert.Equal(0, Ran.Trt("compare", good, "--runtimes", "onnx", "--validate", "--layers").ExitCode);
    }

    [Fact]
    public void Wrong_use_is_refused_in_one_line()
    {
        string model = ModelFiles.Find("lenet.onnx");
        Assert.Contains("cpu:fp16", Ran.Trt("compare", model, "--runtimes", "gpu").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("one runner only", Ran.Trt("compare", model, "--runtimes", "onnx", "--shapes", "data:1x1x28x28").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("no input \"image\"", Ran.Trt("compare", model, "--shapes", "image:1x1x28x28").Refusal(), StringComparison.Ordinal);
        Assert.Contains("--atol", Ran.Trt("compare", model, "--atol", "x:y").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("/conv2/Conv_output_0", Ran.Trt("compare", model, "--mark", "/conv2/Conv_output").Refusal(), StringComparison.Ordinal);
        Assert.Contains("no output in common", Ran.Trt("compare", model, ModelFiles.Find("unet.onnx"), "--shapes", "data:1x1x28x28,image:1x3x64x64").Refusal(), StringComparison.Ordinal);
        Assert.Contains("missing.onnx", Ran.Trt("compare", "missing.onnx").Refusal(), StringComparison.Ordinal);
    }
}
