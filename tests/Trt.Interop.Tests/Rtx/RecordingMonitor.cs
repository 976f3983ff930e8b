namespace Trt.Interop.Tests.Rtx;

/// <summary>Keeps every call, and cancels at a step when asked to.</summary>
internal sealed class RecordingMonitor : IProgressMonitor
{
    private int steps;

    /// <summary>The number of the step that cancels, from 1 on; 0: none.</summary>
    public int CancelAt { get; set; }

    public List<string> Events { get; } = [];

    public int Steps => steps;

    public void PhaseStart(string phaseName, string? parentPhase, int nbSteps) => Events.Add($"start {phaseName} < {parentPhase} {nbSteps}");

    public bool StepComplete(string phaseName, int step)
    {
        Events.Add($"step {phaseName} {step}");
        return ++steps != CancelAt;
    }

    public void PhaseFinish(string phaseName) => Events.Add($"finish {phaseName}");
}
