using System.IO.Compression;
using Xunit;

namespace Trt.Utils.Tests.Weights;

public class NestedCheckpointTests
{
    private static byte[] Nested(params string[] keys)
    {
        PickleWriter pickle = new PickleWriter().Proto().Ascii("}(").Text("epoch").Int(7);
        foreach (string key in keys)
        {
            pickle.Text(key).Ascii("}").Text($"{key}.w").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Ascii("s");
        }

        return Checkpoint.Zip(pickle.Ascii("u").Stop(), ("0", [0, 0, 128, 63, 0, 0, 0, 64]));
    }

    [Theory]
    [InlineData("model", "state_dict", "model")]
    [InlineData("model_state_dict", "model_state_dict")]
    [InlineData("net", "optimizer", "net")]
    [InlineData("params", "params")]
    [InlineData("anything", "anything")]
    public void The_usual_names_are_found(params string[] expectedThenKeys)
    {
        string expected = expectedThenKeys[0];
        string[] keys = expectedThenKeys[1..];
        using ScratchFile file = new(Nested(keys));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Equal([keys.Contains("state_dict") ? "state_dict.w" : $"{expected}.w"], dict.Keys);
        Assert.Equal([1f, 2f], dict.Under(expected)[$"{expected}.w"].ToArray<float>());
        Assert.Equal([$"{expected}.w"], WeightsMap.From(dict.Under(expected)).Names);
        Assert.Contains("\"epoch\"", Assert.Throws<KeyNotFoundException>(() => dict.Under("epoch")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_unknown_dictionaries_none_is_guessed()
    {
        using ScratchFile file = new(Nested("generator", "discriminator"));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Empty(dict);
        Assert.Equal(["generator.w"], dict.Under("generator").Keys);
    }

    [Fact]
    public void An_npz_is_a_state_dict_with_packed_arrays_and_columns_first()
    {
        byte[] array = [.. Npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }"), .. new float[] { 1, 4, 2, 5, 3, 6 }.SelectMany(BitConverter.GetBytes)];
        byte[] large = [.. Npy("{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }" + new string(' ', 5000)), 1, 0, 2, 0, 255, 255];
        foreach (CompressionLevel level in (CompressionLevel[])[CompressionLevel.NoCompression, CompressionLevel.Optimal])
        {
            using ScratchFile file = new(Checkpoint.Archive(level, ("w.npy", array), ("large/header.npy", large)));
            using TorchStateDict dict = TorchStateDict.Open(file.Path);

            Assert.Equal(["w", "large/header"], dict.Keys);
            Assert.Equal([1f, 2, 3, 4, 5, 6], dict["w"].ToArray<float>());
            Assert.Equal([1L, 2], dict["w"].Strides.ToArray());
            Assert.Equal([(short)1, 2, -1], dict["large/header"].ToArray<short>());
        }

        using ScratchFile single = new(array);
        using TorchStateDict alone = TorchStateDict.Open(single.Path);
        Assert.Equal([Path.GetFileNameWithoutExtension(single.Path)], alone.Keys);
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "Python objects")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "complex")]
    [InlineData("{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }", "<U5")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "beyond its storage")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "beyond its storage")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "without its shape")]
    public void An_npz_that_cannot_be_weights_is_refused_with_the_array_s_name(string header, string said)
    {
        foreach (CompressionLevel level in (CompressionLevel[])[CompressionLevel.NoCompression, CompressionLevel.Optimal])
        {
            string message = Checkpoint.Refused(Checkpoint.Archive(level, ("bad.npy", [.. Npy(header), .. new byte[8]]))).Message;
            Assert.Contains(said, message, StringComparison.Ordinal);
            Assert.Contains("\"bad\"", message, StringComparison.Ordinal);
        }
    }

    private static byte[] Npy(string header) => [0x93, .. "NUMPY\x01\0"u8, .. BitConverter.GetBytes((ushort)header.Length), .. System.Text.Encoding.ASCII.GetBytes(header)];
}
