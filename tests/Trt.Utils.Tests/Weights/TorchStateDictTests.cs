using Xunit;

namespace Trt.Utils.Tests.Weights;

public class TorchStateDictTests
{
    private static readonly string[] LenetNames = ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"];

    [SkippableTheory]
    [InlineData("lenet.pth")]
    [InlineData("lenet_legacy.pth")]
    [InlineData("lenet.safetensors")]
    [InlineData("lenet.npz")]
    [InlineData("lenet.pt")]
    public void Every_tensor_of_lenet_equals_the_numpy_archive_bit_for_bit(string name)
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.FindOrSkip(name));
        using NpzFile expected = NpzFile.Open(ModelFiles.FindOrSkip("lenet.npz"));

        Assert.Equal(LenetNames.Order(StringComparer.Ordinal), dict.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(LenetNames.Length, dict.Count);
        Assert.Equal(LenetNames.Order(StringComparer.Ordinal), expected.Keys.Order(StringComparer.Ordinal));
        foreach ((string key, TorchTensor tensor) in dict)
        {
            NpzArray array = expected[key];
            Assert.Equal(key, tensor.Name);
            Assert.Equal(TorchDType.Float32, tensor.DType);
            Assert.Equal(array.Shape.ToArray(), tensor.Shape.ToArray());
            Assert.True(tensor.IsContiguous);
            Assert.True(tensor.Bytes.SequenceEqual(array.Bytes), key);
            Assert.Equal(array.ToArray<float>(), tensor.ToArray<float>());
            Assert.Equal(array.ToArray<float>(), tensor.ToFloat32());
        }
    }

    [Fact]
    public void The_pointer_is_the_mapping_itself_where_the_file_aligns_it()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        TorchTensor tensor = dict["fc1.weight"];

        unsafe
        {
            fixed (byte* bytes = tensor.Bytes)
            {
                Assert.Equal((nint)bytes, tensor.Pointer);
            }

            Assert.Equal(0, tensor.Pointer % 64); // torch.save aligns storages to 64 bytes of the file
            Assert.True(new ReadOnlySpan<float>((void*)tensor.Pointer, (int)tensor.ElementCount).SequenceEqual(tensor.ToArray<float>()));
        }

        Assert.Same(tensor, tensor.ToContiguous());
        Assert.Equal(500 * 800, tensor.ElementCount);
        Assert.Equal(4 * 500 * 800, tensor.ByteCount);
    }

    [SkippableFact]
    public void The_pointer_into_a_legacy_file_is_aligned_and_holds_the_same_values()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.FindOrSkip("lenet_legacy.pth"));
        foreach (TorchTensor tensor in dict.Values)
        {
            Assert.Equal(0, tensor.Pointer % sizeof(float));
            Assert.Equal(tensor.Pointer, tensor.Pointer);
            unsafe
            {
                Assert.True(new ReadOnlySpan<float>((void*)tensor.Pointer, (int)tensor.ElementCount).SequenceEqual(tensor.ToArray<float>()), tensor.Name);
            }
        }
    }

    [Fact]
    public void Attributes_of_the_state_dict_are_kept()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);

        Assert.True(root.IsOrderedDict);
        TorchDictionary metadata = Assert.IsType<TorchDictionary>(root.Attributes!["_metadata"]);
        Assert.Equal(["", "conv1", "conv2", "fc1", "fc2"], metadata.Keys.Cast<string>());
        Assert.Equal(1L, Assert.IsType<TorchDictionary>(metadata["conv1"])["version"]);
    }

    [Fact]
    public void A_missing_name_says_which_names_there_are()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));

        KeyNotFoundException exception = Assert.Throws<KeyNotFoundException>(() => dict["conv3.weight"]);

        Assert.Contains("\"conv3.weight\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains("conv1.weight, conv1.bias", exception.Message, StringComparison.Ordinal);
        Assert.False(dict.ContainsKey("conv3.weight"));
        Assert.False(dict.TryGetValue("conv3.weight", out _));
        Assert.True(dict.TryGetValue("conv1.bias", out TorchTensor? bias));
        Assert.Equal([20L], bias.Shape.ToArray());
    }

    [Fact]
    public void Reading_as_another_type_names_the_right_one()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => dict["conv1.bias"].ToArray<double>());

        Assert.Contains("\"conv1.bias\" float32 [20]", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ToArray<float>()", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model")]
    public void A_nested_state_dict_is_found(string key)
    {
        byte[] pickle = new PickleWriter().Proto().Ascii("}(").Text("epoch").Int(7).Text(key)
            .Ascii("}(").Text("w").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Text("note").Text("hello").Ascii("uu").Stop();
        using ScratchFile file = new(Checkpoint.Zip(pickle, ("0", [0, 0, 128, 63, 0, 0, 0, 64])));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Equal(["w"], dict.Keys);
        Assert.Equal([1f, 2f], dict["w"].ToArray<float>());
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);
        Assert.Equal(7L, root["epoch"]);
        Assert.Equal("hello", Assert.IsType<TorchDictionary>(root[key])["note"]);
    }

    [Fact]
    public void A_file_of_another_kind_is_refused_in_words()
    {
        Assert.Contains("It is empty", Checkpoint.Refused([]).Message, StringComparison.Ordinal);
        Assert.Contains("begins with the bytes 68656C6C6F", Checkpoint.Refused("hello"u8.ToArray()).Message, StringComparison.Ordinal);
        Assert.Contains("not one that torch.save wrote", Checkpoint.Refused(new PickleWriter().Proto().Int(5).Stop()).Message, StringComparison.Ordinal);
        Assert.Contains("neither a data.pkl", Checkpoint.Refused(Checkpoint.Archive(System.IO.Compression.CompressionLevel.NoCompression, ("m/other", [1]))).Message, StringComparison.Ordinal);
        Assert.Contains("HDF5", Checkpoint.Refused([0x89, .. "HDF\r\n\x1a\n"u8]).Message, StringComparison.Ordinal);
        Assert.Contains("GGUF", Checkpoint.Refused("GGUF\x03\0\0\0"u8.ToArray()).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => TorchStateDict.Open("no-such-file.pth"));
    }
}
