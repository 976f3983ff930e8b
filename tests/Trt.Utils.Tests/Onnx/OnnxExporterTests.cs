using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public sealed class OnnxExporterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-onnx-").FullName;

    public OnnxExporterTests() => CpuRuntime.Register();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void DefaultsAreThoseOfPyTorch()
    {
        string path = Path.Combine(folder, "lenet.onnx");
        OnnxExporter.FromWeights(ModelFiles.Find("lenet.pth"), path);
        using OnnxModel model = OnnxModel.Load(path);
        Assert.Equal("input: Float [batch, 1, 28, 28]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("output", Assert.Single(model.Outputs).Name);
        Assert.Equal([10L], Assert.Single(model.Outputs).Dims.Skip(1));
        Assert.Equal([new KeyValuePair<string, long>("", 11)], model.Opsets);
        Assert.Equal(6, model.IrVersion);
        using TorchStateDict checkpoint = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        Assert.Equal(checkpoint["conv1.weight"].ToArray<float>(), model.GetInitializer("conv1.weight").ToArray<float>());
        Assert.Single(Directory.GetFiles(folder));
        AssertLeNet(model, []);
    }

    [SkippableTheory]
    [InlineData("unet", "image", "logits", 11)]
    [InlineData("unet", "image", "logits", 17)]
    [InlineData("encoder", "tokens", "logits", 11)]
    [InlineData("encoder", "tokens", "logits", 17)]
    [InlineData("encoder", "tokens", "logits", 21)]
    [InlineData("shapes_retinanet", "a_input_1", "a_score_3", 11)]
    public void ModelBuildersGiveTheGoldensInEveryOperatorSet(string name, string input, string output, int opset)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip($"{name}_golden.npz"));
        string path = Path.Combine(folder, "m.onnx");
        OnnxExporter.FromWeights(ModelFiles.FindOrSkip($"{name}.pth"), path, new OnnxExportOptions { OpsetVersion = opset });
        using IOnnxSession session = TensorRt.OpenOnnx(path);
        NpzArray values = golden[input];
        long[] dims = [.. values.Shape.Select(extent => (long)extent)];
        dims = dims.Length == 3 ? [1, .. dims] : dims;
        OnnxTensor tensor = session.Inputs[0].ElementType switch
        {
            OnnxElementType.Float => OnnxTensor.From(values.ToArray<float>(), dims),
            OnnxElementType.Int64 => OnnxTensor.From(values.ToArray<long>(), dims),
            _ => OnnxTensor.From(Array.ConvertAll(values.ToArray<long>(), value => (int)value), dims),
        };
        string wanted = session.Outputs.Count == 1 ? session.Outputs[0].Name : output[2..];
        float[] actual = session.Run(new Dictionary<string, OnnxTensor> { [session.Inputs[0].Name] = tensor })[wanted].ToArray<float>();
        Assert.True(actual.Zip(golden[output].ToArray<float>(), (a, b) => Math.Abs(a - b)).Max() < 1e-4);
    }

    [Fact]
    public void ShapesNamesAndSymbolsAreTheCallers()
    {
        string path = Path.Combine(folder, "lenet.onnx");
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        OnnxExporter.FromWeights(new LeNet(), weights, path, new OnnxExportOptions { InputShapes = [[5, 1, 28, 28]], InputNames = ["pixels"], OutputNames = ["conv1_output"], OpsetVersion = 17 });
        using (OnnxModel fixedBatch = OnnxModel.Load(path))
        {
            Assert.Equal("pixels: Float [5, 1, 28, 28]", fixedBatch.Inputs[0].ToString());
            Assert.Equal("conv1_output: Float [5, 10]", fixedBatch.Outputs[0].ToString()); // a name that a tensor between had
        }

        OnnxExporter.FromWeights(new LeNet(), weights, path, new OnnxExportOptions { InputShapes = [["pictures", 1, 28, 28]] });
        using OnnxModel dynamic = OnnxModel.Load(path);
        Assert.Equal("input: Float [pictures, 1, 28, 28]", dynamic.Inputs[0].ToString());
        AssertLeNet(dynamic, []);
    }

    [Fact]
    public void WeightsCanStayOutside()
    {
        string path = Path.Combine(folder, "lenet.onnx");
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        OnnxExporter.FromWeights(new LeNet(), weights, path, new OnnxExportOptions { ExportParams = false, DoConstantFolding = false });
        Assert.True(new FileInfo(path).Length < 20_000);
        using OnnxModel model = OnnxModel.Load(path);
        Assert.Contains("conv2.weight", model.Inputs.Select(input => input.Name));
        using OnnxModel whole = OnnxModel.Load(Whole(weights));
        AssertLeNet(model, model.Inputs.Skip(1).ToDictionary(input => input.Name, input => whole.GetInitializer(input.Name)));
    }

    /// <summary>NVIDIA's parser takes what was written.</summary>
    [SkippableFact]
    public void NvidiasParserAcceptsIt()
    {
        TensorRtLibrary rtx = RtxLibrary.Load();
        string path = Path.Combine(folder, "m.onnx");
        foreach (string name in (string[])["lenet.pth", "unet.pth"])
        {
            OnnxExporter.FromWeights(ModelFiles.Find(name), path);
            CollectingLogger log = new();
            using IBuilder builder = rtx.CreateInferBuilder(log);
            using INetworkDefinition network = builder.CreateNetworkV2([]);
            using IParser parser = rtx.CreateParser(network, log);
            parser.ParseFromFile(path, (int)Severity.Warning);
            Assert.Equal(("input", "output"), (network.GetInput(0).Name, network.GetOutput(0).Name));
            Assert.Equal(-1, network.GetInput(0).Dimensions[0]);
        }
    }

    [Fact]
    public void NamesAndShapesThatDoNotFitAreRefused()
    {
        string path = Path.Combine(folder, "m.onnx");
        string lenet = ModelFiles.Find("lenet.pth");
        Assert.Contains("data", Assert.Throws<ArgumentException>(() => OnnxExporter.FromWeights(lenet, path, new OnnxExportOptions { InputNames = ["a", "b"] })).Message, StringComparison.Ordinal);
        Assert.Contains("prob", Assert.Throws<ArgumentException>(() => OnnxExporter.FromWeights(lenet, path, new OnnxExportOptions { OutputNames = ["a", "b"] })).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => OnnxExporter.FromWeights(lenet, path, new OnnxExportOptions { InputShapes = [[1, 1, 28]] }));
        Assert.Throws<NotSupportedException>(() => OnnxExporter.FromWeights(lenet, path, new OnnxExportOptions { OpsetVersion = 9 }));
        Assert.Throws<NotSupportedException>(() => OnnxExporter.FromWeights(ModelFiles.Find("mixed.pth"), path));
        Assert.Empty(Directory.GetFiles(folder));
    }

    private string Whole(WeightsMap weights)
    {
        string path = Path.Combine(folder, "whole.onnx");
        OnnxExporter.FromWeights(new LeNet(), weights, path, new OnnxExportOptions { DoConstantFolding = false });
        return path;
    }

    private static void AssertLeNet(OnnxModel model, Dictionary<string, OnnxTensor> weights)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using IOnnxSession session = TensorRt.OpenOnnx(model.ToArray());
        Dictionary<string, OnnxTensor> inputs = new(weights) { ["input"] = OnnxTensor.From(golden["data"].ToArray<float>(), 200, 1, 28, 28) };
        float[] actual = session.Run(inputs)["output"].ToArray<float>();
        Assert.True(actual.Zip(golden["prob"].ToArray<float>(), (a, b) => Math.Abs(a - b)).Max() < 1e-4);
    }
}
