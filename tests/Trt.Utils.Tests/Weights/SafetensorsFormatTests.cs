using System.Text;
using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Files put together by the format's definition: 8 bytes of length, JSON, data.</summary>
public class SafetensorsFormatTests
{
    public static byte[] Make(string json, params byte[] data) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(json)), .. Encoding.UTF8.GetBytes(json), .. data];

    [Fact]
    public void Every_element_type_is_read_where_it_lies()
    {
        (string Name, TorchDType Type, int Size)[] types =
        [
            ("F64", TorchDType.Float64, 8), ("F32", TorchDType.Float32, 4), ("F16", TorchDType.Float16, 2), ("BF16", TorchDType.BFloat16, 2), ("F8_E4M3", TorchDType.Float8E4M3FN, 1),
            ("F8_E5M2", TorchDType.Float8E5M2, 1), ("I64", TorchDType.Int64, 8), ("I32", TorchDType.Int32, 4), ("I16", TorchDType.Int16, 2), ("I8", TorchDType.Int8, 1),
            ("U64", TorchDType.UInt64, 8), ("U32", TorchDType.UInt32, 4), ("U16", TorchDType.UInt16, 2), ("U8", TorchDType.UInt8, 1), ("BOOL", TorchDType.Bool, 1),
        ];
        foreach ((string name, TorchDType type, int size) in types)
        {
            byte[] data = [.. Enumerable.Range(1, 1 + (6 * size)).Select(i => (byte)i)];
            using ScratchFile file = new(Make($$$"""{"odd":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"t":{"dtype":"{{{name}}}","shape":[2,3],"data_offsets":[1,{{{data.Length}}}]}}  """, data));
            using TorchStateDict dict = TorchStateDict.Open(file.Path);

            Assert.Equal(type, dict["t"].DType);
            Assert.Equal([2L, 3], dict["t"].Shape.ToArray());
            Assert.True(dict["t"].Bytes.SequenceEqual(data.AsSpan(1)));
            Assert.Equal(0, dict["t"].Pointer % size); // whatever the file's own alignment
        }
    }

    [Fact]
    public void Complex_tensors_are_listed_and_refused_when_read()
    {
        using ScratchFile file = new(Make("""{"z":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Equal(TorchDType.Complex64, dict["z"].DType);
        Assert.Contains("\"z\"", Assert.Throws<NotSupportedException>(() => dict["z"].ToWeights()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}""", 1, "elements of type F4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leave a hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "over each other")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "8 follow the header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "3 follow the header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""", 4, "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 0, "no place")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 0, "no complete description")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "malformed description")]
    [InlineData("""{"a":5}""", 0, "no object")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "\"a\" twice")]
    [InlineData("""{"__metadata__":{"x":1}}""", 0, "no map of text")]
    [InlineData("""{"__metadata__":[]}""", 0, "no map of text")]
    [InlineData("""{"a":""", 0, "malformed")]
    [InlineData("""{} {}""", 0, "malformed")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "malformed")]
    public void What_the_format_does_not_allow_is_refused(string json, int dataLength, string said) =>
        Assert.Contains(said, Checkpoint.Refused(Make(json, new byte[dataLength])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_header_longer_than_its_file_is_refused()
    {
        byte[] content = Make("{}");
        BitConverter.TryWriteBytes(content, 99_999_999L);
        Assert.Contains("header should have 99999999 bytes", Checkpoint.Refused(content).Message, StringComparison.Ordinal);
        BitConverter.TryWriteBytes(content, 100_000_001L); // beyond the format's limit: not taken for such a file
        Assert.Contains("no weight file", Checkpoint.Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_in_the_header_costs_no_stack()
    {
        string deep = new string('[', 1_000_000) + new string(']', 1_000_000);
        Assert.Contains("malformed", Checkpoint.Refused(Make($$$"""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":{{{deep}}}}}""")).Message, StringComparison.Ordinal);
        Assert.Contains("malformed", Checkpoint.Refused(Make($$$"""{"__metadata__":{"x":{{{deep}}}}}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_of_the_format_has_no_tensors()
    {
        using ScratchFile file = new(Make("{}"));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        Assert.Empty(dict);
    }
}
