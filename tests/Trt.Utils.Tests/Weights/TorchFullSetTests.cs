using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Checkpoints that are not in the repository; TRT_TEST_MODELS names the folder that has them.</summary>
public class TorchFullSetTests
{
    [SkippableFact]
    public void A_RetinaNet_checkpoint_nests_its_state_dict_beside_other_values()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.FindOrSkip("shapes_retinanet.pth"));
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);

        Assert.Equal("ResNet18FPN", Assert.Single(Assert.IsType<List<object?>>(root["backbone"])));
        Assert.Equal(3L, root["classes"]);
        Assert.Equal([16L, 3, 7, 7], dict["backbones.ResNet18FPN.features.conv1.weight"].Shape.ToArray());
        Assert.Equal(Assert.IsType<TorchDictionary>(root["state_dict"]).Count, dict.Count);
        Assert.All(dict.Values, tensor => Assert.All(tensor.ToFloat32(), value => Assert.True(float.IsFinite(value))));
    }

    [SkippableTheory]
    [InlineData("unet.pth")]
    [InlineData("charrnn.pth")]
    [InlineData("encoder.pth")]
    public void Every_value_of_a_checkpoint_is_a_plausible_number(string name)
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.FindOrSkip(name));

        Assert.NotEmpty(dict);
        foreach (TorchTensor tensor in dict.Values)
        {
            Checkpoint.ReadValues(tensor);
            if (tensor.DType == TorchDType.Float32)
            {
                Assert.All(tensor.ToArray<float>(), value => Assert.InRange(value, -1000f, 1000f));
            }
            else
            {
                Assert.Equal(TorchDType.Int64, tensor.DType); // batch counters
            }
        }
    }

    [SkippableFact]
    public void Shards_of_an_encoder_together_equal_the_whole()
    {
        using TorchStateDict whole = TorchStateDict.Open(ModelFiles.FindOrSkip("encoder.pth"));
        using TorchStateDict first = TorchStateDict.Open(ModelFiles.FindOrSkip("sharded/pytorch_model-00001-of-00002.bin"));
        using TorchStateDict second = TorchStateDict.Open(ModelFiles.FindOrSkip("sharded/pytorch_model-00002-of-00002.bin"));

        Assert.Equal(whole.Keys.Order(StringComparer.Ordinal), first.Keys.Concat(second.Keys).Order(StringComparer.Ordinal));
        foreach ((string name, TorchTensor tensor) in first.Concat(second))
        {
            Assert.True(whole[name].Bytes.SequenceEqual(tensor.Bytes), name);
        }
    }

    [SkippableTheory]
    [InlineData("lenet.pt")]
    [InlineData("unet.pt")]
    public void TorchScript_archives_are_refused_in_words(string name)
    {
        string path = ModelFiles.FindOrSkip(name);
        Assert.Contains("TorchScript", Assert.Throws<TorchFormatException>(() => TorchStateDict.Open(path)).Message, StringComparison.Ordinal);
    }
}
