using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

public class WeightsConvertTests : Scratch
{
    [Theory]
    [InlineData("safetensors")]
    [InlineData("npz")]
    [InlineData("wts")]
    public void Values_stay_what_they_are_in_every_format(string extension)
    {
        string path = PathOf("lenet." + extension);
        Assert.Equal(0, Ran.Trt("weights", "convert", ModelFiles.Find("lenet.pth"), "-o", path).ExitCode);
        using TorchStateDict before = TorchStateDict.Open(ModelFiles.Find("lenet.pth")), after = TorchStateDict.Open(path);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, pair => Assert.Equal(pair.Value.ToArray<float>(), after[pair.Key].ToArray<float>()));
    }

    [Fact]
    public void Names_and_types_change_on_demand()
    {
        string path = PathOf("half.safetensors");
        Assert.Equal(0, Ran.Trt("weights", "convert", ModelFiles.Find("lenet.pth"), "-o", path, "--type", "fp16", "--prefix", "conv", "--rename", "s/^1/first/").ExitCode);
        using TorchStateDict before = TorchStateDict.Open(ModelFiles.Find("lenet.pth")), after = TorchStateDict.Open(path);
        Assert.Equal(["2.bias", "2.weight", "first.bias", "first.weight"], after.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(before["conv1.bias"].ToArray<float>().Select(value => (Half)value), after["first.bias"].ToArray<Half>());
    }

    [Fact]
    public void Initializers_of_a_model_are_weights_too()
    {
        Assert.Equal(0, Ran.Trt("weights", "convert", ModelFiles.Find("lenet.onnx"), "-o", PathOf("l.npz")).ExitCode);
        using TorchStateDict before = TorchStateDict.Open(ModelFiles.Find("lenet.pth")), after = TorchStateDict.Open(PathOf("l.npz"));
        Assert.Equal(before["fc1.weight"].ToArray<float>(), after["fc1.weight"].ToArray<float>());
    }

    [Fact]
    public void What_cannot_be_written_is_refused()
    {
        Assert.Contains(".safetensors, .npz, .wts or .onnx", Ran.Trt("weights", "convert", ModelFiles.Find("lenet.pth"), "-o", PathOf("l.pth")).Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("begin with \"nothing\"", Ran.Trt("weights", "convert", ModelFiles.Find("lenet.pth"), "-o", PathOf("l.npz"), "--prefix", "nothing").Refusal(), StringComparison.Ordinal);
        Assert.Contains("s/PATTERN/REPLACEMENT/", Ran.Trt("weights", "convert", ModelFiles.Find("lenet.pth"), "-o", PathOf("l.npz"), "--rename", "abc").Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }
}
