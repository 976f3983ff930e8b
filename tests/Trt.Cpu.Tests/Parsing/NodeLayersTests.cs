using System.Text.Json;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Tests;
using Trt.Tests.Goldens;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>The layers that nodes become: the CPU runtime's parser defines them in TensorRT-RTX's own network, which says types and dimensions, as in the golden of NVIDIA's parser.</summary>
[Collection(RtxCollection.Name)]
public sealed class NodeLayersTests(ITestOutputHelper output)
{
    /// <summary>Ours differ on purpose where NVIDIA's ignore an attribute, and may where an operator is made of many.</summary>
    private const double Share = 0.9;

    private static readonly Lazy<JsonElement> Golden = new(() => GoldenFiles.ReadJson("parser_rtx-1.6.1_nogpu.json.gz").GetProperty("node_tests"));

    [SkippableFact]
    public void NodesBecomeTheGoldensLayers()
    {
        Skip.If(OnnxTestSuite.Folder is null, OnnxTestSuite.Missing);
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        HashSet<string> here = [.. OnnxTestSuite.Names];
        int same = 0;
        int all = 0;
        foreach (JsonElement golden in Golden.Value.EnumerateArray())
        {
            string name = golden.GetProperty("name").GetString()!;
            if (!golden.GetProperty("parse").GetBoolean() || !here.Contains(name))
            {
                continue;
            }

            all++;
            string wanted = string.Join(' ', golden.GetProperty("layers").EnumerateArray().Select(Text));
            string given = Layers(library, name);
            if (wanted == given)
            {
                same++;
            }
            else
            {
                output.WriteLine($"{name}:{Environment.NewLine}  {wanted}{Environment.NewLine}  {given}");
            }
        }

        output.WriteLine($"{same} of {all} are the same.");
        Assert.True(same >= Share * all, $"{same} of {all} node models become the layers of the golden.");
    }

    private static string Layers(TensorRtLibrary library, string name)
    {
        CollectingLogger log = new();
        using IBuilder builder = library.CreateInferBuilder(log);
        using INetworkDefinition network = builder.CreateNetworkV2(Mask.Create([NetworkDefinitionCreationFlag.StronglyTyped]));
        using IParser parser = CpuRuntime.Provider.CreateParser(network, log);
        try
        {
            parser.Parse(File.ReadAllBytes(OnnxTestSuite.Model(name)));
        }
        catch (TensorRtException error)
        {
            return $"refused: {error.Message.ReplaceLineEndings(" ")}";
        }

        return string.Join(' ', Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).Select(Text));
    }

    private static string Text(JsonElement layer) => CaseValues.Bare(layer[0].GetString()!)
        + string.Concat(layer[1].EnumerateArray().Select(tensor => tensor[0].ValueKind == JsonValueKind.Null ? "[?]" : $"[{string.Join(',', tensor[0].EnumerateArray().Select(extent => extent.GetInt64()))}]"));

    private static string Text(ILayer layer) => CaseValues.Bare(layer.Type.ToString())
        + string.Concat(Enumerable.Range(0, layer.NbOutputs).Select(layer.GetOutput).Select(tensor => tensor!.Dimensions is { NbDims: >= 0 } dims ? $"[{string.Join(',', dims)}]" : "[?]"));
}
