using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

public sealed class ReduceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-reduce-tests-").FullName;

    private string Small => Path.Combine(folder, "small.onnx");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Two_models_are_reduced_alike_to_the_node_whose_weight_differs()
    {
        string good = ModelFiles.Find("lenet.onnx");
        string faulty = PlantedFault.Weight(good, folder, "conv2.weight", 7, 3);
        Ran ran = Ran.Trt("reduce", good, "--against", faulty, "-o", Small, "--shapes", "data:1x1x28x28", "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        JsonElement node = Assert.Single(ran.Json.GetProperty("nodes").EnumerateArray().ToArray());
        Assert.Equal("/conv2/Conv", node.GetProperty("name").GetString());

        using OnnxModel small = OnnxModel.Load(Small), other = OnnxModel.Load(Path.Combine(folder, "small.against.onnx"));
        Assert.Equal("Conv", Assert.Single(small.Nodes).OpType);
        Assert.Equal(3f, other.GetInitializer("conv2.weight").AsSpan<float>()[7]);
        Assert.NotEqual(3f, small.GetInitializer("conv2.weight").AsSpan<float>()[7]);

        // The parts on the saved inputs differ as the whole models do there: by (3 - w) times an input.
        Ran again = Ran.Trt("compare", Small, Path.Combine(folder, "small.against.onnx"), "--input", Path.Combine(folder, "small.inputs.npz"), "--json");
        Assert.Equal(1, again.ExitCode);
        using NpzFile inputs = NpzFile.Open(Path.Combine(folder, "small.inputs.npz"));
        double largest = inputs["/MaxPool_output_0"].ToFloat32().Max(MathF.Abs);
        double change = Math.Abs(3 - small.GetInitializer("conv2.weight").AsSpan<float>()[7]);
        double difference = again.Json.GetProperty("tensors")[0].GetProperty("samples")[0].GetProperty("absolute").GetProperty("max").GetDouble();
        Assert.InRange(difference, 0.01, (change * largest) + 1e-4);
        Assert.InRange(ran.Json.GetProperty("tries").GetArrayLength(), 3, 12);
    }

    [Fact]
    public void A_wrong_attribute_in_the_middle_of_a_large_model_is_isolated()
    {
        string good = ModelFiles.Find("unet.onnx");
        string faulty = PlantedFault.FloatAttribute(good, folder, "epsilon", 5, 0.5f);
        Ran ran = Ran.Trt("reduce", good, "--against", faulty, "-o", Small, "--shapes", "image:1x3x64x64");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Contains("1 node\n", ran.Output, StringComparison.Ordinal);
        ran.FitsTheScreen();
        using OnnxModel whole = OnnxModel.Load(good), small = OnnxModel.Load(Small);
        Assert.Equal(whole.Nodes.Where(node => node.OpType == "BatchNormalization").ElementAt(5).Name, Assert.Single(small.Nodes).Name);
    }

    [SkippableFact]
    public void A_model_with_constants_that_shapes_follow_from_is_reduced_too()
    {
        string good = ModelFiles.FindOrSkip("encoder.onnx");
        using OnnxModel model = OnnxModel.Load(good);
        string bias = model.Nodes.Where(node => node.OpType == "Add").SelectMany(node => node.Inputs).First(name => name.Contains("linear1.bias", StringComparison.Ordinal));
        string faulty = PlantedFault.Weight(good, folder, bias, 11, 2);
        string ids = model.Inputs[0].Name;
        string shape = string.Join('x', model.Inputs[0].Dims.Select((dim, i) => dim < 0 ? i + 2 : dim));
        Ran ran = Ran.Trt("reduce", good, "--against", faulty, "-o", Small, "--shapes", $"{ids}:{shape}", "--val-range", "0:9", "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        JsonElement node = Assert.Single(ran.Json.GetProperty("nodes").EnumerateArray().ToArray());
        Assert.Equal(model.Nodes.First(other => other.Inputs.Contains(bias)).Name, node.GetProperty("name").GetString());
    }

    [Fact]
    public void A_node_that_a_parser_does_not_know_is_isolated()
    {
        string faulty = PlantedFault.Operator(ModelFiles.Find("lenet.onnx"), folder, "LogSoftmax", "LogSoftmix");
        Ran ran = Ran.Trt("reduce", faulty, "-o", Small, "--fail-on", "parse", "--library", "cpu", "--shapes", "data:1x1x28x28", "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Equal("LogSoftmix", Assert.Single(ran.Json.GetProperty("nodes").EnumerateArray().ToArray()).GetProperty("operator").GetString());
        Assert.Contains("LogSoftmix", ran.Json.GetProperty("failure").GetString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_program_of_the_users_decides()
    {
        // grep finds the operator in the part's file; 0 means found, so that finding it is the failure.
        Skip.IfNot(File.Exists("/usr/bin/grep") || File.Exists("/bin/grep"), "There is no grep.");
        Ran ran = Ran.Trt("reduce", ModelFiles.Find("lenet.onnx"), "-o", Small, "--check", "grep -q MaxPool {}", "--fail-code", "0", "--shapes", "data:1x1x28x28", "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Equal("MaxPool", Assert.Single(ran.Json.GetProperty("nodes").EnumerateArray().ToArray()).GetProperty("operator").GetString());
    }

    [Fact]
    public void What_does_not_fail_is_not_reduced()
    {
        string model = ModelFiles.Find("lenet.onnx");
        Assert.Contains("does not differ", Ran.Trt("reduce", model, "--against", model, "-o", Small, "--shapes", "data:1x1x28x28").Refusal(), StringComparison.Ordinal);
        Assert.Contains("does not fail", Ran.Trt("reduce", model, "--fail-on", "build", "--library", "cpu", "-o", Small, "--shapes", "data:1x1x28x28").Refusal(), StringComparison.Ordinal);
        Assert.Contains("none of compare", Ran.Trt("reduce", model, "--fail-on", "luck", "-o", Small, "--shapes", "data:1x1x28x28").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("cannot be started", Ran.Trt("reduce", model, "--check", "no-such-program-there {}", "-o", Small, "--shapes", "data:1x1x28x28").Refusal(), StringComparison.Ordinal);
        Assert.False(File.Exists(Small));
    }
}
