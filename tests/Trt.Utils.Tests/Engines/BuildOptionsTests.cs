using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Every option reaches what it concerns: read back from the configuration, the network or the engine of a build on the CPU runtime.</summary>
public sealed class BuildOptionsTests
{
    private static readonly Dictionary<string, (BuildOptions Options, Func<IBuilderConfig, object> Read, object Expected)> Settings = new()
    {
        ["OptimizationLevel"] = (new() { OptimizationLevel = 4 }, c => c.BuilderOptimizationLevel, 4),
        ["AvgTimingIterations"] = (new() { AvgTimingIterations = 7 }, c => c.AvgTimingIterations, 7),
        ["MaxTactics"] = (new() { MaxTactics = 12 }, c => c.MaxNbTactics, 12),
        ["Tiling"] = (new() { Tiling = TilingOptimizationLevel.Moderate }, c => c.TilingOptimizationLevel, TilingOptimizationLevel.Moderate),
        ["L2LimitForTiling"] = (new() { L2LimitForTiling = 1 << 20 }, c => c.L2LimitForTiling, 1L << 20),
        ["MaxAuxStreams"] = (new() { MaxAuxStreams = 2 }, c => c.MaxAuxStreams, 2),
        ["TacticSources off"] = (new() { TacticSources = new Dictionary<TacticSource, bool> { [TacticSource.JITConvolutions] = false } }, c => c.TacticSources.Contains(TacticSource.JITConvolutions), false),
        ["TacticSources on"] = (new() { TacticSources = new Dictionary<TacticSource, bool> { [TacticSource.CUBLAS] = true } }, c => c.TacticSources.Contains(TacticSource.CUBLAS), true),
        ["PreviewFeatures on"] = (new() { PreviewFeatures = new Dictionary<PreviewFeature, bool> { [PreviewFeature.AliasedPluginIO1003] = true } }, c => c.GetPreviewFeature(PreviewFeature.AliasedPluginIO1003), true),
        ["PreviewFeatures off"] = (new() { PreviewFeatures = new Dictionary<PreviewFeature, bool> { [PreviewFeature.RuntimeActivationResize1010] = false } }, c => c.GetPreviewFeature(PreviewFeature.RuntimeActivationResize1010), false),
        ["RemoteAutoTuning"] = (new() { RemoteAutoTuning = "ssh://me:secret@board:22?x=1" }, c => c.RemoteAutoTuningConfig!, "ssh://me:secret@board:22?x=1"),
        ["Workspace"] = (new() { Workspace = 3 << 20 }, c => c.GetMemoryPoolLimit(MemoryPoolType.Workspace), (nuint)(3 << 20)),
        ["MemoryPools"] = (new() { MemoryPools = new Dictionary<MemoryPoolType, long> { [MemoryPoolType.TacticSharedMemory] = 48 << 10 } }, c => c.GetMemoryPoolLimit(MemoryPoolType.TacticSharedMemory), (nuint)(48 << 10)),
        ["NoTimingCache"] = (new() { NoTimingCache = true }, Flag(BuilderFlag.DisableTimingCache), true),
        ["ErrorOnTimingCacheMiss"] = (new() { ErrorOnTimingCacheMiss = true }, Flag(BuilderFlag.ErrorOnTimingCacheMiss), true),
        ["NoCompilationCache"] = (new() { NoCompilationCache = true }, Flag(BuilderFlag.DisableCompilationCache), true),
        ["EditableTimingCache"] = (new() { EditableTimingCache = true }, Flag(BuilderFlag.EditableTimingCache), true),
        ["Refit all"] = (new() { Refit = RefitKind.All }, Flag(BuilderFlag.Refit), true),
        ["Refit identical"] = (new() { Refit = RefitKind.Identical }, Flag(BuilderFlag.RefitIdentical), true),
        ["StripPlan"] = (new() { Refit = RefitKind.All, StripPlan = true }, Flag(BuilderFlag.StripPlan), true),
        ["WeightStreaming"] = (new() { StronglyTyped = true, WeightStreaming = true }, Flag(BuilderFlag.WeightStreaming), true),
        ["Sparsity"] = (new() { Sparsity = Sparsity.Enable }, Flag(BuilderFlag.SparseWeights), true),
        ["VersionCompatible"] = (new() { VersionCompatible = true }, Flag(BuilderFlag.VersionCompatible), true),
        ["ExcludeLeanRuntime"] = (new() { VersionCompatible = true, ExcludeLeanRuntime = true }, Flag(BuilderFlag.ExcludeLeanRuntime), true),
        ["HardwareCompatibility"] = (new() { HardwareCompatibility = HardwareCompatibilityLevel.AmperePlus }, c => c.HardwareCompatibilityLevel, HardwareCompatibilityLevel.AmperePlus),
        ["RuntimePlatform"] = (new() { RuntimePlatform = RuntimePlatform.SameAsBuild }, c => c.RuntimePlatform, RuntimePlatform.SameAsBuild),
        ["EngineCapability"] = (new() { EngineCapability = EngineCapability.Standard }, c => c.EngineCapability, EngineCapability.Standard),
        ["ProfilingVerbosity"] = (new() { ProfilingVerbosity = ProfilingVerbosity.Detailed }, c => c.ProfilingVerbosity, ProfilingVerbosity.Detailed),
        ["SafetyScope"] = (new() { SafetyScope = true }, Flag(BuilderFlag.SafetyScope), true),
        ["DirectIO"] = (new() { DirectIO = true }, Flag(BuilderFlag.DirectIO), true),
        ["StrictNans"] = (new() { StrictNans = true }, Flag(BuilderFlag.StrictNans), true),
        ["DistributiveIndependence"] = (new() { DistributiveIndependence = true }, Flag(BuilderFlag.DistributiveIndependence), true),
        ["MonitorMemory"] = (new() { MonitorMemory = true }, Flag(BuilderFlag.MonitorMemory), true),
        ["GpuFallback"] = (new() { GpuFallback = true }, Flag(BuilderFlag.GPUFallback), true),
        ["TF32 off"] = (new() { TF32 = false }, Flag(BuilderFlag.TF32), false),
        ["TF32 on"] = (new() { TF32 = true }, Flag(BuilderFlag.TF32), true),
        ["FP16"] = (new() { Precision = Precision.FP16 }, Flag(BuilderFlag.FP16), true),
        ["BF16"] = (new() { Precision = Precision.FP16 | Precision.BF16 }, Flag(BuilderFlag.BF16), true),
        ["Int8"] = (new() { Precision = Precision.Int8, ArbitraryInt8Ranges = true }, Flag(BuilderFlag.Int8), true),
        ["FP8"] = (new() { Precision = Precision.FP8 }, Flag(BuilderFlag.FP8), true),
        ["Int4"] = (new() { Precision = Precision.Int4 }, Flag(BuilderFlag.Int4), true),
        ["FP4"] = (new() { Precision = Precision.FP4 }, Flag(BuilderFlag.FP4), true),
        ["Best"] = (new() { Precision = Precision.Best }, Flag(BuilderFlag.FP16), true),
        ["Constraints prefer"] = (new() { PrecisionConstraints = PrecisionConstraints.Prefer }, Flag(BuilderFlag.PreferPrecisionConstraints), true),
        ["Constraints obey"] = (new() { PrecisionConstraints = PrecisionConstraints.Obey }, Flag(BuilderFlag.ObeyPrecisionConstraints), true),
        ["QuantizationFlags"] = (new() { QuantizationFlags = [QuantizationFlag.CalibrateBeforeFusion] }, c => c.GetQuantizationFlag(QuantizationFlag.CalibrateBeforeFusion), true),
        ["Flags by C#'s name"] = (new() { Flags = new Dictionary<string, bool> { ["Debug"] = true } }, Flag(BuilderFlag.Debug), true),
        ["Flags by C++'s name"] = (new() { Flags = new Dictionary<string, bool> { ["kREJECT_EMPTY_ALGORITHMS"] = true } }, Flag(BuilderFlag.RejectEmptyAlgorithms), true),
        ["Flags off"] = (new() { Flags = new Dictionary<string, bool> { ["kTF32"] = false } }, Flag(BuilderFlag.TF32), false),
        ["CalibrationShapes"] = (new() { CalibrationShapes = new ShapeProfile { ["x"] = new(1, 8, 6, 6) } }, c => c.CalibrationProfile!.GetDimensions("x", OptProfileSelector.Opt), new Dims(1, 8, 6, 6)),
        ["CalibrationProfile"] = (new() { CalibrationProfile = 1, Profiles = [new(), new() { ["x"] = new(1, 8, 6, 6) }] }, c => c.CalibrationProfile!.GetDimensions("x", OptProfileSelector.Max), new Dims(1, 8, 6, 6)),
        ["Profiles"] = (new() { Profiles = [new(), new() { ["x"] = new(1, 8, 6, 6) }] }, c => c.NbOptimizationProfiles, 2),
    };

    public static TheoryData<string> SettingNames => [.. Settings.Keys];

    [Theory]
    [MemberData(nameof(SettingNames))]
    public void Option_reaches_the_configuration(string name)
    {
        (BuildOptions options, Func<IBuilderConfig, object> read, object expected) = Settings[name];
        object? seen = null;

        Build(options with { Configure = config => seen = read(config) });

        Assert.Equal(expected, seen);
    }

    [Fact]
    public void Individual_weights_are_marked_and_the_engine_refits_them()
    {
        BuildOptions options = new() { Refit = RefitKind.Individual, RefittableWeights = ["kernel"], Customize = network => network.SetWeightsName(Convolution(network, "conv1").KernelWeights, "kernel") };

        using BuiltEngine built = new EngineBuilder(EngineTestModels.Library(), new CollectingLogger()).Build(EngineTestModels.DefineConvolution, options);
        using ICudaEngine engine = built.Load();
        using IRefitter refitter = EngineTestModels.Library().CreateInferRefitter(engine, new CollectingLogger());

        Assert.Empty(built.Report.Warnings);
        Assert.Equal(["kernel"], refitter.GetAllWeights());
    }

    [Fact]
    public void Precisions_of_layers_and_outputs_by_name_and_pattern_the_last_one_wins()
    {
        INetworkDefinition? seen = null;
        BuildOptions options = new()
        {
            Precision = Precision.FP16,
            LayerPrecisions = [new("conv*", DataType.Half), new("conv2", DataType.Float), new("nobody", DataType.Half)],
            LayerOutputTypes = [new("relu1", DataType.Half)],
            Customize = network => seen = network,
            Configure = _ =>
            {
                Assert.Equal(DataType.Half, Convolution(seen!, "conv1").Precision);
                Assert.Equal(DataType.Float, Convolution(seen!, "conv2").Precision);
                ILayer relu = Layer(seen!, "relu1");
                Assert.False(relu.PrecisionIsSet());
                Assert.Equal(DataType.Half, relu.GetOutputType(0));
            },
        };

        BuildReport report = Build(options);

        Assert.Equal("LayerPrecisions: no layer is called \"nobody\".", Assert.Single(report.Warnings));
    }

    [Fact]
    public void Devices_of_layers()
    {
        INetworkDefinition? seen = null;
        BuildReport report = Build(new BuildOptions
        {
            GpuFallback = true,
            LayerDevices = [new("conv1", DeviceType.DLA)],
            Customize = network => seen = network,
            Configure = config =>
            {
                Assert.Equal(DeviceType.DLA, config.GetDeviceType(Layer(seen!, "conv1")));
                Assert.False(config.IsDeviceTypeSet(Layer(seen!, "conv2")));
            },
        });

        Assert.Empty(report.Warnings);
    }

    [Fact]
    public void Outputs_are_marked_and_unmarked_by_name()
    {
        BuildReport report = Build(new BuildOptions { MarkOutputs = ["hidden", "y"], UnmarkOutputs = ["y"] });

        Assert.Equal("hidden", Assert.Single(report.Outputs).Name);
    }

    [Fact]
    public void Debug_tensors_can_be_watched_in_the_engine()
    {
        using BuiltEngine built = new EngineBuilder(EngineTestModels.Library(), new CollectingLogger()).Build(EngineTestModels.DefineConvolution, new BuildOptions { DebugTensors = ["hidden"] });
        using ICudaEngine engine = built.Load();

        Assert.True(engine.IsDebugTensor("hidden"));
    }

    [Fact]
    public void Unfused_tensors_are_shown_by_runs_of_the_engine()
    {
        using BuiltEngine built = new EngineBuilder(EngineTestModels.Library(), new CollectingLogger()).Build(EngineTestModels.DefineStatic, new BuildOptions { UnfusedDebugTensors = true });
        using ICudaEngine engine = built.Load();
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers buffers = new();
        Listener listener = new();
        context.DebugListener = listener;
        context.UnfusedTensorsDebugState = true;
        context.SetTensorAddress("x", buffers.Add(new float[12]));
        context.SetTensorAddress("y", buffers.Add(new float[12]));

        context.EnqueueV3(0);
        TestDevice.Synchronize();

        Assert.Contains("y", listener.Seen);
    }

    [Theory]
    [InlineData("x", "*")]
    [InlineData("#0", "#0")]
    public void Formats_of_inputs_and_outputs_by_name_by_number_and_for_all(string input, string output)
    {
        BuildOptions options = new()
        {
            Precision = Precision.FP16,
            InputFormats = new Dictionary<string, IOFormat> { [input] = new(DataType.Half, TensorFormat.HWC8) },
            OutputFormats = new Dictionary<string, IOFormat> { [output] = new(null, TensorFormat.CHW4, TensorFormat.CHW32) },
        };

        using BuiltEngine built = new EngineBuilder(EngineTestModels.Library(), new CollectingLogger()).Build(EngineTestModels.DefineConvolution, options);
        using ICudaEngine engine = built.Load();

        Assert.Equal(DataType.Half, engine.GetTensorDataType("x"));
        Assert.Equal(TensorFormat.HWC8, engine.GetTensorFormat("x"));
        Assert.Contains(engine.GetTensorFormat("y"), new[] { TensorFormat.CHW4, TensorFormat.CHW32 });
        Assert.Empty(built.Report.Warnings);
    }

    [Fact]
    public void Attentions_are_made_decomposable_by_name()
    {
        IAttention? attention = null;
        BuildOptions options = new() { StronglyTyped = true, DecomposableAttentions = ["att*"], Configure = _ => Assert.True(attention!.Decomposable) };

        using BuiltEngine built = new EngineBuilder(EngineTestModels.Library(), new CollectingLogger()).Build(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Float, [1, 2, 4, 8]);
                attention = network.AddAttention(x, x, x, AttentionNormalizationOp.Softmax, causal: false);
                attention.Name = "att0";
                Assert.False(attention.Decomposable);
                network.MarkOutput(attention.GetOutput(0)!);
            },
            options);

        Assert.Empty(built.Report.Warnings);
    }

    [Fact]
    public void Network_flags_and_strong_typing_reach_the_network()
    {
        Mask<NetworkDefinitionCreationFlag> weak = [], strong = [], given = [];

        Build(new BuildOptions { Customize = network => weak = network.Flags });
        Build(new BuildOptions { StronglyTyped = true, Customize = network => strong = network.Flags });
        Build(new BuildOptions { NetworkFlags = [NetworkDefinitionCreationFlag.PreferAOTPythonPlugins], Customize = network => given = network.Flags });

        Assert.False(weak.Contains(NetworkDefinitionCreationFlag.StronglyTyped));
        Assert.True(strong.Contains(NetworkDefinitionCreationFlag.StronglyTyped));
        Assert.True(given.Contains(NetworkDefinitionCreationFlag.PreferAOTPythonPlugins));
    }

    [Fact]
    public void Threads_reach_the_builder()
    {
        int threads = 0;

        Build(new BuildOptions { MaxThreads = 3, Customize = network => threads = network.Builder.MaxThreads });

        Assert.Equal(3, threads);
    }

    [Fact]
    public void Arbitrary_ranges_are_set_where_there_are_none()
    {
        INetworkDefinition? seen = null;
        BuildReport report = Build(new BuildOptions
        {
            Precision = Precision.Int8,
            ArbitraryInt8Ranges = true,
            Customize = network =>
            {
                seen = network;
                network.GetInput(0).SetDynamicRange(-1, 1);
            },
            Configure = _ =>
            {
                Assert.Equal(1, seen!.GetInput(0).DynamicRangeMax);
                Assert.Equal(4, Layer(seen, "conv1").GetOutput(0).DynamicRangeMax);
            },
        });

        Assert.Contains("results are wrong", Assert.Single(report.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Best_says_what_it_leaves_out_and_why()
    {
        BuildReport report = Build(new BuildOptions { Precision = Precision.Best });

        Assert.Equal("Precision.Best: without BF16, because this GPU has none; Int8, because there is no calibration and the model has no quantize layers.", Assert.Single(report.Warnings));
    }

    [Fact]
    public void Sparsity_by_force_zeroes_the_two_smallest_of_four_along_the_channels()
    {
        float[] kernel = [];
        BuildReport report = Build(new BuildOptions { Sparsity = Sparsity.Force, Customize = network => kernel = Convolution(network, "conv1").KernelWeights.AsSpan<float>().ToArray(), Configure = _ => { } });
        float[] pruned = SparsePattern.Copy(Interop.Weights.From(kernel), 8, 1)!.Value.AsSpan<float>().ToArray();

        Assert.Equal("Sparsity = Force: the weights of 2 layers were overwritten, results are wrong.", Assert.Single(report.Warnings));
        for (int group = 0; group < kernel.Length; group += 4)
        {
            float[] expected = kernel[group..(group + 4)];
            foreach (int place in Enumerable.Range(0, 4).OrderBy(i => Math.Abs(expected[i])).Take(2))
            {
                expected[place] = 0;
            }

            Assert.Equal(expected.Select(Math.Abs).Order(), pruned[group..(group + 4)].Select(Math.Abs).Order());
        }
    }

    [Fact]
    public void Sparse_pattern_runs_along_an_inner_axis_too()
    {
        // [4, 2], pruned along the first axis: each column keeps its two largest.
        Half[] values = [(Half)1, (Half)(-8), (Half)(-2), (Half)7, (Half)3, (Half)6, (Half)(-4), (Half)5];

        Half[] pruned = SparsePattern.Copy(Interop.Weights.From(values), 4, 2)!.Value.AsSpan<Half>().ToArray();

        Assert.Equal([(Half)0, (Half)(-8), (Half)0, (Half)7, (Half)3, (Half)0, (Half)(-4), (Half)0], pruned);
        Assert.Null(SparsePattern.Copy(Interop.Weights.From(values), 3, 1));
        Assert.Null(SparsePattern.Copy(Interop.Weights.From(new int[8]), 4, 2));
    }

    private static Func<IBuilderConfig, object> Flag(BuilderFlag flag) => config => config.GetFlag(flag);

    private static BuildReport Build(BuildOptions options)
    {
        using BuiltEngine built = new EngineBuilder(EngineTestModels.Library(), new CollectingLogger()).Build(EngineTestModels.DefineConvolution, options);
        return built.Report;
    }

    private static ILayer Layer(INetworkDefinition network, string name) => Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).Single(layer => layer.Name == name);

    private static IConvolutionLayer Convolution(INetworkDefinition network, string name) => (IConvolutionLayer)Layer(network, name);

    private sealed class Listener : IDebugListener
    {
        public List<string> Seen { get; } = [];

        public bool ProcessDebugTensor(nint addr, TensorLocation location, DataType type, Dims shape, string name, nint stream)
        {
            Seen.Add(name);
            return true;
        }
    }
}
