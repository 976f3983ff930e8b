using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Tells a progress monitor how a build advances, and stops the build when it says so.</summary>
internal sealed class BuildProgress(IProgressMonitor? monitor) : IDisposable
{
    private string? phase;
    private int step;

    /// <summary>Begins the build's phase.</summary>
    public void Start(string name, int steps)
    {
        phase = name;
        Call("PhaseStart", () => monitor?.PhaseStart(name, null, steps));
    }

    /// <summary>One step is done.</summary>
    /// <exception cref="Refusal">The monitor wants no more.</exception>
    public void Step()
    {
        bool goesOn = true;
        Call("StepComplete", () => goesOn = monitor?.StepComplete(phase!, step) ?? true);
        step++;
        if (!goesOn)
        {
            throw new Refusal(ErrorCode.FailedExecution, "BuildCanceled", $"Build canceled by user in phase {phase} after step {step - 1}.");
        }
    }

    public void Dispose()
    {
        if (phase is not null)
        {
            Call("PhaseFinish", () => monitor?.PhaseFinish(phase));
            phase = null;
        }
    }

    private static void Call(string name, Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception error)
        {
            throw new TensorRtException($"The callback IProgressMonitor.{name} threw {error.GetType().Name}: {error.Message}", error);
        }
    }
}
