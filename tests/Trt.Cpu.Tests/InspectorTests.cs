using System.Text.Json;
using Trt.Cpu.Tests.Calibration;
using Trt.Interop;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>The engine inspector against what TensorRT 8.6.0 told of the same network.</summary>
public class InspectorTests
{
    [Fact]
    public void TellsLayersThatNvidiaDidNotFuseInItsShape()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, ProfilingVerbosity.Detailed));
        using IEngineInspector inspector = engine.CreateEngineInspector();
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Checkout.Path("tests", "goldens", "lenet_inspector.json")));
        using JsonDocument theirs = JsonDocument.Parse(golden.RootElement.GetProperty("engine").GetString()!.Replace("\u001e", "\\u001e", StringComparison.Ordinal));
        using JsonDocument ours = JsonDocument.Parse(inspector.GetEngineInformation(LayerInformationFormat.JSON));
        Assert.Equal(theirs.RootElement.GetProperty("Bindings").EnumerateArray().Select(name => name.GetString()), ours.RootElement.GetProperty("Bindings").EnumerateArray().Select(name => name.GetString()));
        Dictionary<string, JsonElement> mine = ours.RootElement.GetProperty("Layers").EnumerateArray().ToDictionary(layer => layer.GetProperty("Name").GetString()!);
        Assert.Equal(engine.NbLayers, mine.Count);
        int compared = 0;
        foreach (JsonElement layer in theirs.RootElement.GetProperty("Layers").EnumerateArray())
        {
            if (!mine.TryGetValue(layer.GetProperty("Name").GetString()!, out JsonElement own)
                || !own.TryGetProperty("ParameterType", out JsonElement kind) || kind.GetString() != layer.GetProperty("ParameterType").GetString())
            {
                continue; // NVIDIA fused it, and may call the whole as its last layer was called.
            }

            compared++;
            foreach (JsonProperty property in own.EnumerateObject().Where(property => property.Name is not ("LayerType" or "TacticValue")))
            {
                Assert.Equal(Canonical(layer.GetProperty(property.Name)), Canonical(property.Value));
            }
        }

        Assert.Equal(4, compared);
    }

    [Fact]
    public void LayoutOfTheTextIsNvidias()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, ProfilingVerbosity.Detailed));
        using IEngineInspector inspector = engine.CreateEngineInspector();
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Checkout.Path("tests", "goldens", "lenet_inspector.json")));
        string[] theirs = golden.RootElement.GetProperty("layers")[0].GetString()!.Split('\n');
        string[] ours = inspector.GetLayerInformation(0, LayerInformationFormat.JSON).Split('\n');

        // Up to the number of groups the layers have the same fields; kernels and tactics of a GPU come after them.
        int groups = Array.FindIndex(theirs, line => line.Contains("Groups", StringComparison.Ordinal));
        Assert.Equal(theirs[..(groups + 1)].Where(line => !line.Contains("LayerType", StringComparison.Ordinal)), ours[..(groups + 1)].Where(line => !line.Contains("LayerType", StringComparison.Ordinal)));
        Assert.Equal(theirs[^3..], ours[^3..]);
        string text = File.ReadAllText(Checkout.Path("tests", "goldens", "lenet_inspector.txt"));
        string line = inspector.GetLayerInformation(1, LayerInformationFormat.Oneline);
        string start = line[..line.IndexOf("ParameterType", StringComparison.Ordinal)].Replace("LayerType: Pooling", "LayerType: CaskPooling", StringComparison.Ordinal);
        Assert.Contains(start, text, StringComparison.Ordinal);
        string all = inspector.GetEngineInformation(LayerInformationFormat.Oneline);
        Assert.StartsWith("Layers:\nName: /conv1/Conv, LayerType: ", all, StringComparison.Ordinal);
        Assert.EndsWith("\n\nBindings:\ndata\nprob\n", all, StringComparison.Ordinal);
        Assert.Empty(test.Log.Errors);
    }

    [Fact]
    public void AContextGivesItsShapes()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, ProfilingVerbosity.Detailed));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IEngineInspector inspector = engine.CreateEngineInspector();
        Assert.Null(inspector.ExecutionContext);
        inspector.ExecutionContext = context;
        Assert.Same(context, inspector.ExecutionContext);
        Assert.Contains("\"Dimensions\": [-1,20,24,24]", inspector.GetLayerInformation(0, LayerInformationFormat.JSON), StringComparison.Ordinal);
        context.SetInputShape("data", [7, 1, 28, 28]);
        string text = inspector.GetLayerInformation(0, LayerInformationFormat.JSON);
        Assert.Contains("\"Dimensions\": [7,20,24,24],\n    \"Format/Datatype\": \"Row major linear FP32\"", text, StringComparison.Ordinal);
        using ICudaEngine other = test.Load(Plan(test, ProfilingVerbosity.Detailed));
        using IExecutionContext foreign = other.CreateExecutionContext();
        Assert.Throws<TensorRtException>(() => inspector.ExecutionContext = foreign);
        inspector.ExecutionContext = null;
        Assert.Contains("\"Dimensions\": [-1,20,24,24]", inspector.GetLayerInformation(0, LayerInformationFormat.JSON), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProfilingVerbosity.LayerNamesOnly, "/conv1/Conv", "\"/conv1/Conv\"")]
    [InlineData(ProfilingVerbosity.None, "", "")]
    public void VerbosityDecidesWhatIsKept(ProfilingVerbosity verbosity, string line, string json)
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, verbosity));
        using IEngineInspector inspector = engine.CreateEngineInspector();
        Assert.Equal(line, inspector.GetLayerInformation(0, LayerInformationFormat.Oneline));
        Assert.Equal(json, inspector.GetLayerInformation(0, LayerInformationFormat.JSON));
        using JsonDocument all = JsonDocument.Parse(inspector.GetEngineInformation(LayerInformationFormat.JSON));
        Assert.Equal(verbosity == ProfilingVerbosity.None ? 0 : engine.NbLayers, all.RootElement.GetProperty("Layers").GetArrayLength());
        Assert.Equal(2, all.RootElement.GetProperty("Bindings").GetArrayLength());
        Assert.Empty(test.Log.Errors);
        Assert.Empty(inspector.GetLayerInformation(engine.NbLayers, LayerInformationFormat.Oneline));
        Assert.Contains("IEngineInspector::getLayerInformation: Error Code 3", Assert.Single(test.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void StubAndProxyGiveTheSame()
    {
        using TestEngine test = new();
        byte[] plan = Plan(test, ProfilingVerbosity.Detailed);
        using ICudaEngine direct = test.Load(plan);
        using IEngineInspector first = direct.CreateEngineInspector();
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        using IRuntime runtime = library.CreateInferRuntime(test.Log);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan);
        using IEngineInspector second = engine.CreateEngineInspector();
        using IExecutionContext context = engine.CreateExecutionContext();
        Assert.Equal(first.GetEngineInformation(LayerInformationFormat.JSON), second.GetEngineInformation(LayerInformationFormat.JSON));
        second.ExecutionContext = context;
        context.SetInputShape("data", [3, 1, 28, 28]);
        Assert.Contains("[3,20,24,24]", second.GetLayerInformation(0, LayerInformationFormat.Oneline), StringComparison.Ordinal);
    }

    private static byte[] Plan(TestEngine test, ProfilingVerbosity verbosity) => OnnxLeNet.Plan(test, config => config.ProfilingVerbosity = verbosity, network =>
    {
        for (int i = 0; i < network.NbLayers; i++)
        {
            network.GetLayer(i).Metadata = network.GetLayer(i).Name.StartsWith('/') ? $"[ONNX Layer: {network.GetLayer(i).Name}]" : string.Empty;
        }
    });

    private static string Canonical(JsonElement element) => JsonSerializer.Serialize(element);
}
