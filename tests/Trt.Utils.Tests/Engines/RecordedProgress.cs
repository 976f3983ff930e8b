namespace Trt.Utils.Tests.Engines;

/// <summary>Keeps every report, and does something at one of them.</summary>
internal sealed class RecordedProgress(Func<BuildProgress, bool>? when = null, Action? then = null) : IProgress<BuildProgress>
{
    public List<BuildProgress> Reports { get; } = [];

    public void Report(BuildProgress value)
    {
        Reports.Add(value);
        if (when?.Invoke(value) == true)
        {
            then?.Invoke();
        }
    }
}
