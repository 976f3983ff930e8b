using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Tells a progress monitor how a build advances, in phases within phases, and stops the build when it says so.</summary>
internal sealed class BuildProgress(IProgressMonitor? monitor) : IDisposable
{
    private readonly Stack<(string Name, int Done)> phases = new();

    /// <summary>Begins a phase within the present one.</summary>
    public void Start(string name, int steps)
    {
        string? parent = phases.TryPeek(out (string Name, int Done) outer) ? outer.Name : null;
        phases.Push((name, 0));
        Call("PhaseStart", () => monitor?.PhaseStart(name, parent, steps));
    }

    /// <summary>One step of the present phase is done.</summary>
    /// <exception cref="Refusal">The monitor wants no more.</exception>
    public void Step()
    {
        (string name, int done) = phases.Pop();
        phases.Push((name, done + 1));
        bool goesOn = true;
        Call("StepComplete", () => goesOn = monitor?.StepComplete(name, done) ?? true);
        if (!goesOn)
        {
            throw new Refusal(ErrorCode.FailedExecution, "BuildCanceled", $"Build canceled by user in phase {name} after step {done}.");
        }
    }

    /// <summary>The last step of the present phase, and its end.</summary>
    public void Finish()
    {
        Step();
        End();
    }

    /// <summary>Ends all phases that are open, the innermost first.</summary>
    public void Dispose()
    {
        TensorRtException? failure = null;
        while (phases.Count > 0)
        {
            try
            {
                End();
            }
            catch (TensorRtException error)
            {
                failure ??= error;
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private void End()
    {
        string name = phases.Pop().Name;
        Call("PhaseFinish", () => monitor?.PhaseFinish(name));
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
