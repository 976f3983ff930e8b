using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Builds with TensorRT-RTX, which needs no GPU for them: every kind of source, and options read back from its configuration.</summary>
[Collection(RtxCollection.Name)]
public sealed class RtxEngineTests
{
    private static readonly Dictionary<string, (BuildOptions Options, Func<IBuilderConfig, object> Read, object Expected)> Settings = new()
    {
        ["ComputeCapabilities"] = (new() { ComputeCapabilities = [ComputeCapability.SM86, ComputeCapability.SM89] }, c => (c.NbComputeCapabilities, c.GetComputeCapability(1)), (2, ComputeCapability.SM89)),
        ["OptimizationLevel"] = (new() { OptimizationLevel = 2 }, c => c.BuilderOptimizationLevel, 2),
        ["AvgTimingIterations"] = (new() { AvgTimingIterations = 3 }, c => c.AvgTimingIterations, 3),
        ["MaxTactics"] = (new() { MaxTactics = 5 }, c => c.MaxNbTactics, 5),
        ["Tiling"] = (new() { Tiling = TilingOptimizationLevel.Fast }, c => c.TilingOptimizationLevel, TilingOptimizationLevel.Fast),
        ["L2LimitForTiling"] = (new() { L2LimitForTiling = 1 << 20 }, c => c.L2LimitForTiling, 1L << 20),
        ["MaxAuxStreams"] = (new() { MaxAuxStreams = 0 }, c => c.MaxAuxStreams, 0),
        ["Workspace"] = (new() { Workspace = 64 << 20 }, c => c.GetMemoryPoolLimit(MemoryPoolType.Workspace), (nuint)(64 << 20)),
        ["ProfilingVerbosity"] = (new() { ProfilingVerbosity = ProfilingVerbosity.Detailed }, c => c.ProfilingVerbosity, ProfilingVerbosity.Detailed),
        ["TF32"] = (new() { TF32 = false }, c => c.GetFlag(BuilderFlag.TF32), false),
        ["StrictNans"] = (new() { StrictNans = true }, c => c.GetFlag(BuilderFlag.StrictNans), true),
        ["MonitorMemory"] = (new() { MonitorMemory = true }, c => c.GetFlag(BuilderFlag.MonitorMemory), true),
        ["DistributiveIndependence"] = (new() { DistributiveIndependence = true }, c => c.GetFlag(BuilderFlag.DistributiveIndependence), true),
        ["NoTimingCache"] = (new() { NoTimingCache = true }, c => c.GetFlag(BuilderFlag.DisableTimingCache), true),
        ["Flags"] = (new() { Flags = new Dictionary<string, bool> { ["kDEBUG"] = true } }, c => c.GetFlag(BuilderFlag.Debug), true),
        ["PreviewFeatures"] = (new() { PreviewFeatures = new Dictionary<PreviewFeature, bool> { [PreviewFeature.AliasedPluginIO1003] = true } }, c => c.GetPreviewFeature(PreviewFeature.AliasedPluginIO1003), true),
        ["Refit"] = (new() { Refit = RefitKind.All }, c => c.GetFlag(BuilderFlag.Refit), true),
    };

    public static TheoryData<string> SettingNames => [.. Settings.Keys];

    [SkippableTheory]
    [MemberData(nameof(SettingNames))]
    public void Option_reaches_the_configuration(string name)
    {
        (BuildOptions options, Func<IBuilderConfig, object> read, object expected) = Settings[name];
        EngineBuilder builder = new(RtxLibrary.Load(), new CollectingLogger());
        object? seen = null;

        // The hook ends the build: whether a setting builds is the library's business.
        Assert.Throws<InvalidTimeZoneException>(() => builder.Build(EngineTestModels.DefineStatic, Targeted(options) with
        {
            Configure = config =>
            {
                seen = read(config);
                throw new InvalidTimeZoneException();
            },
        }));

        Assert.Equal(expected, seen);
    }

    [SkippableTheory]
    [InlineData("lenet.onnx", "data")]
    [InlineData("unet.onnx", "image")]
    public void Onnx_files_build_with_ranges_by_the_default_rule(string file, string input)
    {
        EngineBuilder builder = new(RtxLibrary.LoadGoldenRelease(), new CollectingLogger());

        using BuiltEngine built = builder.Build(ModelFiles.Find(file), Targeted(new() { DynamicExtents = new(1, 2, 8) }));

        BuildReport report = built.Report;
        Assert.Equal(PlanFormat.TensorRTRtx, PlanHead.Read(built.Plan.AsSpan()).Format);
        Assert.Equal(8, report.Profiles[0][input].Max[0]);
        Assert.Equal("plan head", report.ReadBack);
        Assert.Null(report.EngineLayers);
        Assert.Equal(input, Assert.Single(report.Inputs).Name);
        Assert.Empty(report.Warnings);
        Assert.Equal("1.6.1.120", report.Library.Version);
    }

    [SkippableFact]
    public void Weights_and_functions_build_too()
    {
        EngineBuilder builder = new(RtxLibrary.LoadGoldenRelease(), new CollectingLogger());

        using BuiltEngine weights = builder.Build(ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Targeted());
        using BuiltEngine function = builder.Build(EngineTestModels.Define, Targeted(new() { DynamicExtents = 4 }));

        Assert.True(weights.Length > 4 * 431_080, "LeNet's 431,080 parameters are in the plan.");
        Assert.Equal(64, weights.Report.Profiles[0]["data"].Max[0]);
        Assert.True(function.Length > 0);
    }

    [SkippableFact]
    public void Plan_goes_straight_into_a_file()
    {
        using Weights.ScratchFolder folder = new();
        string path = Path.Combine(folder.Path, "m.plan");

        EngineFile file = new EngineBuilder(RtxLibrary.LoadGoldenRelease(), new CollectingLogger()).BuildToFile(ModelSource.FromNetwork(EngineTestModels.DefineStatic), path, Targeted());

        PlanHead head = PlanHead.Read(path);
        Assert.Equal(file.Report!.PlanBytes, head.Length);
        Assert.Equal([new Version(8, 6)], head.ComputeCapabilities);
        Assert.Equal("1.6.1.120", head.Release!.ToString());
    }

    [SkippableFact]
    public void Several_targets_are_read_back_from_the_plans_head()
    {
        BuildOptions options = new() { ComputeCapabilities = [ComputeCapability.SM86, ComputeCapability.SM89] };

        using BuiltEngine built = new EngineBuilder(RtxLibrary.LoadGoldenRelease(), new CollectingLogger()).Build(EngineTestModels.DefineStatic, options);

        Assert.Equal([new Version(8, 6), new Version(8, 9)], PlanHead.Read(built.Plan.AsSpan()).ComputeCapabilities.Order());
        Assert.Empty(built.Report.Warnings);
    }

    /// <summary>Side by side the library itself would refuse most of these.</summary>
    [SkippableFact]
    public async Task Builds_for_different_GPUs_take_turns()
    {
        EngineBuilder builder = new(RtxLibrary.LoadGoldenRelease(), new CollectingLogger());
        string model = ModelFiles.Find("lenet.onnx");
        ComputeCapability[] targets = [.. Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? ComputeCapability.SM86 : ComputeCapability.SM89)];

        Version[] built = await Task.WhenAll(targets.Select(target => Task.Run(() =>
        {
            using BuiltEngine engine = builder.Build(ModelSource.FromOnnx(model), new BuildOptions { ComputeCapabilities = [target] });
            return Assert.Single(PlanHead.Read(engine.Plan.AsSpan()).ComputeCapabilities);
        })));

        Assert.Equal(targets.Select(target => target == ComputeCapability.SM86 ? new Version(8, 6) : new Version(8, 9)), built);
    }

    [SkippableFact]
    public void A_build_that_waits_for_its_turn_can_be_cancelled()
    {
        TensorRtLibrary library = RtxLibrary.Load();
        ComputeCapability[] first = [ComputeCapability.SM86], second = [ComputeCapability.SM89];
        using CancellationTokenSource cancel = new();
        bool cancelled = false;
        Thread waiting = new(() =>
        {
            try
            {
                TargetTurn.Wait(library, second, cancel.Token).Dispose();
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
            }
        });
        using (TargetTurn.Wait(library, first))
        {
            using (TargetTurn.Wait(library, first))
            {
                waiting.Start();
            }

            SpinWait.SpinUntil(() => waiting.ThreadState.HasFlag(ThreadState.WaitSleepJoin) || !waiting.IsAlive);
            cancel.Cancel();
            waiting.Join();
        }

        Assert.True(cancelled);
        TargetTurn.Wait(library, second).Dispose();
    }

    [SkippableFact]
    public void Build_errors_carry_NVIDIAs_reason()
    {
        TensorRtException exception = Assert.Throws<TensorRtException>(() => new EngineBuilder(RtxLibrary.Load(), new CollectingLogger()).Build(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Float, [1, 3, 8, 8]);
                network.MarkOutput(network.AddConvolutionNd(x, 3, [3, 3], Interop.Weights.From(new float[80]), Interop.Weights.Empty()).GetOutput(0));
            },
            Targeted()));

        Assert.Contains("kernel weights has count 80 but 81 was expected", exception.Message, StringComparison.Ordinal);
    }

    private static BuildOptions Targeted(BuildOptions? options = null) =>
        options is { ComputeCapabilities.Count: > 0 } ? options : (options ?? new()) with { ComputeCapabilities = [ComputeCapability.SM86] };
}
