using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>What a release cannot do is refused by name before the build, in a sentence that says what to do.</summary>
[Collection(RtxCollection.Name)]
public sealed class BuildRefusalTests
{
    public static TheoryData<string, string> OfCpu => new()
    {
        { """{"buildRoute":"x"}""", "BuildRoute: IBuilderConfig.setBuildRoute is not in" },
        { """{"computeCapabilities":["SM86"]}""", "ComputeCapabilities: IBuilderConfig.setComputeCapability is not in" },
        { """{"dynamicPlugins":["/nowhere/p.so"]}""", "DynamicPlugins: IPluginRegistry.loadLibrary is not in" },
        { """{"dlaCore":0}""", "DLACore = 0: CPU runtime" },
        { """{"optimizationLevel":-1}""", "OptimizationLevel = -1: CPU runtime" },
        { """{"runtimePlatform":"WindowsAmd64"}""", "RuntimePlatform = WindowsAmd64: CPU runtime" },
        { """{"workspace":-5}""", "Workspace = -5: a size in bytes is 0 or more." },
        { """{"memoryPools":{"TacticDRAM":5000}}""", "MemoryPools: TacticDRAM = 5000: CPU runtime" },
        { """{"memoryPools":{"DLALocalDRAM":4096}}""", "MemoryPools: DLALocalDRAM = 4096: CPU runtime" },
        { """{"excludeLeanRuntime":true}""", "ExcludeLeanRuntime: only a version-compatible plan holds a lean runtime." },
        { """{"refittableWeights":["w"]}""", "RefittableWeights: they count with Refit = Individual only, but Refit is None." },
        { """{"flags":{"kNOSUCHFLAG":true}}""", "Flags: no release has a builder flag kNOSUCHFLAG." },
        { """{"flags":{"17":true}}""", "Flags: no release has a builder flag 17." },
        { """{"pluginLibraries":["/nowhere/p.so"]}""", "PluginLibraries: there is no file /nowhere/p.so." },
        { """{"device":99}""", "Device = 99: this machine has" },
        { """{"maxThreads":0}""", "MaxThreads = 0: CPU runtime" },
        { """{"layerDevices":[{"layers":"a*b*","device":"GPU"}]}""", "\"a*b*\" names no layers: a name has at most one * in it." },
        { """{"noTimingCache":true,"timingCache":"/nowhere/t"}""", "NoTimingCache: a TimingCache was named, too." },
        { """{"precision":"Int8"}""", "Precision.Int8: nothing says how to round to so few bits." },
        { """{"stronglyTyped":true,"layerPrecisions":[{"layers":"*","type":"Half"}]}""", "LayerPrecisions: * as Half: of a strongly typed network layers can be kept in Float only" },
        { """{"stronglyTyped":true,"layerOutputTypes":[{"layers":"*","types":["Half"]}]}""", "LayerOutputTypes: the network is strongly typed" },
        { """{"stronglyTyped":true,"precision":"Int8"}""", "Precision.Int8: nothing says how to round to so few bits." },
        { """{"stronglyTyped":true,"precision":"Int8, FP8"}""", "Precision = Int8, FP8: a strongly typed network is quantized to one of them." },
        { """{"precision":"Best, FP16"}""", "Precision = FP16, Best: Best chooses by itself." },
        { """{"stronglyTyped":true,"inputFormats":{"x":{"type":"Half","formats":[]}}}""", "InputFormats: \"x\" is Float in a strongly typed network and cannot be made Half." },
        { """{"inputFormats":{"z":{"type":null,"formats":["HWC8"]}}}""", "InputFormats: there is no \"z\"; there are \"x\"." },
        { """{"markOutputs":["hiden"]}""", "MarkOutputs: the network has no tensor \"hiden\"; it has \"hidden\"" },
        { """{"unmarkOutputs":["hidden"]}""", "UnmarkOutputs: the network has no output \"hidden\"; its outputs are \"y\"." },
        { """{"debugTensors":["z"]}""", "DebugTensors: the network has no tensor \"z\"" },
        { """{"refit":"Individual","refittableWeights":["nobody"]}""", "RefittableWeights: the network has no weights \"nobody\"." },
        { """{"calibrationProfile":3}""", "CalibrationProfile = 3: there are 1 profiles, counted from 0." },
        { """{"layerOutputTypes":[{"layers":"conv1","types":["Half","Half"]}]}""", "LayerOutputTypes: layer \"conv1\" has 1 outputs, but 2 types were given." },
    };

    public static TheoryData<string, string> OfRtx => new()
    {
        { """{"tiling":"Full","flags":{"kENABLE_TACTIC_HEURISTIC":true}}""", "Flags: kENABLE_TACTIC_HEURISTIC: BuilderFlag.kENABLE_TACTIC_HEURISTIC is not in TensorRT-RTX" },
        { """{"stronglyTyped":false}""", "StronglyTyped = no: TensorRT-RTX" },
        { """{"arbitraryInt8Ranges":true,"precision":"Int8"}""", "ArbitraryInt8Ranges: a strongly typed network has no ranges" },
        { """{"precision":"Int8"}""", "Precision.Int8: nothing says how to round to so few bits." },
        { """{"quantizationFlags":["CalibrateBeforeFusion"]}""", "QuantizationFlags: CalibrateBeforeFusion: QuantizationFlag.kCALIBRATE_BEFORE_FUSION is not in TensorRT-RTX" },
        { """{"tacticSources":{"CUDNN":true}}""", "TacticSources: CUDNN: TacticSource.kCUDNN is not in TensorRT-RTX" },
        { """{"previewFeatures":{"ProfileSharing0806":true}}""", "PreviewFeatures: ProfileSharing0806: PreviewFeature.kPROFILE_SHARING_0806 is not in TensorRT-RTX" },
        { """{"networkFlags":["PreferAOTPythonPlugins"]}""", "NetworkFlags: PreferAOTPythonPlugins: NetworkDefinitionCreationFlag.kPREFER_AOT_PYTHON_PLUGINS is not in TensorRT-RTX" },
        { """{"engineCapability":"SafeDLA"}""", "EngineCapability = SafeDLA: EngineCapability.kSAFE_DLA is not in TensorRT-RTX" },
        { """{"dlaCore":0}""", "DLACore = 0: TensorRT-RTX" },
        { """{"runtimePlatform":"WindowsAmd64"}""", "RuntimePlatform = WindowsAmd64: TensorRT-RTX 1.6.1.120 keeps SameAsBuild. IBuilderConfig::setRuntimePlatform: Error Code 3" },
    };

    [Theory]
    [MemberData(nameof(OfCpu))]
    public void On_the_cpu_runtime(string json, string sentence) => AssertRefused(EngineTestModels.Library(), BuildOptions.FromJson(json), sentence);

    [SkippableTheory]
    [MemberData(nameof(OfRtx))]
    public void On_TensorRT_RTX(string json, string sentence) =>
        AssertRefused(RtxLibrary.LoadGoldenRelease(), BuildOptions.FromJson(json) with { ComputeCapabilities = [ComputeCapability.SM86] }, sentence);

    [Fact]
    public void Every_refusal_is_told_at_once_with_the_releases_that_can()
    {
        BuildOptions options = new() { BuildRoute = "x", ComputeCapabilities = [ComputeCapability.SM86], ExcludeLeanRuntime = true };
        EngineBuilder builder = new(EngineTestModels.Library(), new CollectingLogger());

        BuildRefusedException exception = Assert.Throws<BuildRefusedException>(() => builder.Build(_ => Assert.Fail("nothing may be defined"), options));

        Assert.Equal(3, exception.Reasons.Count);
        Assert.Equal(exception.Reasons, builder.Check(options));
        Assert.Contains("Releases that have it: TensorRT 11.1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Releases that have it: TensorRT-RTX 1.3 to 1.6. Leave the option out, or build with a release that has it.", exception.Message, StringComparison.Ordinal);
        Assert.Empty(builder.Check(new BuildOptions()));
    }

    [Fact]
    public void Password_is_in_no_message()
    {
        AssertRefused(EngineTestModels.Library(), new BuildOptions { BuildRoute = "ssh://me:secret@host" }, "BuildRoute");
        BuildOptions options = new() { RemoteAutoTuning = "ssh://me:secret@board:22?x=1" };

        Assert.Contains("\"ssh://me:...@board:22?x=1\"", options.ToJson(), StringComparison.Ordinal);
        Assert.Equal("ssh://board:22", AddressWithoutPassword.Hide("ssh://board:22"));
        Assert.Equal("ssh://me@board:22", AddressWithoutPassword.Hide("ssh://me@board:22"));
    }

    [SkippableFact]
    public void A_lean_runtime_builds_nothing_and_says_so()
    {
        string? folder = Environment.GetEnvironmentVariable("TRT_LEAN_LIBRARY_DIR");
        Skip.If(string.IsNullOrEmpty(folder), "NVIDIA's lean runtimes are not here: set TRT_LEAN_LIBRARY_DIR.");
        EngineBuilder builder = new(TensorRt.Load(Path.Combine(folder, "libnvinfer_lean.so.10")), new CollectingLogger());

        NotSupportedException exception = Assert.Throws<NotSupportedException>(() => builder.Build(EngineTestModels.DefineStatic));

        Assert.Contains("builds nothing", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_library_changes_is_a_warning()
    {
        using BuiltEngine built = new EngineBuilder(EngineTestModels.Library(), new CollectingLogger()).Build(EngineTestModels.DefineStatic, new BuildOptions { OptimizationLevel = 9 });

        Assert.StartsWith("OptimizationLevel: 9 was asked for, CPU runtime", Assert.Single(built.Report.Warnings), StringComparison.Ordinal);
        Assert.Contains("takes 5.", built.Report.Warnings[0], StringComparison.Ordinal);
    }

    private static void AssertRefused(TensorRtLibrary library, BuildOptions options, string sentence)
    {
        BuildRefusedException exception = Assert.Throws<BuildRefusedException>(() => new EngineBuilder(library, new CollectingLogger()).Build(EngineTestModels.DefineConvolution, options));

        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
        Assert.All(exception.Reasons, reason => Assert.Matches("[.)]$", reason));
    }
}
