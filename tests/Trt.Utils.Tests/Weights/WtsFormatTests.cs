using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Trt.Utils.Tests.Weights;

public class WtsFormatTests
{
    [Fact]
    public void The_text_of_a_model_holds_its_bits()
    {
        using TorchStateDict model = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        StringBuilder text = new($"{model.Count}\n");
        foreach ((string name, TorchTensor tensor) in model)
        {
            // As the usual script writes it: struct.pack(">f", value).hex() of every value.
            text.Append(name).Append(' ').Append(tensor.ElementCount).Append(' ');
            byte[] big = new byte[4];
            foreach (float value in tensor.ToArray<float>())
            {
                BinaryPrimitives.WriteSingleBigEndian(big, value);
                text.Append(' ').Append(Convert.ToHexStringLower(big));
            }

            text.Append('\n');
        }

        using ScratchFile file = new(Encoding.ASCII.GetBytes(text.ToString()));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        Assert.Equal(model.Keys, dict.Keys);
        foreach ((string name, TorchTensor tensor) in model)
        {
            StateDicts.AssertSame(name, tensor.Reshape(-1), dict[name]);
        }

        using WeightsMap map = WeightsMap.Open(file.Path);
        Assert.Equal([20L, 1, 5, 5], map["conv1"]["weight"].Tensor.Reshape(20, 1, 5, 5).Shape.ToArray());
    }

    [Fact]
    public void Line_ends_and_digits_vary()
    {
        using ScratchFile file = new("3\r\na 2 3F800000 0\r\nbé 1 7fc00000\r\nempty 0\r\n\r\n"u8.ToArray());
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Equal(["a", "bé", "empty"], dict.Keys);
        Assert.Equal([1f, 0f], dict["a"].ToArray<float>());
        Assert.True(float.IsNaN(dict["bé"].ToArray<float>()[0]));
        Assert.Equal([0L], dict["empty"].Shape.ToArray());
    }

    [Theory]
    [InlineData("2\na 1 0\n", "holds 1 tensors, but its first line says 2")]
    [InlineData("1\na 2 0\n", "should have 2 values")]
    [InlineData("1\na 9223372036854775807 0\n", "should have 9223372036854775807 values")]
    [InlineData("1\na -1 0\n", "number of values of \"a\" is missing")]
    [InlineData("1\na\n", "number of values of \"a\" is missing")]
    [InlineData("2\na 1 0\na 1 0\n", "\"a\" twice")]
    [InlineData("12345678901234567890\n", "no weight file")]
    public void A_text_that_is_not_what_it_says_is_refused(string text, string said) => Assert.Contains(said, Checkpoint.Refused(Encoding.ASCII.GetBytes(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1\na 2 0 x\n", "Value 1 of the 2")]
    [InlineData("1\na 1 123456789\n", "Value 0 of the 1")]
    [InlineData("1\na 1 0 0\n", "More than the 1 values")]
    [InlineData("1\na 2 00000000\n", "Value 1 of the 2")]
    public void Values_that_are_none_are_refused_when_they_are_asked_for(string text, string said)
    {
        using ScratchFile file = new(Encoding.ASCII.GetBytes(text));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        Assert.Contains(said, Assert.Throws<TorchFormatException>(() => dict["a"].ToArray<float>()).Message, StringComparison.Ordinal);
    }
}
