using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

public class DiffTests : Scratch
{
    [Fact]
    public void A_file_is_the_same_as_itself()
    {
        foreach (string file in new[] { "lenet.onnx", "lenet.pth" })
        {
            string copy = PathOf(file);
            File.Copy(ModelFiles.Find(file), copy);
            Ran ran = Ran.Trt("diff", ModelFiles.Find(file), copy);
            Assert.Equal(0, ran.ExitCode);
            Assert.Contains("hold the same", ran.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_changed_weight_is_found_with_where_and_how_much()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        float[] bias = weights["conv1"]["bias"].Tensor.ToArray<float>();
        float old = bias[7];
        bias[7] += 0.5f;
        weights.With("conv1.bias", TorchTensor.FromArray(bias)).SaveSafetensors(PathOf("changed.safetensors"));
        Ran ran = Ran.Trt("diff", ModelFiles.Find("lenet.pth"), PathOf("changed.safetensors"), "--json");
        Assert.Equal(1, ran.ExitCode);
        JsonElement difference = ran.Json.GetProperty("differences").EnumerateArray().Single();
        Assert.Equal("conv1.bias", difference.GetProperty("name").GetString());
        Assert.Equal($"{Units.Number(old)} at 7", difference.GetProperty("a").GetString());
        Assert.Equal($"{Units.Number(old + 0.5f)}, 1 of 20 values differ", difference.GetProperty("b").GetString());
    }

    [Fact]
    public void Nodes_and_constants_of_models_are_compared()
    {
        using OnnxModel model = OnnxModel.Load(ModelFiles.Find("lenet.onnx"));
        model.Rename("/Relu_output_0", "rectified");
        model.Save(PathOf("renamed.onnx"));
        Ran ran = Ran.Trt("diff", ModelFiles.Find("lenet.onnx"), PathOf("renamed.onnx"), "--json");
        string?[] names = [.. ran.Json.GetProperty("differences").EnumerateArray().Select(difference => difference.GetProperty("name").GetString())];
        Assert.Equal(["/Relu_output_0", "/fc2/Gemm_output_0", "rectified"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_of_different_kinds_are_refused() =>
        Assert.Contains("only files of one kind", Ran.Trt("diff", ModelFiles.Find("lenet.onnx"), ModelFiles.Find("lenet.pth")).Refusal(), StringComparison.Ordinal);
}
