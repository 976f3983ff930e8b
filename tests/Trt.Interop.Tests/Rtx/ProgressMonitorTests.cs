using System.Text.Json;
using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>A progress monitor in C#: what it hears, and that it can stop a build.</summary>
[Collection(RtxCollection.Name)]
public sealed class ProgressMonitorTests
{
    [SkippableFact]
    public void Phases_and_steps_come_as_in_the_golden()
    {
        RecordingMonitor monitor = new();
        using SmallNetwork small = new(RtxLibrary.LoadGoldenRelease(), layers: 6);
        small.Config.ProgressMonitor = monitor;
        Assert.Same(monitor, small.Config.ProgressMonitor);

        Assert.True(small.Build() > 0);

        Assert.Equal(Events("progress_monitor"), monitor.Events);
    }

    [SkippableTheory]
    [InlineData("progress_cancel_first_step", 1)]
    [InlineData("progress_cancel_third_step", 3)]
    [InlineData("progress_cancel_last_step", 64)]
    public void Cancelled_build_is_an_exception_and_the_next_one_works(string scenario, int step)
    {
        RecordingMonitor monitor = new() { CancelAt = step };
        using SmallNetwork small = new(RtxLibrary.LoadGoldenRelease(), layers: 6);
        small.Config.ProgressMonitor = monitor;

        TensorRtException exception = Assert.Throws<TensorRtException>(() => small.Build());

        Assert.Contains("Error Code 7: BuildCanceled (Build canceled by user", exception.Message, StringComparison.Ordinal);
        Assert.Null(exception.InnerException);
        Assert.Equal(step, monitor.Steps);
        Assert.Equal(Events(scenario), monitor.Events);
        monitor.CancelAt = 0;
        Assert.True(small.Build() > 0);
    }

    [SkippableFact]
    public void Monitor_that_is_taken_away_hears_nothing()
    {
        RecordingMonitor monitor = new();
        using SmallNetwork small = new(RtxLibrary.Load());
        small.Config.ProgressMonitor = monitor;
        small.Config.ProgressMonitor = null;

        Assert.True(small.Build() > 0);

        Assert.Null(small.Config.ProgressMonitor);
        Assert.Empty(monitor.Events);
    }

    private static IEnumerable<string> Events(string scenario) => CallbackGoldens.Facts(scenario).GetProperty("events").EnumerateArray().Select(Event);

    private static string Event(JsonElement json) => json[0].GetString() switch
    {
        "start" => $"start {json[1].GetString()} < {json[2].GetString()} {json[3].GetInt32()}",
        "step" => $"step {json[1].GetString()} {json[2].GetInt32()}",
        _ => $"finish {json[1].GetString()}",
    };
}
