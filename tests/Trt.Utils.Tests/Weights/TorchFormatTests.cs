using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Forms that the model files do not have: other protocols, packed archives, float8, complex, Python 2's habits, big-endian.</summary>
public class TorchFormatTests
{
    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Stored_and_packed_archives_hold_the_same(CompressionLevel level)
    {
        float[] values = [.. Enumerable.Range(0, 50_000).Select(i => i % 100 / 8f)];
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Text("w").Tensor("FloatStorage", "0", values.Length, 10, [4, 100], [200, 2]).Ascii("s").Stop();
        using ScratchFile file = new(Checkpoint.Zip(level, pickle, ("0", MemoryMarshal.AsBytes<float>(values).ToArray())));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        float[] expected = [.. from i in Enumerable.Range(0, 4) from j in Enumerable.Range(0, 100) select values[10 + (200 * i) + (2 * j)]];
        Assert.Equal(expected, dict["w"].ToArray<float>());
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(dict["w"].ToContiguous().Bytes).ToArray());
    }

    [Theory]
    [InlineData("float8_e4m3fn", new byte[] { 0x38, 0x7e, 0x01, 0x08, 0xb8, 0x00, 0x7f }, new[] { 1f, 448f, 0.001953125f, 0.015625f, -1f, 0f, float.NaN })]
    [InlineData("float8_e5m2", new byte[] { 0x3c, 0x7b, 0x01, 0x04, 0xbc, 0x7c, 0x7e }, new[] { 1f, 57344f, 1.52587890625e-05f, 6.103515625e-05f, -1f, float.PositiveInfinity, float.NaN })]
    [InlineData("bfloat16", new byte[] { 0x80, 0x3f, 0x49, 0x40, 0x80, 0xff }, new[] { 1f, 3.140625f, float.NegativeInfinity })]
    public void Tensors_with_a_type_of_their_own_over_untyped_storage_are_read(string type, byte[] bytes, float[] expected)
    {
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Text("w").Global("torch._utils", "_rebuild_tensor_v3").Ascii("(")
            .Storage("torch.storage.UntypedStorage", "0", bytes.Length).Int(0).Numbers(expected.Length).Numbers(1)
            .Raw(0x89).Global("collections", "OrderedDict").Ascii(")R").Global("torch", type).Ascii("tRs").Stop();
        using ScratchFile file = new(Checkpoint.Zip(pickle, ("0", bytes)));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        TorchTensor tensor = dict["w"];
        Assert.Equal(type, tensor.DType.TorchName());
        Assert.Equal(expected, tensor.ToFloat32());
        Assert.True(tensor.Bytes.SequenceEqual(bytes));
        Assert.Equal(bytes, tensor.DType == TorchDType.BFloat16 ? MemoryMarshal.AsBytes<ushort>(tensor.ToArray<ushort>()).ToArray() : tensor.ToArray<byte>());
    }

    [Fact]
    public void Complex_tensors_are_named_but_not_read()
    {
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Text("phase").Tensor("ComplexFloatStorage", "0", 1, 0, [1], [1]).Ascii("s").Stop();
        using ScratchFile file = new(Checkpoint.Zip(pickle, ("0", new byte[8])));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        TorchTensor tensor = dict["phase"];
        Assert.Equal(TorchDType.Complex64, tensor.DType);
        Assert.Contains("\"phase\"", Assert.Throws<NotSupportedException>(() => tensor.Pointer).Message, StringComparison.Ordinal);
        Assert.Contains("complex64", Assert.Throws<NotSupportedException>(() => tensor.ToArray<float>()).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => tensor.ToFloat32());
        Assert.Throws<NotSupportedException>(() => tensor.Bytes.Length);
    }

    [Fact]
    public void Big_endian_files_are_refused()
    {
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Stop();
        byte[] zip = Checkpoint.Archive(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/byteorder", "big"u8.ToArray()));
        Assert.Contains("big-endian", Checkpoint.Refused(zip).Message, StringComparison.Ordinal);
        Assert.Contains("big-endian", Checkpoint.Refused(Checkpoint.Legacy(pickle, littleEndian: false)).Message, StringComparison.Ordinal);
        byte[] damaged = Checkpoint.Archive(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/byteorder", "middle"u8.ToArray()));
        Assert.Contains("byteorder", Checkpoint.Refused(damaged).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_of_a_legacy_storage_begins_where_it_says()
    {
        // Until PyTorch 0.4 a storage could itself be a part of another: (key, offset, count) as the sixth value.
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Text("w").Global("torch._utils", "_rebuild_tensor").Ascii("((").Text("storage").Global("torch", "ShortStorage")
            .Text("a").Text("cpu").Int(6).Ascii("(").Text("b").Int(2).Int(4).Ascii("ttQ").Int(1).Numbers(3).Numbers(1).Ascii("tRs").Stop();
        using ScratchFile file = new(Checkpoint.Legacy(pickle, storages: ("a", 6, [0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0])));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Equal([3, 4, 5], dict["w"].ToArray<short>());
        Assert.False(Checkpoint.ReadsOrIsRefused(Checkpoint.Legacy(pickle, storages: ("other", 6, new byte[12]))));
        Assert.False(Checkpoint.ReadsOrIsRefused(Checkpoint.Legacy(pickle, storages: ("a", 5, new byte[12]))));
        Assert.False(Checkpoint.ReadsOrIsRefused(Checkpoint.Legacy(pickle, storages: ("a", 6, new byte[10]))));
    }

    // What Python 3.11's pickle.dumps says for {'a': [1, -2, 2**40, 2**70, 1.5, True, None], 'b': (b'\x00\xff', 'né😀'), 'c': {1, 2}} in each protocol.
    [Theory]
    [InlineData(0, "KGRwMApWYQpwMQoobHAyCkkxCmFJLTIKYUwxMDk5NTExNjI3Nzc2TAphTDExODA1OTE2MjA3MTc0MTEzMDM0MjRMCmFGMS41CmFJMDEKYU5hc1ZiCnAzCihjX2NvZGVjcwplbmNvZGUKcDQKKFZcdTAwMDD/CnA1ClZsYXRpbjEKcDYKdHA3ClJwOApWbulcVTAwMDFmNjAwCnA5CnRwMTAKc1ZjCnAxMQpjX19idWlsdGluX18Kc2V0CnAxMgooKGxwMTMKSTEKYUkyCmF0cDE0ClJwMTUKcy4=")]
    [InlineData(1, "fXEAKFgBAAAAYXEBXXECKEsBSv7///9MMTA5OTUxMTYyNzc3NkwKTDExODA1OTE2MjA3MTc0MTEzMDM0MjRMCkc/+AAAAAAAAEkwMQpOZVgBAAAAYnEDKGNfY29kZWNzCmVuY29kZQpxBChYAwAAAADDv3EFWAYAAABsYXRpbjFxBnRxB1JxCFgHAAAAbsOp8J+YgHEJdHEKWAEAAABjcQtjX19idWlsdGluX18Kc2V0CnEMKF1xDShLAUsCZXRxDlJxD3Uu")]
    [InlineData(2, "gAJ9cQAoWAEAAABhcQFdcQIoSwFK/v///4oGAAAAAAABigkAAAAAAAAAAEBHP/gAAAAAAACITmVYAQAAAGJxA2NfY29kZWNzCmVuY29kZQpxBFgDAAAAAMO/cQVYBgAAAGxhdGluMXEGhnEHUnEIWAcAAABuw6nwn5iAcQmGcQpYAQAAAGNxC2NfX2J1aWx0aW5fXwpzZXQKcQxdcQ0oSwFLAmWFcQ5ScQ91Lg==")]
    [InlineData(3, "gAN9cQAoWAEAAABhcQFdcQIoSwFK/v///4oGAAAAAAABigkAAAAAAAAAAEBHP/gAAAAAAACITmVYAQAAAGJxA0MCAP9xBFgHAAAAbsOp8J+YgHEFhnEGWAEAAABjcQdjYnVpbHRpbnMKc2V0CnEIXXEJKEsBSwJlhXEKUnELdS4=")]
    [InlineData(4, "gASVUwAAAAAAAAB9lCiMAWGUXZQoSwFK/v///4oGAAAAAAABigkAAAAAAAAAAEBHP/gAAAAAAACITmWMAWKUQwIA/5SMB27DqfCfmICUhpSMAWOUj5QoSwFLApB1Lg==")]
    [InlineData(5, "gAWVUwAAAAAAAAB9lCiMAWGUXZQoSwFK/v///4oGAAAAAAABigkAAAAAAAAAAEBHP/gAAAAAAACITmWMAWKUQwIA/5SMB27DqfCfmICUhpSMAWOUj5QoSwFLApB1Lg==")]
    public void Every_protocol_gives_the_same_values(int protocol, string base64)
    {
        using ScratchFile file = new(Checkpoint.Zip(Convert.FromBase64String(base64)));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);

        Assert.InRange(protocol, 0, 5);
        Assert.Equal(["a", "b", "c"], root.Keys.Cast<string>());
        Assert.Equal([1L, -2L, 1L << 40, BigInteger.Pow(2, 70), 1.5, true, null], Assert.IsType<List<object?>>(root["a"]));
        object?[] tuple = Assert.IsType<object?[]>(root["b"]);
        Assert.Equal([0x00, 0xff], Assert.IsType<byte[]>(tuple[0]));
        Assert.Equal("n\u00e9\U0001F600", tuple[1]);
        HashSet<object> set = Assert.IsType<HashSet<object>>(root["c"]);
        Assert.Equal([1L, 2L], set.Order());
    }

    [Fact]
    public void What_Python_2_wrote_is_read()
    {
        // Text in quotes, long integers with L, an ordered dictionary from a list of pairs.
        byte[] pickle = new PickleWriter().Ascii("ccollections\nOrderedDict\n(((S'one'\nL1L\nt(S'tab\\there\\x21'\nF-0.5\ntltR").Stop();
        byte[] list = new PickleWriter().Ascii("ccollections\nOrderedDict\n((l(S'one'\nL1L\nta(S'tab\\there\\x21'\nF-0.5\ntatR").Stop();
        using ScratchFile file = new(Checkpoint.Zip(list));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);

        Assert.Equal(1L, root["one"]);
        Assert.Equal(-0.5, root["tab\there!"]);
        Assert.True(Checkpoint.ReadsOrIsRefused(Checkpoint.Zip(pickle)));
    }

    [Fact]
    public void Keys_are_found_by_value()
    {
        byte[] pickle = new PickleWriter().Proto().Ascii("}(").Numbers(1, 2).Text("tuple").Ascii("G").Raw(0x3f, 0xf8, 0, 0, 0, 0, 0, 0).Text("float").Raw(0x88).Text("bool").Int(3).Text("int").Ascii("u").Stop();
        using ScratchFile file = new(Checkpoint.Zip(pickle));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);

        Assert.Equal("tuple", root[new object?[] { 1L, 2L }]);
        Assert.Equal("float", root[1.5]);
        Assert.Equal("bool", root[true]);
        Assert.Equal("int", root[3]);
        Assert.Equal("int", root[3L]);
        Assert.False(root.ContainsKey(4));
        Assert.Throws<KeyNotFoundException>(() => root["missing"]);
    }

    [Fact]
    public void Devices_are_text_and_a_bare_tensor_is_the_root()
    {
        byte[] device = new PickleWriter().Proto().Global("torch", "device").Text("cuda").Int(1).Raw(0x86).Ascii("R").Stop();
        using ScratchFile first = new(Checkpoint.Zip(device));
        using TorchStateDict cuda = TorchStateDict.Open(first.Path);
        Assert.Equal("cuda:1", cuda.Root);

        byte[] tensor = new PickleWriter().Proto().Tensor("ByteStorage", "0", 4, 1, [], []).Stop();
        using ScratchFile second = new(Checkpoint.Zip(tensor, ("0", [5, 6, 7, 8])));
        using TorchStateDict dict = TorchStateDict.Open(second.Path);
        Assert.Empty(dict);
        Assert.Equal([6], Assert.IsType<TorchTensor>(dict.Root).ToArray<byte>());
    }

    [Fact]
    public void Hooks_conjugation_and_bare_storages_are_refused_in_words()
    {
        PickleWriter Start() => new PickleWriter().Proto().Global("torch._utils", "_rebuild_tensor_v2").Ascii("(").Storage("FloatStorage", "0", 1).Int(0).Numbers(1).Numbers(1).Raw(0x89);
        Assert.Contains("hooks", Checkpoint.Refused(Checkpoint.Zip(Start().Ascii("}").Int(1).Int(2).Ascii("stR").Stop(), ("0", new byte[4]))).Message, StringComparison.Ordinal);
        Assert.Contains("conjugated", Checkpoint.Refused(Checkpoint.Zip(Start().Ascii("}}").Text("conj").Raw(0x88).Ascii("stR").Stop(), ("0", new byte[4]))).Message, StringComparison.Ordinal);
        Assert.Contains("bare storage", Checkpoint.Refused(Checkpoint.Zip(new PickleWriter().Proto().Storage("FloatStorage", "0", 1).Stop(), ("0", new byte[4]))).Message, StringComparison.Ordinal);
        Assert.True(Checkpoint.ReadsOrIsRefused(Checkpoint.Zip(Start().Ascii("}}tR").Stop(), ("0", new byte[4]))));
    }

    [Fact]
    public void Bytes_other_than_0_and_1_are_true()
    {
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Text("mask").Tensor("BoolStorage", "0", 3, 0, [3], [1]).Ascii("s").Stop();
        using ScratchFile file = new(Checkpoint.Zip(pickle, ("0", [0, 1, 200])));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        Assert.Equal([0, 1, 1], MemoryMarshal.AsBytes<bool>(dict["mask"].ToArray<bool>()).ToArray());
    }
}
