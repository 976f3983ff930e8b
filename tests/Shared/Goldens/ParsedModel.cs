using System.Text.Json;
using System.Text.RegularExpressions;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Xunit;

namespace Trt.Tests.Goldens;

/// <summary>One ONNX file through a parser, compared with what NVIDIA's parser answered: outcome, errors, network, support, build.</summary>
/// <param name="source">What parses. Of another than NVIDIA's, the words of errors and the names of helper layers are its own.</param>
/// <param name="golden">NVIDIA's answer.</param>
/// <param name="path">The file.</param>
internal sealed partial class ParsedModel(ParserSource source, JsonElement golden, string path)
{
    private readonly List<string> differences = [];

    /// <summary>What differs; empty when all is as in the golden.</summary>
    public IReadOnlyList<string> Compare()
    {
        if (File.Exists(path))
        {
            Parse("parse", "errors", golden.GetProperty("parse").GetBoolean(), (parser, bytes) => parser.Parse(bytes, path), build: true);
        }

        bool fromFile = golden.TryGetProperty("from_file", out JsonElement accepted) ? accepted.GetBoolean() : golden.GetProperty("parse").GetBoolean();
        string errors = golden.TryGetProperty("from_file_errors", out _) ? "from_file_errors" : "errors";
        Parse("parseFromFile", errors, fromFile, (parser, _) => parser.ParseFromFile(path, (int)Severity.Warning), build: false);
        if (File.Exists(path))
        {
            Support();
        }

        return differences;
    }

    /// <summary>The errors that a parser holds, as the golden writes them.</summary>
    private IEnumerable<string> Errors(IParser parser) => Enumerable.Range(0, parser.NbErrors).Select(parser.GetError).Select(error =>
        Error(error.Code.ToString(), WithoutDriverLines(error.Desc), error.File, error.Line, error.Func, error.Node, error.NodeName, error.NodeOperator));

    private string Error(string code, string desc, string file, int line, string func, int node, string name, string op) => source.IsNvidia
        ? $"{CaseValues.Bare(code)} {file}:{line} {func} node {node} '{name}' {op}: {desc}"
        : $"{CaseValues.Bare(code)} node {node} '{name}' {op}: {Category().Match(desc).Value}";

    /// <summary>The network's error in a text, as far as it is the same for all: number and kind.</summary>
    [GeneratedRegex(@"Error Code \d+: [A-Z][A-Za-z ]+(?= \()")]
    private static partial Regex Category();

    /// <summary>Without a driver the library adds a line about it to every text; the goldens leave it out.</summary>
    private static string WithoutDriverLines(string text) => string.Join('\n', text.Split('\n').Where(line => !line.Contains("catchCudaError", StringComparison.Ordinal)));

    private static string Dims(JsonElement dims) => dims.ValueKind == JsonValueKind.Array ? $"[{string.Join(", ", dims.EnumerateArray())}]" : "?";

    private static string Dims(Dims dims) => dims.NbDims < 0 ? "?" : dims.ToString();

    /// <summary>Of another parser than NVIDIA's, only layers that are nodes of the model: helpers are its own affair.</summary>
    private IEnumerable<string> Comparable(IEnumerable<string> layers) => source.IsNvidia ? layers : layers.Where(layer => !layer.StartsWith("ONNXTRT_", StringComparison.Ordinal) && !layer.StartsWith("(Unnamed", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private string Layer(JsonElement json)
    {
        IEnumerable<string> inputs = !source.IsNvidia ? [] : json[2].EnumerateArray().Select(input => input.GetString() ?? "-");
        IEnumerable<string> outputs = json[3].EnumerateArray().Select(one =>
            $"{one[0].GetString()} {Dims(one[1])} {CaseValues.Bare(one[2].GetString()!)}{(one.GetArrayLength() > 3 && one[3].GetBoolean() ? " shape" : string.Empty)}");
        return $"{json[1].GetString()} {CaseValues.Bare(json[0].GetString()!)} ({string.Join(", ", inputs)}) -> {string.Join(", ", outputs)}";
    }

    private string Layer(ILayer layer)
    {
        IEnumerable<string> inputs = !source.IsNvidia ? [] : Enumerable.Range(0, layer.NbInputs).Select(i => layer.GetInput(i)?.Name ?? "-");
        IEnumerable<string> outputs = Enumerable.Range(0, layer.NbOutputs).Select(layer.GetOutput).Select(one =>
            $"{one.Name} {Dims(one.Dimensions)} {CaseValues.Bare(one.Type.ToString())}{(one.IsShapeTensor ? " shape" : string.Empty)}");
        return $"{layer.Name} {CaseValues.Bare(layer.Type.ToString())} ({string.Join(", ", inputs)}) -> {string.Join(", ", outputs)}";
    }

    private static string Boundary(JsonElement json) =>
        $"{json[0].GetString()} {Dims(json[1])} {CaseValues.Bare(json[2].GetString()!)} ({string.Join(", ", json[3].EnumerateArray().Select(name => name.GetString() ?? "-"))})";

    private static string Boundary(ITensor tensor)
    {
        Dims dims = tensor.Dimensions;
        IEnumerable<string> names = Enumerable.Range(0, Math.Max(dims.NbDims, 0)).Select(axis => tensor.GetDimensionName(axis) ?? "-");
        return $"{tensor.Name} {Dims(dims)} {CaseValues.Bare(tensor.Type.ToString())} ({string.Join(", ", names)})";
    }

    private void Parse(string how, string errors, bool expected, Action<IParser, byte[]> parse, bool build)
    {
        using IBuilder builder = source.Builder(new CollectingLogger());
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        using IParser parser = source.Parser(network, new CollectingLogger());
        TensorRtException? refusal = Record.Exception(() => parse(parser, File.Exists(path) ? File.ReadAllBytes(path) : [])) as TensorRtException;
        Same($"{how} succeeds", [expected.ToString()], [(refusal is null).ToString()]);
        string[] texts = source.IsNvidia
            ? [.. golden.GetProperty(errors).EnumerateArray().Select(error => Text(error, "desc"))]
            : [.. Enumerable.Range(0, parser.NbErrors).Select(i => WithoutPlace(parser.GetError(i).Desc))];
        Same($"{how} errors", golden.GetProperty(errors).EnumerateArray().Select(error => Error(
            Text(error, "code"), Text(error, "desc"), Text(error, "file"), error.GetProperty("line").GetInt32(), Text(error, "func"), error.GetProperty("node").GetInt32(), Text(error, "nodeName"), Text(error, "nodeOperator"))), Errors(parser));
        if (refusal is not null && texts.FirstOrDefault(text => !WithoutPlace(WithoutDriverLines(refusal.Message)).Contains(text, StringComparison.Ordinal)) is { } missing)
        {
            differences.Add($"{path} {how}: the exception does not say \"{missing}\", but: {refusal.Message}");
        }

        Same($"{how} layers", Comparable(golden.GetProperty("layers").EnumerateArray().Select(Layer)), Comparable(Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).Select(Layer)));
        Same($"{how} inputs", golden.GetProperty("inputs").EnumerateArray().Select(Boundary), Enumerable.Range(0, network.NbInputs).Select(network.GetInput).Select(Boundary));
        Same($"{how} outputs", golden.GetProperty("outputs").EnumerateArray().Select(Boundary), Enumerable.Range(0, network.NbOutputs).Select(network.GetOutput).Select(Boundary));
        if (build && refusal is null)
        {
            Build(builder, network);
        }
    }

    private void Build(IBuilder builder, INetworkDefinition network)
    {
        using IBuilderConfig config = builder.CreateBuilderConfig();
        config.BuilderOptimizationLevel = 1;
        source.Target?.Invoke(config);
        if (golden.TryGetProperty("profile", out JsonElement inputs))
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            foreach (JsonProperty input in inputs.EnumerateObject())
            {
                profile.SetDimensions(input.Name, OptProfileSelector.Min, CaseValues.Shape(input.Value[0]));
                profile.SetDimensions(input.Name, OptProfileSelector.Opt, CaseValues.Shape(input.Value[1]));
                profile.SetDimensions(input.Name, OptProfileSelector.Max, CaseValues.Shape(input.Value[2]));
            }

            Same("profile index", [golden.GetProperty("profile_index").GetRawText()], [config.AddOptimizationProfile(profile).ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        }

        string status = "built";
        try
        {
            builder.BuildSerializedNetwork(network, config).Dispose();
        }
        catch (TensorRtException)
        {
            status = "refused_build";
        }

        // The golden's machine was to build for a GPU without 8-bit floats.
        if (!source.IsNvidia && golden.GetProperty("log").EnumerateArray().Any(line => line[2].GetString()!.Contains("HW-specific datatypes", StringComparison.Ordinal)))
        {
            return;
        }

        Same("status", [golden.GetProperty("status").GetString()!], [status]);
    }

    private void Support()
    {
        using IBuilder builder = source.Builder(new CollectingLogger());
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        using IParser parser = source.Parser(network, new CollectingLogger());
        bool supported = parser.SupportsModelV2(File.ReadAllBytes(path), path);
        Same("supportsModelV2", [golden.GetProperty("supports").GetBoolean().ToString()], [supported.ToString()]);
        Same("errors of supportsModelV2", [golden.GetProperty("supports_errors").GetRawText()], [parser.NbErrors.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Same(
            "subgraphs",
            golden.GetProperty("subgraphs").EnumerateArray().Select(one => $"{one[0].GetBoolean()} {string.Join(", ", Nodes(one[1]))}"),
            Enumerable.Range(0, (int)parser.NbSubgraphs).Select(i => $"{parser.IsSubgraphSupported(i)} {string.Join(", ", parser.GetSubgraphNodes(i))}"));
    }

    /// <summary>Node numbers, which the golden shortens to <c>first..last</c> in places.</summary>
    private static IEnumerable<long> Nodes(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            return json.EnumerateArray().Select(node => node.GetInt64());
        }

        string[] ends = json.GetString()!.Split("..");
        long first = long.Parse(ends[0], System.Globalization.CultureInfo.InvariantCulture);
        return Enumerable.Range(0, (int)(long.Parse(ends[1], System.Globalization.CultureInfo.InvariantCulture) - first) + 1).Select(offset => first + offset);
    }

    /// <summary>The goldens write <c>&lt;path&gt;</c> for the folder of the file, and nothing for a folder given as a file.</summary>
    private string WithoutPlace(string text) => Directory.Exists(path)
        ? text.Replace(path, string.Empty, StringComparison.Ordinal)
        : text.Replace(Path.GetDirectoryName(path)!, "<path>", StringComparison.Ordinal);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private void Same(string what, IEnumerable<string> expected, IEnumerable<string> actual)
    {
        string[] golden = [.. expected];
        string[] ours = [.. actual.Select(WithoutPlace)];
        if (!golden.SequenceEqual(ours))
        {
            differences.Add($"{Path.GetFileName(path)}: {what}{Environment.NewLine}  golden only: {string.Join(" | ", golden.Except(ours))}{Environment.NewLine}  ours only: {string.Join(" | ", ours.Except(golden))}");
        }
    }
}
