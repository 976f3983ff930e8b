using System.IO.Compression;
using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>TorchScript archives by hand, with what traced models rarely have.</summary>
public class TorchScriptTests
{
    private static byte[] Archive(byte[] data, byte[] constants) =>
        Checkpoint.Archive(CompressionLevel.NoCompression, ("m/data.pkl", data), ("m/constants.pkl", constants), ("m/data/0", [0, 0, 128, 63, 0, 0, 0, 64]), ("m/constants/0", [0, 0, 64, 64]), ("m/code/__torch__.py", "import os; os.system('touch /tmp/unpickled')"u8.ToArray()));

    private static PickleWriter Module(PickleWriter pickle, string name) => pickle.Global("__torch__", name).Ascii(")").Raw(0x81);

    private static byte[] NoConstants => new PickleWriter().Proto().Ascii(")").Stop();

    [Fact]
    public void Modules_become_dotted_names_and_shared_ones_stand_under_each()
    {
        PickleWriter pickle = Module(new PickleWriter().Proto(), "Net").Ascii("}(").Text("training").Raw(0x89).Text("first");
        Module(pickle, "Block").Ascii("}(").Text("weight").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Text("bias").Ascii("N").Text("sizes")
            .Global("torch.jit._pickle", "build_intlist").Ascii("](").Long(3).Ascii("e").Raw(0x85).Ascii("R").Ascii("ubq\x05");
        pickle.Text("again").Ascii("h\x05").Text("pair").Global("__torch__", "Pair").Ascii("(").Long(1).Long(2).Ascii("tR")
            .Text("tagged").Global("torch.jit._pickle", "restore_type_tag").Ascii("(]").Text("List[int]").Ascii("tR")
            .Text("packed");
        Module(pickle, "torch.classes.quantized.Packed").Ascii("(").Long(9).Ascii("tb");
        byte[] content = Archive(pickle.Ascii("ub").Stop(), new PickleWriter().Proto().Tensor("FloatStorage", "0", 1, 0, [], []).Raw(0x85).Stop());
        using ScratchFile file = new(content);
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Equal(["first.weight", "again.weight"], dict.Keys);
        Assert.Equal([1f, 2f], dict["again.weight"].ToArray<float>());
        TorchDictionary root = Assert.IsType<TorchDictionary>(dict.Root);
        Assert.Equal("__torch__.Net", root.TypeName);
        Assert.Equal([3L], Assert.IsType<List<object?>>(Assert.IsType<TorchDictionary>(root["first"])["sizes"]));
        Assert.Equal([1L, 2L], Assert.IsType<object?[]>(root["pair"]));
        Assert.Empty(Assert.IsType<List<object?>>(root["tagged"]));
        Assert.Equal([9L], Assert.IsType<object?[]>(Assert.IsType<TorchDictionary>(root["packed"])["__state__"]));
        Assert.Equal([3f], Assert.IsType<TorchTensor>(Assert.IsType<object?[]>(root["CONSTANTS"])[0]).ToArray<float>());
        Assert.False(File.Exists("/tmp/unpickled"));
    }

    [Fact]
    public void Of_a_frozen_module_the_constants_are_the_weights()
    {
        byte[] data = Module(new PickleWriter().Proto(), "Net").Ascii("}(").Text("training").Raw(0x89).Ascii("ub").Stop();
        byte[] constants = new PickleWriter().Proto().Long(4).Tensor("FloatStorage", "0", 1, 0, [1], [1]).Raw(0x86).Stop();
        using ScratchFile file = new(Archive(data, constants));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        Assert.Equal(["CONSTANTS.c1"], dict.Keys);
        Assert.Equal([3f], dict["CONSTANTS.c1"].ToArray<float>());
    }

    [Fact]
    public void What_is_no_class_of_the_program_is_refused_as_in_any_checkpoint()
    {
        Assert.Equal("posix.system", Checkpoint.Refused(Archive(new PickleWriter().Proto().Global("posix", "system").Text("true").Raw(0x85).Ascii("R").Stop(), NoConstants)).Global);
        Assert.Equal("posix.system", Checkpoint.Refused(Archive(Module(new PickleWriter().Proto(), "Net").Stop(), new PickleWriter().Proto().Global("posix", "system").Stop())).Global);
        Assert.Equal("__torch__x.Net", Checkpoint.Refused(Archive(new PickleWriter().Proto().Global("__torch__x", "Net").Ascii(")").Raw(0x81).Stop(), NoConstants)).Global);
        Assert.Equal("__torch__.Net", Checkpoint.Refused(Checkpoint.Zip(Module(new PickleWriter().Proto(), "Net").Stop())).Global); // no TorchScript archive
        Assert.Contains("holds no module", Checkpoint.Refused(Archive(new PickleWriter().Proto().Ascii("}").Stop(), NoConstants)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_that_hold_themselves_or_multiply_are_refused_quickly()
    {
        byte[] self = Module(new PickleWriter().Proto(), "Net").Ascii("q\0}(").Text("me").Ascii("h\0ub").Stop();
        Assert.Contains("nested more than", Checkpoint.Refused(Archive(self, NoConstants)).Message, StringComparison.Ordinal);

        // Each module holds the one before twice: 2^60 names.
        PickleWriter pickle = Module(new PickleWriter().Proto(), "Net").Ascii("}").Text("w").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Ascii("sbq\0");
        for (int i = 0; i < 60; i++)
        {
            Module(pickle, "Net").Ascii("}(").Text("a").Ascii("h\0").Text("b").Ascii("h\0").Ascii("ubq\0");
        }

        Assert.Contains("over and over", Checkpoint.Refused(Archive(pickle.Stop(), NoConstants)).Message, StringComparison.Ordinal);
    }
}
