using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>Struct layouts, enumerators, exported functions and interface versions.</summary>
public sealed class ExtractedValueTests
{
    [Theory]
    [InlineData("10.16", "Dims64", 72, 8, "nbDims@0 d@8")]
    [InlineData("10.16", "Weights", 24, 8, "type@0 values@8 count@16")]
    [InlineData("10.16", "Permutation", 32, 4, "order@0")]
    [InlineData("10.16", "InterfaceInfo", 16, 8, "kind@0 major@8 minor@12")]
    [InlineData("10.16", "PluginField", 24, 8, "name@0 data@8 type@16 length@20")]
    [InlineData("10.16", "PluginFieldCollection", 16, 8, "nbFields@0 fields@8")]
    [InlineData("10.16", "PluginTensorDesc", 88, 8, "dims@0 type@72 format@76 scale@80")]
    [InlineData("10.16", "DynamicPluginTensorDesc", 304, 8, "desc@0 min@88 max@160 opt@232")]
    [InlineData("10.16", "DimsExprs", 72, 8, "nbDims@0 d@8")]
    [InlineData("10.16", "TimingCacheKey", 16, 1, "data@0")]
    [InlineData("10.16", "TimingCacheValue", 16, 8, "tacticHash@0 timingMSec@8")]
    [InlineData("8.6.1", "Dims32", 36, 4, "nbDims@0 d@4")]
    [InlineData("8.6.1", "PluginTensorDesc", 48, 4, "dims@0 type@36 format@40 scale@44")]
    [InlineData("8.6.1", "DynamicPluginTensorDesc", 120, 4, "desc@0 min@48 max@84")]
    public void StructLayouts(string release, string name, int size, int align, string fields)
    {
        StructModel item = ExtractedModels.TensorRt(release).Struct(name);
        Assert.Equal((size, align), (item.Size, item.Align));
        Assert.Equal(fields, string.Join(' ', item.Fields.Select(field => $"{field.Name}@{field.Offset}")));
    }

    [Theory]
    [InlineData("IBuilder", 16, "mImpl@8")]
    [InlineData("ILayer", 16, "mLayer@8")]
    [InlineData("IConvolutionLayer", 24, "mImpl@16")]
    [InlineData("ILoopBoundaryLayer", 24, "mBoundary@16")]
    [InlineData("IRecurrenceLayer", 32, "mImpl@24")]
    [InlineData("IErrorRecorder", 8, "")]
    public void ObjectLayouts(string name, int size, string fields)
    {
        foreach (string release in new[] { "8.6.1", "10.0.1", "10.16", "11.1" })
        {
            ClassModel item = ExtractedModels.TensorRt(release).Class(name);
            Assert.Equal((size, fields), (item.Size, string.Join(' ', item.Fields.Select(field => $"{field.Name}@{field.Offset}"))));
        }
    }

    [Theory]
    [InlineData("BuilderFlag", "kFP16", 0, -1)]
    [InlineData("BuilderFlag", "kDEBUG", 2, 2)]
    [InlineData("BuilderFlag", "kDIRECT_IO", 11, 11)]
    [InlineData("BuilderFlag", "kVERSION_COMPATIBLE", 13, 12)]
    [InlineData("BuilderFlag", "kSTRIP_PLAN", 19, 18)]
    [InlineData("BuilderFlag", "kWEIGHTLESS", 19, -1)]
    [InlineData("BuilderFlag", "kDISTRIBUTIVE_INDEPENDENCE", 28, 27)]
    [InlineData("NetworkDefinitionCreationFlag", "kEXPLICIT_BATCH", 0, -1)]
    [InlineData("NetworkDefinitionCreationFlag", "kSTRONGLY_TYPED", 1, 0)]
    [InlineData("PreviewFeature", "kRUNTIME_ACTIVATION_RESIZE_10_10", 2, 1)]
    [InlineData("TacticSource", "kJIT_CONVOLUTIONS", 4, 1)]
    [InlineData("TacticSource", "kCUDNN", 2, -1)]
    [InlineData("LayerType", "kPLUGIN", 10, 10)]
    public void ElevenRenumbers(string type, string member, int ten, int eleven)
    {
        Assert.Equal(ten, ExtractedModels.TensorRt("10.16").Value("nvinfer1::" + type, member));
        ApiModel newer = ExtractedModels.TensorRt("11.0");
        Assert.Equal(eleven >= 0, newer.HasMember("nvinfer1::" + type, member));
        if (eleven >= 0)
        {
            Assert.Equal(eleven, newer.Value("nvinfer1::" + type, member));
        }
    }

    [Theory]
    [InlineData("nvinfer1::LayerType", "kFULLY_CONNECTED", 1)]
    [InlineData("nvinfer1::LayerType", "kCAST", 47)]
    [InlineData("nvinfer1::BuilderFlag", "kREFIT", 5)]
    [InlineData("nvinfer1::BuilderFlag", "kVERSION_COMPATIBLE", 15)]
    [InlineData("nvinfer1::BuilderFlag", "kFP8", 17)]
    [InlineData("nvinfer1::NetworkDefinitionCreationFlag", "kEXPLICIT_PRECISION", 1)]
    [InlineData("nvinfer1::PreviewFeature", "kPROFILE_SHARING_0806", 2)]
    public void EightHasItsOwnNumbers(string type, string member, int value) => Assert.Equal(value, ExtractedModels.TensorRt("8.6.1").Value(type, member));

    [Fact]
    public void RtxAddsUserAllocation()
    {
        Assert.Equal(28, ExtractedModels.Rtx("1.6").Value("nvinfer1::BuilderFlag", "kREQUIRE_USER_ALLOCATION"));
        Assert.Equal(1, ExtractedModels.Rtx("1.4").Value("nvinfer1::NetworkDefinitionCreationFlag", "kSTRONGLY_TYPED"));
        Assert.Equal(0, ExtractedModels.Rtx("1.5").Value("nvinfer1::NetworkDefinitionCreationFlag", "kSTRONGLY_TYPED"));
    }

    /// <summary>Values of 10.x never change: members are only added.</summary>
    [Fact]
    public void TenNeverRenumbers()
    {
        ApiModel newest = ExtractedModels.TensorRt("10.16");
        foreach (string release in ExtractedModels.TensorRtReleases.Where(name => name.StartsWith("10.", StringComparison.Ordinal)))
        {
            foreach (EnumModel item in ExtractedModels.TensorRt(release).Enums)
            {
                EnumModel now = newest.Enum(item.Name);
                Assert.Equal(item.Type, now.Type);
                Assert.Empty(item.Members.Except(now.Members));
            }
        }
    }

    [Fact]
    public void UnderlyingTypes()
    {
        foreach (EnumModel item in ExtractedModels.TensorRt("10.16").Enums)
        {
            Assert.Equal(item.Name == "nvinfer1::PluginVersion" ? "uint8_t" : "int32_t", item.Type);
        }
    }

    [Theory]
    [InlineData("10.16", "IErrorRecorder", "IErrorRecorder", 1, 0)]
    [InlineData("10.16", "IGpuAsyncAllocator", "IGpuAllocator", 1, 0)]
    [InlineData("10.16", "IPluginV3", "PLUGIN", 1, 0)]
    [InlineData("10.16", "IPluginV3OneBuild", "PLUGIN_V3ONE_BUILD", 1, 0)]
    [InlineData("10.16", "v_2_0::IPluginV3OneBuild", "PLUGIN_V3ONE_BUILD", 2, 0)]
    [InlineData("10.16", "IPluginCreatorV3One", "PLUGIN CREATOR_V3ONE", 1, 0)]
    [InlineData("11.1", "ILogger", "ILogger", 1, 0)]
    public void InterfaceVersions(string release, string type, string kind, int major, int minor) =>
        Assert.Equal(new InterfaceInfoModel(kind, major, minor), ExtractedModels.TensorRt(release).Class(type).InterfaceInfo);

    [Theory]
    [InlineData("IGpuAllocator", "allocateAsync", "calls:allocate")]
    [InlineData("IGpuAllocator", "reallocate", "nullptr")]
    [InlineData("IPluginV3OneBuild", "getFormatCombinationLimit", "100")]
    [InlineData("IPluginV3OneBuild", "getTimingCacheID", "nullptr")]
    [InlineData("v_2_0::IPluginV3OneBuild", "getAliasedInput", "-1")]
    [InlineData("IPluginV3OneRuntime", "setTactic", "0")]
    public void DefaultBodies(string type, string method, string body) =>
        Assert.Equal(body, ExtractedModels.TensorRt("10.16").Class(type).Methods.Single(item => item.Name == method).Default);

    [Fact]
    public void ExportedFunctions()
    {
        Assert.Equal(
            [
                "nvinfer createInferBuilder_INTERNAL", "nvinfer createInferRefitter_INTERNAL", "nvinfer createInferRuntime_INTERNAL", "nvinfer getBuilderPluginRegistry",
                "nvinfer getBuilderSafePluginRegistry", "nvinfer getInferLibBuildVersion", "nvinfer getInferLibMajorVersion", "nvinfer getInferLibMinorVersion",
                "nvinfer getInferLibPatchVersion", "nvinfer getInferLibVersion", "nvinfer getLogger", "nvinfer getPluginRegistry", "nvinfer setInternalLibraryPath",
                "nvinfer_plugin initLibNvInferPlugins", "nvonnxparser createNvOnnxParserRefitter_INTERNAL", "nvonnxparser createNvOnnxParser_INTERNAL",
                "nvonnxparser getNvOnnxParserVersion",
            ],
            ExtractedModels.TensorRt("10.16").Functions.Where(item => item.Library != "plugin").Select(item => $"{item.Library} {item.Name}").Order(StringComparer.Ordinal));
        Assert.Contains(ExtractedModels.TensorRt("8.6.1").Functions, item => item is { Library: "nvparsers", Name: "createNvCaffeParser_INTERNAL" });
    }

    [Fact]
    public void OneMethodIsLeftOut()
    {
        Assert.Equal("nvonnxparser::IParser::supportsModel", string.Join(' ', Skipped(ExtractedModels.TensorRt("10.16"))));
        Assert.Empty(Skipped(ExtractedModels.TensorRt("11.1")));

        static IEnumerable<string> Skipped(ApiModel model) => model.Classes.SelectMany(type => type.Methods.Where(item => item.Skip is not null).Select(item => $"{type.Name}::{item.Name}"));
    }

    [Fact]
    public void SignaturesThatDifferBetweenReleases()
    {
        MethodModel eight = ExtractedModels.TensorRt("8.6.1").Implementation("VNetworkDefinition").Methods.Single(item => item.Name == "addInput");
        MethodModel ten = ExtractedModels.TensorRt("10.16").Implementation("VNetworkDefinition").Methods.Single(item => item.Name == "addInput");
        Assert.Equal(["char const*", "nvinfer1::DataType", "nvinfer1::Dims"], eight.Parameters.Select(item => item.Type));
        Assert.Equal(["char const*", "nvinfer1::DataType", "nvinfer1::Dims const&"], ten.Parameters.Select(item => item.Type));
        Assert.Equal("nvinfer1::Permutation const&", ExtractedModels.TensorRt("10.16").Implementation("VShuffleLayer").Methods.Single(item => item.Name == "getFirstTranspose").Returns);
        Assert.Equal("nvinfer1::Permutation", ExtractedModels.TensorRt("10.16").Class("IShuffleLayer").Methods.Single(item => item.Name == "getFirstTranspose").Returns);
        Assert.Equal("nvinfer1::Dims32", ExtractedModels.TensorRt("8.6.1").Aliases["nvinfer1::Dims"]);
        Assert.Equal("nvinfer1::Dims64", ExtractedModels.TensorRt("10.16").Aliases["nvinfer1::Dims"]);
    }
}
