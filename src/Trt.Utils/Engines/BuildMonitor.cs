using System.Diagnostics;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Hands a build's phases to a receiver, the library's and our own, and stops the build when it was cancelled.</summary>
/// <param name="receiver">Hears them on the thread that works; null: nobody.</param>
/// <param name="cancellation">Stops the build at its next step.</param>
internal sealed class BuildMonitor(IProgress<BuildProgress>? receiver, CancellationToken cancellation) : IProgressMonitor
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (string? Parent, int Step, int Steps)> open = new(StringComparer.Ordinal);
    private readonly List<PhaseTime> times = [];
    private string? stage;

    /// <summary>A monitor that the user's own hook set, which is told everything too.</summary>
    public IProgressMonitor? Inner { get; set; }

    /// <summary>Whether a step was answered with "stop".</summary>
    public bool Stopped { get; private set; }

    /// <summary>How long each of our own phases took.</summary>
    public IReadOnlyList<PhaseTime> Times => times;

    /// <summary>Runs one phase of our own, which has one step.</summary>
    /// <exception cref="OperationCanceledException">The build was cancelled before it.</exception>
    public T Run<T>(string phase, Func<T> work)
    {
        cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        Report(new BuildProgress(BuildProgressState.Started, phase, null, 0, 1));
        stage = phase;
        bool done = false;
        try
        {
            T result = work();
            done = true;
            return result;
        }
        finally
        {
            stage = null;
            times.Add(new PhaseTime(phase, Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 6)));
            Report(new BuildProgress(BuildProgressState.Finished, phase, null, done ? 1 : 0, 1));
        }
    }

    /// <summary>Runs one phase of our own.</summary>
    public void Run(string phase, Action work) => Run(phase, () =>
    {
        work();
        return true;
    });

    public void PhaseStart(string phaseName, string? parentPhase, int nbSteps)
    {
        Inner?.PhaseStart(phaseName, parentPhase, nbSteps);
        string? parent = parentPhase ?? stage;
        lock (gate)
        {
            open[phaseName] = (parent, 0, nbSteps);
        }

        Report(new BuildProgress(BuildProgressState.Started, phaseName, parent, 0, nbSteps));
    }

    public bool StepComplete(string phaseName, int step)
    {
        bool goesOn = Inner?.StepComplete(phaseName, step) ?? true;
        (string? Parent, int Step, int Steps) phase;
        lock (gate)
        {
            phase = open.GetValueOrDefault(phaseName);
            phase.Step = step + 1;
            open[phaseName] = phase;
        }

        Report(new BuildProgress(BuildProgressState.Advanced, phaseName, phase.Parent, phase.Step, phase.Steps));
        if (cancellation.IsCancellationRequested)
        {
            Stopped = true;
            return false;
        }

        return goesOn;
    }

    public void PhaseFinish(string phaseName)
    {
        Inner?.PhaseFinish(phaseName);
        (string? Parent, int Step, int Steps) phase;
        lock (gate)
        {
            open.Remove(phaseName, out phase);
        }

        Report(new BuildProgress(BuildProgressState.Finished, phaseName, phase.Parent, phase.Step, phase.Steps));
    }

    private void Report(BuildProgress progress) => receiver?.Report(progress);
}
