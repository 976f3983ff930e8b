using Trt.Interop;
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

    [SkippableTheory]
    [InlineData("encoder.pth", "sharded/model.safetensors.index.json")]
    [InlineData("encoder.pth", "sharded/pytorch_model.bin.index.json")]
    [InlineData("encoder.pth", "encoder.pt")]
    [InlineData("unet.pth", "unet.pt")]
    [InlineData("lenet.pth", "lenet.pt")]
    [InlineData("lenet.pth", "lenet.safetensors")]
    [InlineData("lenet.pth", "lenet.npz")]
    [InlineData("lenet.pth", "lenet_legacy.pth")]
    public void Formats_of_one_model_hold_the_same_bits(string one, string other)
    {
        using TorchStateDict first = TorchStateDict.Open(ModelFiles.FindOrSkip(one));
        using TorchStateDict second = TorchStateDict.Open(ModelFiles.FindOrSkip(other));

        Assert.NotEmpty(first);
        StateDicts.AssertSame(first, second);
    }

    [SkippableFact]
    public void The_mixed_safetensors_equal_their_goldens_bit_for_bit()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.FindOrSkip("mixed.safetensors"));
        using TorchStateDict pickled = TorchStateDict.Open(ModelFiles.FindOrSkip("mixed.pth"));
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("mixed_golden.npz"));

        Assert.Equal(golden.Keys.Order(StringComparer.Ordinal), dict.Keys.Order(StringComparer.Ordinal));
        StateDicts.AssertSame(Checkpoint.Tensors(pickled.Root), dict);
        foreach ((string name, NpzArray expected) in golden)
        {
            TorchTensor tensor = dict[name];
            Assert.Equal(expected.Shape.ToArray(), tensor.Shape.ToArray());
            if (tensor.DType == TorchDType.BFloat16)
            {
                Assert.Equal(expected.ToArray<float>().Select(BitConverter.SingleToUInt32Bits), tensor.ToFloat32().Select(BitConverter.SingleToUInt32Bits));
            }
            else
            {
                Assert.True(expected.Bytes.SequenceEqual(tensor.Bytes), name);
            }
        }

        TorchDictionary metadata = Assert.IsType<TorchDictionary>(Assert.IsType<TorchDictionary>(dict.Root).Attributes!["__metadata__"]);
        Assert.Equal("pt", metadata["format"]);
        Assert.Equal("naïve – 漢字", metadata["note"]);
    }

    [SkippableFact]
    public void The_mixed_golden_archive_is_a_state_dict_too()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("mixed_golden.npz"));
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("mixed_golden.npz"));

        Assert.Equal(golden.Keys, dict.Keys);
        foreach ((string name, NpzArray expected) in golden)
        {
            Assert.Equal(expected.DType.ToString(), dict[name].DType.ToString());
            Assert.True(expected.Bytes.SequenceEqual(dict[name].ToContiguous().Bytes), name);
        }
    }

    [SkippableFact]
    public void A_TorchScript_module_is_plain_values_with_its_constants()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.FindOrSkip("encoder.pt"));
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);

        Assert.StartsWith("__torch__.", root.TypeName, StringComparison.Ordinal);
        Assert.Equal(false, root["training"]);
        TorchTensor constant = Assert.IsType<TorchTensor>(Assert.Single(Assert.IsType<object?[]>(root["CONSTANTS"])));
        Assert.Equal(0.25, Assert.Single(constant.ToArray<double>())); // what constants/0 holds: 1 / sqrt(16), the scale of 16 wide heads
        Assert.EndsWith("LayerNorm", Assert.IsType<TorchDictionary>(root["norm"]).TypeName, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("lenet", 8)]
    [InlineData("unet", 56)]
    [InlineData("encoder", 38)]
    [InlineData("shapes_retinanet", 130)]
    public void The_ONNX_file_of_a_model_holds_the_same_bits(string name, int least)
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.FindOrSkip($"{name}.pth"));
        using OnnxModel onnx = OnnxModel.Load(ModelFiles.FindOrSkip($"{name}.onnx"));
        int equal = 0;
        foreach (string initializer in onnx.Initializers.Select(initializer => initializer.Name).Where(dict.ContainsKey))
        {
            AssertEqual(onnx.GetInitializer(initializer), dict[initializer]);
            equal++;
        }

        Assert.True(equal >= least, $"only {equal} names are in both");
    }

    [SkippableFact]
    public void The_ONNX_file_of_the_character_LSTM_holds_the_same_bits_in_its_own_order()
    {
        using WeightsMap w = WeightsMap.Open(ModelFiles.FindOrSkip("charrnn.pth"));
        using OnnxModel onnx = OnnxModel.Load(ModelFiles.FindOrSkip("charrnn.onnx"));

        AssertEqual(onnx.GetInitializer("embedding"), w["embed"]["weight"]);
        AssertEqual(onnx.GetInitializer("linear.bias"), w["head"]["bias"]);
        AssertEqual(onnx.GetInitializer("linear.weight_t"), w["head"]["weight"].Tensor.Transpose());
        for (int layer = 0; layer < 2; layer++)
        {
            // PyTorch stacks the gates input, forget, cell, output; ONNX input, output, forget, cell.
            AssertGates(onnx.GetInitializer($"W{layer}"), w["lstm"][$"weight_ih_l{layer}"]);
            AssertGates(onnx.GetInitializer($"R{layer}"), w["lstm"][$"weight_hh_l{layer}"]);
        }

        static void AssertGates(OnnxTensor expected, TorchTensor stacked)
        {
            long hidden = stacked.Shape[0] / 4;
            byte[] gates = [.. ((int[])[0, 3, 1, 2]).SelectMany(gate => stacked.Slice(0, gate * hidden, hidden).ToContiguous().Bytes.ToArray())];
            Assert.True(expected.AsBytes().SequenceEqual(gates));
        }
    }

    [SkippableFact]
    public void The_traced_RetinaNet_holds_the_checkpoint_s_weights()
    {
        using TorchStateDict script = TorchStateDict.Open(ModelFiles.FindOrSkip("shapes_retinanet.pt"));
        using TorchStateDict checkpoint = TorchStateDict.Open(ModelFiles.FindOrSkip("shapes_retinanet.pth"));

        Assert.NotEmpty(script);
        foreach ((string name, TorchTensor tensor) in script)
        {
            Assert.True(checkpoint.ContainsKey(name), name);
            StateDicts.AssertSame(name, checkpoint[name], tensor);
        }
    }

    [SkippableFact]
    public void Every_weight_file_opens_and_every_value_can_be_read()
    {
        string folder = Path.GetDirectoryName(ModelFiles.FindOrSkip("encoder.pt"))!;
        string[] endings = [".pth", ".pt", ".bin", ".safetensors", ".npz", ".index.json"];
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal))).Order(StringComparer.Ordinal)];

        Assert.True(files.Length >= 20);
        foreach (string path in files)
        {
            if (Path.GetFileName(path).StartsWith("hostile", StringComparison.Ordinal))
            {
                Assert.Throws<TorchFormatException>(() => TorchStateDict.Open(path));
                continue;
            }

            using TorchStateDict dict = TorchStateDict.Open(path);
            Assert.NotEmpty(dict);
            Assert.All(dict.Values, Checkpoint.ReadValues);
            Assert.All(Checkpoint.Tensors(dict.Root).Values, Checkpoint.ReadValues);
        }
    }

    private static void AssertEqual(OnnxTensor expected, TorchTensor actual)
    {
        Assert.Equal(expected.Dims.ToArray(), actual.Shape.ToArray());
        Assert.True(expected.AsBytes().SequenceEqual(actual.ToContiguous().Bytes), actual.Name);
    }
}
