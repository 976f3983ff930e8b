using System.Text.Json;
using Trt.Interop.NvOnnxParser;
using Trt.Interop.Tests.Libraries;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>NVIDIA's ONNX parser through the bindings, on whole models and on damaged ones.</summary>
[Collection(RtxCollection.Name)]
public sealed class ParserGoldenTests
{
    private static readonly Lazy<JsonElement> Golden = new(() => GoldenFiles.ReadJson("parser_rtx-1.6.1_nogpu.json.gz"));

    public static TheoryData<string> Models => [.. Golden.Value.GetProperty("models").EnumerateArray().Select(NameOf)];

    /// <summary>Release 1.6 reads outside of the data file for these, which ends the process or not as memory happens to lie.</summary>
    private static readonly string[] ReadOutsideOfTheFile = ["external_offset_negative", "external_past_end"];

    /// <summary>All but those that make the library crash whoever calls it: these two, a node without outputs, a function that calls itself.</summary>
    public static TheoryData<string> Damaged => [.. Golden.Value.GetProperty("broken").EnumerateArray()
        .Where(one => one.GetProperty("status").GetString() != "crashed").Select(NameOf).Except(ReadOutsideOfTheFile)];

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Model_is_parsed_and_built_as_in_the_golden(string name)
    {
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        string path = ModelFiles.FindOrSkip(name + ".onnx");
        Check(library, Golden.Value.GetProperty("models"), name, path);
    }

    [SkippableTheory]
    [MemberData(nameof(Damaged))]
    public void Damaged_file_is_answered_as_in_the_golden(string name)
    {
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        Check(library, Golden.Value.GetProperty("broken"), name, DamagedModels.PathOf(name));
    }

    [SkippableFact]
    public void Operators_are_known_as_in_the_golden()
    {
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        using SmallNetwork small = new(library);
        using IParser parser = library.CreateParser(small.Network, new CollectingLogger());
        JsonElement operators = Golden.Value.GetProperty("operators");
        Assert.All(operators.GetProperty("supported").EnumerateArray(), name => Assert.True(parser.SupportsOperator(name.GetString()!), name.GetString()));
        Assert.All(operators.GetProperty("not").EnumerateArray(), name => Assert.False(parser.SupportsOperator(name.GetString()!), name.GetString()));
    }

    [SkippableFact]
    public void Parse_error_tells_text_node_and_operator()
    {
        TensorRtLibrary library = RtxLibrary.Load();
        using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        using IParser parser = library.CreateParser(network, new CollectingLogger());
        byte[] model = File.ReadAllBytes(Path.Combine(DamagedModels.Folder, "add_shapes_differ.onnx"));

        TensorRtException exception = Assert.Throws<TensorRtException>(() => parser.Parse(model));

        Assert.Equal("IParser::parse", exception.Method);
        Assert.Contains("broadcast dimensions must be conformable", exception.Message, StringComparison.Ordinal);
        Assert.Contains("While parsing node number 0 [Add -> \"y\"]", exception.Message, StringComparison.Ordinal);
        Assert.Equal(Severity.Error, exception.Severity);
        IParserError error = Assert.Single(Enumerable.Range(0, parser.NbErrors).Select(parser.GetError));
        Assert.Equal(NvOnnxParser.ErrorCode.InvalidNode, error.Code);
        Assert.Equal((0, "a", "Add"), (error.Node, error.NodeName, error.NodeOperator));
        Assert.StartsWith("Invalid Node - a", error.Desc, StringComparison.Ordinal);
        Assert.Empty(error.LocalFunctionStack);
        parser.ClearErrors();
        Assert.Equal(0, parser.NbErrors);
    }

    private static string NameOf(JsonElement one) => one.GetProperty("name").GetString()!;

    private static void Check(TensorRtLibrary library, JsonElement goldens, string name, string path)
    {
        JsonElement golden = goldens.EnumerateArray().First(one => NameOf(one) == name);
        ParserSource source = new(library.CreateInferBuilder, library.CreateParser, RtxLibrary.Target, IsNvidia: true);
        IReadOnlyList<string> differences = new ParsedModel(source, golden, path).Compare();
        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }
}
