using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Phases of a build: their order, cancellation in each of them, and how they look on a console.</summary>
[Collection(RtxCollection.Name)]
public sealed class BuildProgressTests
{
    private static readonly string[] OwnPhases = ["Hashing model", "Defining network", "Applying options", "Building plan", "Reading back"];

    [Fact]
    public void Phases_nest_and_steps_count_on_the_cpu_runtime()
    {
        RecordedProgress progress = new();

        using BuiltEngine built = Builder().Build(EngineTestModels.DefineStatic, progress: progress);

        AssertOrdered(progress.Reports);
        Assert.Equal(OwnPhases, progress.Reports.Where(report => report is { State: BuildProgressState.Started, Parent: null }).Select(report => report.Phase));
        Assert.Equal(OwnPhases, built.Report.Times.Select(time => time.Phase));
        Assert.Contains(new BuildProgress(BuildProgressState.Started, "Building engine", "Building plan", 0, 5), progress.Reports);
        Assert.Contains(new BuildProgress(BuildProgressState.Advanced, "Optimizing graph", "Building engine from subgraph", 1, 2), progress.Reports);
    }

    [SkippableFact]
    public void Phases_of_TensorRT_RTX_are_its_own()
    {
        RecordedProgress progress = new();
        EngineBuilder builder = new(RtxLibrary.Load(), new CollectingLogger());

        using BuiltEngine built = builder.Build(EngineTestModels.DefineStatic, new BuildOptions { ComputeCapabilities = [ComputeCapability.SM86] }, progress);

        AssertOrdered(progress.Reports);
        Assert.Contains(progress.Reports, report => report is { State: BuildProgressState.Started, Phase: "Building engine", Parent: "Building plan", Steps: > 0 });
        Assert.Contains(progress.Reports, report => report is { State: BuildProgressState.Advanced, Phase: "Building engine", Step: > 0 });
    }

    [Theory]
    [InlineData("Hashing model")]
    [InlineData("Defining network")]
    [InlineData("Applying options")]
    [InlineData("Building plan")]
    [InlineData("Building engine")]
    [InlineData("Cloning network graph")]
    [InlineData("Preparing graph for optimization")]
    [InlineData("Optimizing graph")]
    public void Cancelled_in_any_phase_and_the_next_build_works(string phase)
    {
        using CancellationTokenSource source = new();
        RecordedProgress progress = new(report => report.Phase == phase && report.State == BuildProgressState.Started, source.Cancel);
        EngineBuilder builder = Builder();

        OperationCanceledException cancelled = Assert.ThrowsAny<OperationCanceledException>(() => builder.Build(EngineTestModels.DefineStatic, progress: progress, cancellationToken: source.Token));

        Assert.Equal(source.Token, cancelled.CancellationToken);
        AssertOrdered(progress.Reports);
        Assert.DoesNotContain(progress.Reports, report => report.Phase == "Reading back");
        using BuiltEngine next = builder.Build(EngineTestModels.DefineStatic);
        Assert.True(next.Length > 0);
    }

    [SkippableTheory]
    [InlineData("Building engine")]
    [InlineData("Cloning network graph")]
    [InlineData("Building engine from subgraph")]
    public void Cancelled_on_TensorRT_RTX_and_the_next_build_works(string phase)
    {
        using CancellationTokenSource source = new();
        RecordedProgress progress = new(report => report.Phase == phase && report.State == BuildProgressState.Advanced, source.Cancel);
        EngineBuilder builder = new(RtxLibrary.Load(), new CollectingLogger());
        BuildOptions options = new() { ComputeCapabilities = [ComputeCapability.SM86] };

        OperationCanceledException cancelled = Assert.ThrowsAny<OperationCanceledException>(() => builder.Build(EngineTestModels.DefineStatic, options, progress, source.Token));

        Assert.Equal(source.Token, cancelled.CancellationToken);
        AssertOrdered(progress.Reports);
        using BuiltEngine next = builder.Build(EngineTestModels.DefineStatic, options);
        Assert.True(next.Length > 0);
    }

    [Fact]
    public async Task Cancelled_before_it_begins()
    {
        CancellationToken cancelled = new(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() => Builder().Build(EngineTestModels.DefineStatic, cancellationToken: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Builder().BuildAsync(ModelSource.FromNetwork(EngineTestModels.DefineStatic), cancellationToken: cancelled));
    }

    [Fact]
    public void Cancelled_build_to_a_file_leaves_nothing()
    {
        using Weights.ScratchFolder folder = new();
        using CancellationTokenSource source = new();
        RecordedProgress progress = new(report => report.Phase == "Optimizing graph", source.Cancel);

        Assert.ThrowsAny<OperationCanceledException>(() => Builder().BuildToFile(ModelSource.FromNetwork(EngineTestModels.DefineStatic), Path.Combine(folder.Path, "m.plan"), progress: progress, cancellationToken: source.Token));

        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Monitor_of_a_hook_hears_the_librarys_phases_too_and_can_stop()
    {
        Counting monitor = new(stopAt: 3);

        TensorRtException stopped = Assert.Throws<TensorRtException>(() => Builder().Build(EngineTestModels.DefineStatic, new BuildOptions { Configure = config => config.ProgressMonitor = monitor }));

        Assert.Contains("BuildCanceled", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(3, monitor.Steps);
    }

    [Fact]
    public void Receiver_that_throws_ends_the_build_with_its_exception()
    {
        RecordedProgress progress = new(report => report.Phase == "Optimizing graph", () => throw new InvalidTimeZoneException("mine"));

        TensorRtException exception = Assert.Throws<TensorRtException>(() => Builder().Build(EngineTestModels.DefineStatic, progress: progress));

        Assert.Equal("mine", Assert.IsType<InvalidTimeZoneException>(TestTarget.Thrown(exception)).Message);
    }

    [Fact]
    public void Console_without_a_terminal_tells_a_line_for_each_phase()
    {
        StringWriter writer = new();
        ConsoleBuildProgress console = new(writer, isTerminal: false);

        Play(console);

        Assert.Equal(["  Inner: 2 of 2 steps", "Outer: 1 of 3 steps"], writer.ToString().Split(writer.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Console_with_a_terminal_draws_one_line_anew_and_clears_it()
    {
        StringWriter writer = new();
        ConsoleBuildProgress console = new(writer, isTerminal: true);

        Play(console);

        string[] lines = [.. writer.ToString().Split('\r').Select(line => line.TrimEnd())];
        Assert.Contains("[........................] 0/3 Outer", lines);
        Assert.Contains("[............" + "............] 0/2 Inner < Outer 0/3", lines);
        Assert.Contains("[############............] 1/2 Inner < Outer 0/3", lines);
        Assert.Contains("[########................] 1/3 Outer", lines);
        Assert.Equal(string.Empty, lines[^1]);
        Assert.DoesNotContain('\n', writer.ToString());
        Assert.DoesNotContain('\x1b', writer.ToString());
        Assert.DoesNotContain('%', writer.ToString());
    }

    private static void Play(ConsoleBuildProgress console)
    {
        console.Report(new(BuildProgressState.Started, "Outer", null, 0, 3));
        console.Report(new(BuildProgressState.Started, "Inner", "Outer", 0, 2));
        console.Report(new(BuildProgressState.Advanced, "Inner", "Outer", 1, 2));
        console.Report(new(BuildProgressState.Advanced, "Inner", "Outer", 2, 2));
        console.Report(new(BuildProgressState.Finished, "Inner", "Outer", 2, 2));
        console.Report(new(BuildProgressState.Advanced, "Outer", null, 1, 3));
        console.Report(new(BuildProgressState.Finished, "Outer", null, 1, 3));
    }

    private static EngineBuilder Builder() => new(EngineTestModels.Library(), new CollectingLogger());

    /// <summary>Every phase begins before it steps and ends after it; a parent is open while its child is; steps count up to what was announced.</summary>
    private static void AssertOrdered(IEnumerable<BuildProgress> reports)
    {
        Dictionary<string, BuildProgress> open = [];
        foreach (BuildProgress report in reports)
        {
            Assert.True(report.Parent is null || open.ContainsKey(report.Parent), $"{report.Phase} within {report.Parent}, which is not open");
            switch (report.State)
            {
                case BuildProgressState.Started:
                    Assert.True(open.TryAdd(report.Phase, report), $"{report.Phase} began twice");
                    break;
                case BuildProgressState.Advanced:
                    Assert.InRange(report.Step, open[report.Phase].Step + 1, report.Steps);
                    open[report.Phase] = report;
                    break;
                default:
                    Assert.True(open.Remove(report.Phase), $"{report.Phase} ended without having begun");
                    break;
            }
        }

        Assert.Empty(open);
    }

    private sealed class Counting(int stopAt) : IProgressMonitor
    {
        public int Steps { get; private set; }

        public void PhaseStart(string phaseName, string? parentPhase, int nbSteps)
        {
        }

        public bool StepComplete(string phaseName, int step) => ++Steps < stopAt;

        public void PhaseFinish(string phaseName)
        {
        }
    }
}
