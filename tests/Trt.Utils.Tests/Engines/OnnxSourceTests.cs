using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Utils.Tests.Weights;
using Xunit;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Utils.Tests.Engines;

/// <summary>ONNX models with external data, wrong ones and damaged ones, on the CPU runtime and on TensorRT-RTX: engines or sentences, never a crash.</summary>
[Collection(RtxCollection.Name)]
public sealed class OnnxSourceTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public static TheoryData<bool> Libraries => [false, true];

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Libraries))]
    public void External_data_beside_the_file_or_in_a_named_folder(bool rtx)
    {
        byte[] model = WithExternal("data/w.bin", ("offset", "16"), ("length", "16"));
        string path = folder.Write("m.onnx", model);
        folder.Write("data/w.bin", [.. new byte[16], .. MemoryMarshal.AsBytes<float>([1, 2, 3, 4])]);

        using BuiltEngine file = Build(rtx, path);
        using BuiltEngine bytes = Build(rtx, ModelSource.FromOnnx(model, folder.Path));

        Assert.Equal(file.Report.Source.Sha256, bytes.Report.Source.Sha256);
        if (!rtx)
        {
            using ICudaEngine engine = bytes.Load();
            Assert.Equal([11, 22, 33, 44], EngineRun.Run(engine, "x", [1, 4], [10, 20, 30, 40], "y"));
        }

        // The hash covers what lies beside the model.
        folder.Write("data/w.bin", [.. new byte[16], .. MemoryMarshal.AsBytes<float>([1, 2, 3, 5])]);
        Assert.NotEqual(file.Report.Source.Sha256, ModelSource.FromOnnx(path).ComputeHash());
    }

    [SkippableTheory]
    [InlineData(false, "../w.bin", "0", "16", "leads out of the model's folder")]
    [InlineData(true, "../w.bin", "0", "16", "leads out of the model's folder")]
    [InlineData(true, "/etc/hostname", "0", "16", "is no path below the model's folder")]
    [InlineData(true, "none.bin", "0", "16", "there is no file")]
    [InlineData(false, "w.bin", "8", "16", "its 16 bytes at offset 8 lie outside of")]
    [InlineData(true, "w.bin", "8", "16", "its 16 bytes at offset 8 lie outside of")]
    [InlineData(true, "w.bin", "-4", "16", "lie outside of")]
    [InlineData(true, "w.bin", "0", "99999999999999999999", "lie outside of")]
    public void External_data_that_is_not_there_is_refused_before_the_parser_reads_it(bool rtx, string location, string offset, string length, string words)
    {
        string path = folder.Write("sub/m.onnx", WithExternal(location, ("offset", offset), ("length", length)));
        folder.Write("w.bin", new byte[16]);
        folder.Write("sub/w.bin", new byte[16]);

        OnnxParseException exception = Assert.Throws<OnnxParseException>(() => Build(rtx, path));

        Assert.StartsWith($"{path} cannot be parsed: the data of tensor \"w\" is in another file, but", exception.Message, StringComparison.Ordinal);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void External_data_of_a_model_in_memory_needs_a_folder()
    {
        OnnxParseException exception = Assert.Throws<OnnxParseException>(() => Build(false, ModelSource.FromOnnx(WithExternal("w.bin"))));

        Assert.Contains("nobody said in which folder", exception.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(Libraries))]
    public void Parser_errors_are_one_exception_with_node_operator_and_words(bool rtx)
    {
        byte[] model = OnnxText.Model(OnnxText.Graph([1, 4], [OnnxText.Node("Relu", ["x"], ["a"], "first"), OnnxText.Node("NoSuchOperator", ["a"], ["y"], "second")]));

        OnnxParseException exception = Assert.Throws<OnnxParseException>(() => Build(rtx, ModelSource.FromOnnx(model)));

        OnnxParseError error = Assert.Single(exception.Errors);
        Assert.Equal((1, "second", "NoSuchOperator"), (error.Node, error.NodeName, error.Operator));
        Assert.StartsWith("the ONNX model in memory cannot be parsed: node 1 \"second\" (NoSuchOperator): ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(error.Description.TrimEnd(), exception.Message, StringComparison.Ordinal);
        Assert.IsType<TensorRtException>(exception.InnerException);
    }

    [SkippableTheory]
    [MemberData(nameof(Libraries))]
    public void Files_that_hold_no_model(bool rtx)
    {
        Assert.StartsWith("There is no ONNX file", Assert.Throws<FileNotFoundException>(() => Build(rtx, Path.Combine(folder.Path, "none.onnx"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<IOException>(() => Build(rtx, folder.Path)).Message, StringComparison.Ordinal);
        foreach (byte[] content in (byte[][])[[], new byte[100], "this is no model"u8.ToArray()])
        {
            string path = folder.Write("m.onnx", content);
            Assert.StartsWith($"{path} cannot be parsed: ", Assert.Throws<OnnxParseException>(() => Build(rtx, path)).Message, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Libraries))]
    public void Node_without_outputs_and_function_that_calls_itself_are_refused(bool rtx)
    {
        byte[] useless = OnnxText.Model(OnnxText.Graph([1, 4], [OnnxText.Node("Relu", ["x"], ["y"]), OnnxText.Node("Relu", ["x"], [], "idle")]));
        byte[] endless = OnnxText.Model(
            OnnxText.Graph([1, 4], [OnnxText.Node("F", ["x"], ["y"], domain: "my")]),
            OnnxText.Function("F", "my", OnnxText.Node("G", ["a"], ["b"], domain: "my")),
            OnnxText.Function("G", "my", OnnxText.Node("F", ["a"], ["b"], domain: "my")));

        OnnxParseException node = Assert.Throws<OnnxParseException>(() => Build(rtx, ModelSource.FromOnnx(useless)));
        OnnxParseException function = Assert.Throws<OnnxParseException>(() => Build(rtx, ModelSource.FromOnnx(endless)));

        Assert.Contains("node idle (Relu) has no output", node.Message, StringComparison.Ordinal);
        Assert.Matches("the local function my:[FG] calls itself", function.Message);
        Assert.Equal(ParseCode.InvalidNode, node.Errors[0].Code);
    }

    [Fact]
    public void Functions_that_end_are_no_fault()
    {
        byte[] model = OnnxText.Model(
            OnnxText.Graph([1, 4], [OnnxText.Node("F", ["x"], ["h"], domain: "my"), OnnxText.Node("G", ["h"], ["y"], domain: "my")]),
            OnnxText.Function("F", "my", OnnxText.Node("G", ["a"], ["b"], domain: "my")),
            OnnxText.Function("G", "my", OnnxText.Node("Relu", ["a"], ["b"])));

        using BuiltEngine built = Build(false, ModelSource.FromOnnx(model));
        using ICudaEngine engine = built.Load();

        Assert.Equal([0, 2, 0, 4], EngineRun.Run(engine, "x", [1, 4], [-1, 2, -3, 4], "y"));
    }

    [SkippableTheory]
    [MemberData(nameof(Libraries))]
    public void Damaged_models_give_an_engine_or_a_sentence(bool rtx)
    {
        byte[] model = OnnxText.Model(OnnxText.Graph([1, 4], [OnnxText.Node("Relu", ["x"], ["a"], "n1"), OnnxText.Node("Sigmoid", ["a"], ["b"], "n2"), OnnxText.Node("Neg", ["b"], ["y"], "n3")]));
        EngineBuilder builder = Builder(rtx);
        for (int length = 0; length < model.Length; length += rtx ? 5 : 1)
        {
            Try(builder, model[..length], rtx);
        }

        Random random = new(5);
        for (int round = 0; round < (rtx ? 60 : 300); round++)
        {
            byte[] damaged = [.. model];
            for (int i = 0; i < 1 + (round % 3); i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            Try(builder, damaged, rtx);
        }
    }

    [SkippableFact]
    public void Parser_flags_reach_the_parser()
    {
        // NVIDIA's parser checks each node against a DLA, which is not there.
        byte[] model = OnnxText.Model(OnnxText.Graph([1, 3, 4, 4], [OnnxText.Node("Relu", ["x"], ["y"], "relu")]));

        using BuiltEngine without = Build(true, ModelSource.FromOnnx(model));
        Exception with = Assert.ThrowsAny<Exception>(() => Build(true, ModelSource.FromOnnx(model), new() { ParserFlags = new Dictionary<OnnxParserFlag, bool> { [OnnxParserFlag.ReportCapabilityDLA] = true } }));

        Assert.Contains("DLA", with.ToString(), StringComparison.Ordinal);
    }

    private static void Try(EngineBuilder builder, byte[] model, bool rtx)
    {
        try
        {
            using BuiltEngine built = builder.Build(ModelSource.FromOnnx(model), Options(rtx));
        }
        catch (Exception exception) when (exception is OnnxParseException or TensorRtException or BuildRefusedException)
        {
            Assert.NotEmpty(exception.Message);
        }
    }

    private static byte[] WithExternal(string location, params (string Key, string Value)[] entries) => OnnxText.Model(OnnxText.Graph(
        [1, 4],
        [OnnxText.Node("Add", ["x", "w"], ["y"], "sum")],
        [OnnxText.External("w", [1, 4], location, entries)]));

    private static BuiltEngine Build(bool rtx, ModelSource source, BuildOptions? options = null) => Builder(rtx).Build(source, Options(rtx, options));

    private static BuildOptions Options(bool rtx, BuildOptions? options = null) => (options ?? new()) with { ComputeCapabilities = rtx ? [ComputeCapability.SM86] : [] };

    private static EngineBuilder Builder(bool rtx) => new(rtx ? RtxLibrary.Load() : EngineTestModels.Library(), new CollectingLogger());
}
