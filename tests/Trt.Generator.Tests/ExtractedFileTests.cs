using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>The model files as files: size, shape, and that reading and writing lose nothing.</summary>
public sealed class ExtractedFileTests
{
    [Fact]
    public void TogetherTheyAreUnderEightMegabytes() =>
        Assert.InRange(Directory.EnumerateFiles(ExtractedModels.Folder, "*.json").Sum(path => new FileInfo(path).Length), 1, 8_000_000 - 1);

    [Fact]
    public void ReadingAndWritingGivesTheSameBytes()
    {
        foreach (string path in Directory.EnumerateFiles(ExtractedModels.Folder, "*.json"))
        {
            ApiModel model = ApiModelReader.Load(path);
            Assert.Equal(Path.GetFileName(path), model.FileName);
            Assert.Equal(File.ReadAllText(path), ApiModelWriter.Write(model));
        }
    }

    [Fact]
    public void OneMethodPerLine()
    {
        ApiModel model = ExtractedModels.TensorRt("10.16");
        string[] lines = File.ReadAllLines(Path.Combine(ExtractedModels.Folder, model.FileName));
        Assert.Equal(model.Classes.Sum(item => item.Methods.Count),
            lines.Count(line => line.StartsWith("{\"name\":", StringComparison.Ordinal) && line.Contains("\"returns\":", StringComparison.Ordinal)));
    }

    [Fact]
    public void LeftOutHeadersAreNoted()
    {
        Assert.Contains(ExtractedModels.TensorRt("8.6.1").Notes, note => note.StartsWith("NvInferSafeRuntime.h", StringComparison.Ordinal));
        Assert.Contains(ExtractedModels.TensorRt("10.4").Notes, note => note.StartsWith("NvInferConsistency.h", StringComparison.Ordinal));
        Assert.DoesNotContain(ExtractedModels.TensorRt("10.5").Notes, note => note.StartsWith("NvInferConsistency.h", StringComparison.Ordinal));
        Assert.Contains(ExtractedModels.TensorRt("10.16").Notes, note => note.StartsWith("impl/NvInferPythonPlugin.h", StringComparison.Ordinal));
    }

    [Fact]
    public void ABrokenFileIsNamed()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "broken.json");
        File.WriteAllText(path, "{ \"library\": \"tensorrt\" }");
        Assert.Contains(path, Assert.Throws<ModelFormatException>(() => ApiModelReader.Load(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Slots that ONNX Runtime's own source asserts never to change.</summary>
    [Theory]
    [InlineData("OrtApiBase", "GetApi", 0)]
    [InlineData("OrtApi", "CreateStatus", 0)]
    [InlineData("OrtApi", "ReleaseCustomOpDomain", 101)]
    [InlineData("OrtApi", "ReleaseModelMetadata", 118)]
    [InlineData("OrtApi", "AddFreeDimensionOverrideByName", 124)]
    [InlineData("OrtApi", "ReleaseAvailableProviders", 126)]
    [InlineData("OrtApi", "SetGlobalSpinControl", 149)]
    [InlineData("OrtApi", "ReleaseArenaCfg", 157)]
    [InlineData("OrtApi", "GetCurrentGpuDeviceId", 161)]
    [InlineData("OrtApi", "CreateSessionFromArrayWithPrepackedWeightsContainer", 169)]
    [InlineData("OrtCompileApi", "CompileModel", 8)]
    [InlineData("OrtModelEditorApi", "FinalizeModelEditorSession", 19)]
    public void OnnxRuntimeSlots(string table, string function, int slot)
    {
        TableModel item = ExtractedModels.Load("onnxruntime-1.29").Tables.Single(candidate => candidate.Name == table);
        Assert.Equal(slot, item.Functions.Single(candidate => candidate.Name == function).Slot);
        Assert.Equal(Enumerable.Range(0, item.Functions.Count), item.Functions.Select(candidate => candidate.Slot));
        Assert.Equal(item.Functions.Count * 8, item.Size);
    }

    [Fact]
    public void OnnxRuntimeSignatures()
    {
        ApiModel model = ExtractedModels.Load("onnxruntime-1.29");
        Assert.Equal(29, model.ApiVersion);
        TableFunctionModel create = model.Tables.Single(item => item.Name == "OrtApi").Functions.Single(item => item.Name == "CreateSession");
        Assert.Equal("OrtStatusPtr", create.Returns);
        Assert.Equal(
            [new ParameterModel("env", "OrtEnv const*"), new("model_path", "ORTCHAR_T const*"), new("options", "OrtSessionOptions const*"), new("out", "OrtSession**")],
            create.Parameters);
        Assert.Equal("OrtStatus*", model.Aliases["OrtStatusPtr"]);
    }
}
