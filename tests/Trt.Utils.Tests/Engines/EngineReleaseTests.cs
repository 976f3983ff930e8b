using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>The same calls on every major release: its own tables, called through vtables, in front of the CPU runtime.</summary>
public sealed class EngineReleaseTests
{
    private static readonly BuildOptions Digits = new() { Precision = Precision.FP16, DynamicExtents = new(1, 10, 200) };

    [Theory]
    [InlineData("8.5.3", false)]
    [InlineData("8.6.1", false)]
    [InlineData("10.0.1", false)]
    [InlineData("10.16", false)]
    [InlineData("11.1", false)]
    [InlineData("1.6", true)]
    public void Half_precision_builds_and_reads_digits(string release, bool rtx)
    {
        LoopBackLibrary library = new(CpuRuntime.Provider, release, rtx);
        bool strong = library.Supports(BuilderFlag.FP16);
        List<DataType> types = [];
        bool? flag = null;
        INetworkDefinition? seen = null;

        using BuiltEngine built = new EngineBuilder(library, new CollectingLogger()).Build(ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Digits with
        {
            Customize = network => seen = network,
            Configure = config =>
            {
                flag = strong ? config.GetFlag(BuilderFlag.FP16) : null;
                types.AddRange(Enumerable.Range(0, seen!.NbLayers).Select(i => seen.GetLayer(i).GetOutput(0).Type));
            },
        });

        // Weak typing takes the flag and leaves the network; where there is none, the network is rewritten.
        Assert.Equal(strong ? true : null, flag);
        Assert.Equal(!strong, types.Contains(DataType.Half));
        using ICudaEngine engine = built.Load();
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] actual = EngineRun.Run(engine, "data", [200, 1, 28, 28], golden["data"].ToArray<float>(), "prob");
        Assert.All(golden["prob"].ToArray<float>().Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 0.06));
    }

    [Theory]
    [InlineData("8.5.3", "BuilderFlag.kVERSION_COMPATIBLE", "TensorRT 8.6.0 to 11.1")]
    [InlineData("8.5.3", "IBuilderConfig.setBuilderOptimizationLevel", "TensorRT 8.6.0")]
    [InlineData("8.6.1", "IBuilderConfig.setTilingOptimizationLevel", "TensorRT 10.8")]
    [InlineData("8.6.1", "BuilderFlag.kSTRIP_PLAN", "TensorRT 10.0.1")]
    [InlineData("8.6.1", "BuilderFlag.kWEIGHT_STREAMING", "TensorRT 10.0.1")]
    [InlineData("8.6.1", "BuilderFlag.kBF16", "TensorRT 10.0.1")]
    [InlineData("10.0.1", "IBuilderConfig.setRuntimePlatform", "TensorRT 10.2")]
    [InlineData("10.0.1", "BuilderFlag.kSTRICT_NANS", "TensorRT 10.6")]
    [InlineData("11.1", "TacticSource.kCUBLAS", "TensorRT 8.5.3")]
    [InlineData("11.1", "QuantizationFlag.kCALIBRATE_BEFORE_FUSION", "TensorRT 8.5.3")]
    public void What_a_release_lacks_is_refused_by_name_with_those_that_have_it(string release, string name, string releases)
    {
        BuildOptions options = new()
        {
            VersionCompatible = true, OptimizationLevel = 2, Tiling = TilingOptimizationLevel.Full, StripPlan = true, WeightStreaming = true, RuntimePlatform = RuntimePlatform.SameAsBuild,
            StrictNans = true, Precision = Precision.BF16, TacticSources = new Dictionary<TacticSource, bool> { [TacticSource.CUBLAS] = true },
            QuantizationFlags = [QuantizationFlag.CalibrateBeforeFusion],
        };

        IReadOnlyList<string> reasons = new EngineBuilder(new LoopBackLibrary(CpuRuntime.Provider, release), new CollectingLogger()).Check(options);

        string reason = Assert.Single(reasons, reason => reason.Contains($"{name} is not in", StringComparison.Ordinal));
        Assert.Contains($"Releases that have it: {releases}", reason, StringComparison.Ordinal);
        Assert.EndsWith("Leave the option out, or build with a release that has it.", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_text_is_refused_where_there_is_no_call_for_it()
    {
        EngineBuilder builder = new(new LoopBackLibrary(CpuRuntime.Provider, "8.6.1"), new CollectingLogger());

        BuildRefusedException refused = Assert.Throws<BuildRefusedException>(() => builder.Build(EngineTestModels.DefineStatic, new BuildOptions { KernelText = true }));

        Assert.StartsWith("KernelText: IBuilder.buildSerializedNetwork with a kernelText is not in", refused.Message, StringComparison.Ordinal);
        using BuiltEngine none = new EngineBuilder(new LoopBackLibrary(CpuRuntime.Provider, "11.1"), new CollectingLogger()).Build(EngineTestModels.DefineStatic, new BuildOptions { KernelText = true });
        Assert.Null(none.KernelText);
    }

    [Fact]
    public void Where_there_is_no_progress_a_token_is_warned_of_and_builds_go_on()
    {
        using CancellationTokenSource source = new();
        RecordedProgress progress = new();

        using BuiltEngine built = new EngineBuilder(new LoopBackLibrary(CpuRuntime.Provider, "8.6.1"), new CollectingLogger()).Build(EngineTestModels.DefineStatic, progress: progress, cancellationToken: source.Token);

        Assert.Contains(built.Report.Warnings, warning => warning.EndsWith("tells no progress, so that a build that has begun cannot be cancelled.", StringComparison.Ordinal));
        Assert.DoesNotContain(progress.Reports, report => report.Parent is not null);
    }

    [Theory]
    [InlineData("10.0.1")]
    [InlineData("10.16")]
    [InlineData("11.1")]
    public void Cancelled_through_vtables_and_the_next_build_works(string release)
    {
        using CancellationTokenSource source = new();
        RecordedProgress progress = new(report => report.Phase == "Optimizing graph", source.Cancel);
        EngineBuilder builder = new(new LoopBackLibrary(CpuRuntime.Provider, release), new CollectingLogger());

        Assert.ThrowsAny<OperationCanceledException>(() => builder.Build(EngineTestModels.DefineStatic, progress: progress, cancellationToken: source.Token));

        using BuiltEngine next = builder.Build(EngineTestModels.DefineStatic);
        Assert.True(next.Length > 0);
    }

    [Theory]
    [InlineData("8.6.1")]
    [InlineData("11.1")]
    public void Plans_go_into_files_with_or_without_a_stream(string release)
    {
        using Weights.ScratchFolder folder = new();
        LoopBackLibrary library = new(CpuRuntime.Provider, release);
        string path = Path.Combine(folder.Path, "m.plan");

        EngineFile file = new EngineBuilder(library, new CollectingLogger()).BuildToFile(ModelSource.FromNetwork(EngineTestModels.DefineStatic), path);

        Assert.Equal(release == "11.1", library.Supports("IBuilder.buildSerializedNetworkToStream"));
        Assert.Equal(new FileInfo(path).Length, file.Report!.PlanBytes);
        Assert.Equal("plan head", file.Report.ReadBack);
    }
}
