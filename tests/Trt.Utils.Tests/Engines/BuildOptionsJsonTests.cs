using System.Reflection;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Options as JSON: without defaults, in a fixed order, and the same when read again.</summary>
public sealed class BuildOptionsJsonTests
{
    [Fact]
    public void Defaults_are_an_empty_object()
    {
        Assert.Equal("{}", new BuildOptions().ToJson());
        Assert.Equal("{}", BuildOptions.FromJson("{}").ToJson());
        Assert.Equal("{}", (new BuildOptions { Precision = Precision.FP16 } with { Precision = Precision.FP32 }).ToJson());
    }

    [Fact]
    public void Order_of_entries_does_not_matter()
    {
        BuildOptions one = new() { MemoryPools = new Dictionary<MemoryPoolType, long> { [MemoryPoolType.TacticDRAM] = 1, [MemoryPoolType.DLALocalDRAM] = 2 } };
        BuildOptions other = new() { MemoryPools = new Dictionary<MemoryPoolType, long> { [MemoryPoolType.DLALocalDRAM] = 2, [MemoryPoolType.TacticDRAM] = 1 } };

        Assert.Equal(one.ToJson(), other.ToJson());
    }

    [Fact]
    public void Every_option_comes_back()
    {
        BuildOptions all = new()
        {
            Precision = Precision.FP16 | Precision.Int8, TF32 = false, StronglyTyped = false, PrecisionConstraints = PrecisionConstraints.Obey,
            LayerPrecisions = [new("a*", DataType.Half)], LayerOutputTypes = [new("b", DataType.Half, DataType.Float)], ArbitraryInt8Ranges = true, CalibrationCache = "c",
            CalibrationShapes = new() { ["x"] = new(1, 2) }, CalibrationProfile = 1, QuantizationFlags = [QuantizationFlag.CalibrateBeforeFusion],
            Profiles = [new() { ["x"] = new([1], [2], [3]), ExtraMemoryTarget = 0.5f }, new()], DynamicExtents = new(1, 2, 3),
            NamedExtents = new Dictionary<string, ExtentRange> { ["batch"] = 4 }, InputFormats = new Dictionary<string, IOFormat> { ["x"] = new(DataType.Half, TensorFormat.CHW4) },
            OutputFormats = new Dictionary<string, IOFormat> { ["*"] = new(null) }, MarkOutputs = ["m"], UnmarkOutputs = ["u"], DebugTensors = ["d"], UnfusedDebugTensors = true,
            DecomposableAttentions = ["att*"], NetworkFlags = [NetworkDefinitionCreationFlag.PreferAOTPythonPlugins],
            ParserFlags = new Dictionary<Interop.NvOnnxParser.OnnxParserFlag, bool> { [Interop.NvOnnxParser.OnnxParserFlag.AdjustForDLA] = true }, CacheKey = "k",
            Workspace = 1, MemoryPools = new Dictionary<MemoryPoolType, long> { [MemoryPoolType.TacticDRAM] = 2 }, OptimizationLevel = 0, AvgTimingIterations = 2, MaxTactics = 3,
            Tiling = TilingOptimizationLevel.Fast, L2LimitForTiling = 4, TacticSources = new Dictionary<TacticSource, bool> { [TacticSource.CUDNN] = false }, Sparsity = Sparsity.Enable,
            PreviewFeatures = new Dictionary<PreviewFeature, bool> { [PreviewFeature.AliasedPluginIO1003] = true }, MaxAuxStreams = 0, MaxThreads = 5, TimingCache = "t", NoTimingCache = true,
            ErrorOnTimingCacheMiss = true, NoCompilationCache = true, EditableTimingCache = true, Refit = RefitKind.Individual, RefittableWeights = ["w"], StripPlan = true, WeightStreaming = true,
            VersionCompatible = true, ExcludeLeanRuntime = true, HardwareCompatibility = HardwareCompatibilityLevel.AmperePlus, RuntimePlatform = RuntimePlatform.WindowsAmd64,
            ComputeCapabilities = [ComputeCapability.SM86], EngineCapability = EngineCapability.DLAStandalone, SafetyScope = true, ProfilingVerbosity = ProfilingVerbosity.Detailed, DirectIO = true,
            StrictNans = true, DistributiveIndependence = true, MonitorMemory = true, Device = 1, DLACore = 0, GpuFallback = true, LayerDevices = [new("c", DeviceType.DLA)], NvInferPlugins = false,
            PluginLibraries = ["p"], DynamicPlugins = ["q"], PluginsToSerialize = ["r"], IgnoreParserPluginLibraries = true, Flags = new Dictionary<string, bool> { ["kDEBUG"] = true },
            RemoteAutoTuning = "ssh://h", BuildRoute = "b", KernelText = true, ReadBack = false,
        };

        string json = all.ToJson();

        // Every property but hooks and calibration is in it, so that none can be forgotten here.
        foreach (PropertyInfo property in typeof(BuildOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetCustomAttribute<System.Text.Json.Serialization.JsonIgnoreAttribute>() is null))
        {
            Assert.Contains($"\"{System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name)}\": ", json, StringComparison.Ordinal);
        }

        Assert.Equal(json, BuildOptions.FromJson(json).ToJson());
    }

    [Theory]
    [InlineData("", "no build options")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("{\"precison\":\"FP16\"}", "precison")]
    [InlineData("{\"precision\":\"FP17\"}", "precision")]
    [InlineData("{\"profiles\":[{\"x\":1}]}", "inputs")]
    [InlineData("{\"profiles\":[{\"inputs\":{\"x\":{\"min\":[1],\"opt\":[1]}}}]}", "max")]
    [InlineData("{\"profiles\":[{\"inputs\":{\"x\":{\"min\":[3],\"opt\":[2],\"max\":[4]}}}]}", "min <= opt <= max")]
    [InlineData("{\"optimizationLevel\":\"high\"}", "optimizationLevel")]
    public void What_is_wrong_in_the_text_is_told(string json, string words)
    {
        FormatException exception = Assert.Throws<FormatException>(() => BuildOptions.FromJson(json));

        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }
}
