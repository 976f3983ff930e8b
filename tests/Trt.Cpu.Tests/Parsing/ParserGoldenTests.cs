using System.Text.Json;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Tests.Goldens;
using Xunit;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>The CPU runtime's ONNX parser on whole models and on damaged ones, against what NVIDIA's parser answered.</summary>
public class ParserGoldenTests
{
    private static readonly Lazy<JsonElement> Golden = new(() => GoldenFiles.ReadJson("parser_rtx-1.6.1_nogpu.json.gz"));
    private static ParserSource Cpu => new(TestLibrary.Current.CreateInferBuilder, TestLibrary.Current.CreateParser, null, IsNvidia: false);

    /// <summary>NVIDIA's parser reads outside of the data file for these, or crashes; what ours says instead.</summary>
    private static readonly Dictionary<string, (ParseCode Code, string Text)> Worse = new(StringComparer.Ordinal)
    {
        ["external_offset_negative"] = (ParseCode.InvalidGraph, "lies outside of weights.bin"),
        ["external_past_end"] = (ParseCode.InvalidGraph, "lies outside of weights.bin"),
        ["relu_no_output"] = (ParseCode.InvalidNode, "has no outputs"),
        ["local_function_recursive"] = (ParseCode.InvalidGraph, "calls itself"),
    };

    public static TheoryData<string> Models => [.. Golden.Value.GetProperty("models").EnumerateArray().Select(NameOf)];

    public static TheoryData<string> WorseFiles => [.. Worse.Keys];

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void ModelIsParsedAndBuiltAsInTheGolden(string name)
    {
        IReadOnlyList<string> differences = Differences("models", name, ModelFiles.FindOrSkip(name + ".onnx"));
        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void ParserDefinesNvidiasNetworkAsNvidiasParserDoes(string name)
    {
        TensorRtLibrary rtx = RtxLibrary.LoadGoldenRelease();
        ParserSource source = new(rtx.CreateInferBuilder, CpuRuntime.Provider.CreateParser, RtxLibrary.Target, IsNvidia: false);
        IReadOnlyList<string> differences = new ParsedModel(source, Of("models", name), ModelFiles.FindOrSkip(name + ".onnx")).Compare();
        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void NvidiasParserDefinesOurNetworkAsItsOwn(string name)
    {
        TensorRtLibrary rtx = RtxLibrary.LoadGoldenRelease();
        ParserSource source = new(CpuRuntime.Provider.CreateInferBuilder, rtx.CreateParser, null, IsNvidia: true);
        IReadOnlyList<string> differences = new ParsedModel(source, Of("models", name), ModelFiles.FindOrSkip(name + ".onnx")).Compare();
        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }

    [SkippableFact]
    public void DamagedFilesAreAnsweredAsInTheGolden()
    {
        string[] names = [.. Golden.Value.GetProperty("broken").EnumerateArray().Select(NameOf).Where(name => !Worse.ContainsKey(name))];
        string[] differences = [.. names.SelectMany(name => Differences("broken", name, DamagedModels.PathOf(name)))];
        Assert.True(differences.Length == 0, $"{differences.Length} differences:{Environment.NewLine}{string.Join(Environment.NewLine, differences)}");
    }

    [SkippableTheory]
    [MemberData(nameof(WorseFiles))]
    public void WhatCrashesNvidiasParserIsAnError(string name)
    {
        using TestEngine test = new();
        using IParser parser = TestLibrary.Current.CreateParser(test.Network(), test.Log);
        Assert.Throws<TensorRtException>(() => parser.ParseFromFile(DamagedModels.PathOf(name), (int)Severity.Warning));
        IParserError error = Assert.Single(Enumerable.Range(0, parser.NbErrors).Select(parser.GetError));
        Assert.Equal(Worse[name].Code, error.Code);
        Assert.Contains(Worse[name].Text, error.Desc, StringComparison.Ordinal);
    }

    [Fact]
    public void OperatorsAreKnownAsInTheGolden()
    {
        using TestEngine test = new();
        using IParser parser = TestLibrary.Current.CreateParser(test.Network(), test.Log);
        JsonElement operators = Golden.Value.GetProperty("operators");
        string[] wrong =
        [
            .. operators.GetProperty("supported").EnumerateArray().Select(name => name.GetString()!).Where(name => !parser.SupportsOperator(name)).Select(name => name + " is missing"),
            .. operators.GetProperty("not").EnumerateArray().Select(name => name.GetString()!).Where(parser.SupportsOperator).Select(name => name + " is too much"),
        ];
        Assert.True(wrong.Length == 0, string.Join(", ", wrong));
    }

    private static string NameOf(JsonElement one) => one.GetProperty("name").GetString()!;

    private static IReadOnlyList<string> Differences(string list, string name, string path) =>
        new ParsedModel(Cpu, Of(list, name), path).Compare();

    private static JsonElement Of(string list, string name) => Golden.Value.GetProperty(list).EnumerateArray().First(one => NameOf(one) == name);
}
