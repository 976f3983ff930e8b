using System.Text;
using Xunit;

namespace Trt.Utils.Tests.Weights;

public class ShardIndexTests
{
    private static readonly byte[] One = SafetensorsFormatTests.Make("""{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 7);

    [Fact]
    public void Shards_of_different_formats_are_read_beside_the_index()
    {
        using ScratchFolder folder = new();
        folder.Write("a.safetensors", One);
        folder.Write("b.bin", Checkpoint.Zip(new PickleWriter().Proto().Ascii("}").Text("v").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Ascii("s").Stop(), ("0", [0, 0, 128, 63])));
        string path = folder.Write("model.index.json", Encoding.UTF8.GetBytes("""  {"metadata":{"total_size":5,"x":[1.5,null,true]},"weight_map":{"v":"b.bin","w":"a.safetensors"}}"""));

        TorchStateDict dict = TorchStateDict.Open(path);
        Assert.Equal(["v", "w"], dict.Keys);
        Assert.Equal([1f], dict["v"].ToArray<float>());
        Assert.Equal([7], dict["w"].ToArray<byte>());
        TorchDictionary metadata = Assert.IsType<TorchDictionary>(Assert.IsType<TorchDictionary>(dict.Root)["metadata"]);
        Assert.Equal(5L, metadata["total_size"]);
        Assert.Equal([1.5, null, true], Assert.IsType<List<object?>>(metadata["x"]));
        TorchTensor tensor = dict["w"];
        dict.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray<byte>());
        folder.Write("a.safetensors", One); // nothing holds it any more, on any system
    }

    [Theory]
    [InlineData("../a.safetensors")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("sub/a.safetensors")]
    [InlineData("sub\\\\a.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("C:a.safetensors")]
    [InlineData("a.safetensors:stream")]
    [InlineData("a\\u0000b")]
    public void A_shard_that_is_not_a_plain_name_is_refused(string shard)
    {
        using ScratchFolder folder = new();
        folder.Write("a.safetensors", One);
        folder.Write("sub/a.safetensors", One);
        string path = folder.Write("inner/model.index.json", Encoding.UTF8.GetBytes($$$"""{"weight_map":{"w":"{{{shard}}}"}}"""));

        Assert.Contains("no plain file name", Assert.Throws<TorchFormatException>(() => TorchStateDict.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map":{"w":"missing.safetensors"}}""", "cannot be opened")]
    [InlineData("""{"weight_map":{"w":"model.index.json"}}""", "no weight file")]
    [InlineData("""{"weight_map":{"x":"a.safetensors"}}""", "is not in \"a.safetensors\"")]
    [InlineData("""{"weight_map":{"w":5}}""", "gives no file")]
    [InlineData("""{"weight_map":{"w":"a.safetensors","w":"a.safetensors"}}""", "twice")]
    [InlineData("""{"weight_map":[]}""", "without a \"weight_map\"")]
    [InlineData("""{"other":{}}""", "without a \"weight_map\"")]
    [InlineData("""{"weight_map":{""", "malformed")]
    [InlineData("""{"weight_map":{}}}""", "malformed")]
    [InlineData("""{"weight_map":{"w":"bad.safetensors"}}""", "It is empty")]
    public void An_index_that_does_not_fit_its_shards_is_refused(string json, string said)
    {
        using ScratchFolder folder = new();
        folder.Write("a.safetensors", One);
        folder.Write("bad.safetensors", []);
        string path = folder.Write("model.index.json", Encoding.UTF8.GetBytes(json));

        Assert.Contains(said, Assert.Throws<TorchFormatException>(() => TorchStateDict.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_without_tensors_is_an_empty_state_dict()
    {
        using ScratchFile file = new("""{"weight_map":{}}"""u8.ToArray());
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        Assert.Empty(dict);
    }

    [Fact]
    public void A_deep_index_costs_no_stack()
    {
        string deep = new string('[', 1_000_000) + new string(']', 1_000_000);
        Assert.Contains("malformed", Checkpoint.Refused(Encoding.UTF8.GetBytes($$"""{"weight_map":{},"x":{{deep}}}""")).Message, StringComparison.Ordinal);
    }
}
