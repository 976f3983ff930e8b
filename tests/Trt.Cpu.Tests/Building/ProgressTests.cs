using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Building;

/// <summary>Phases of a build nest, each ends what it began, and a build can be stopped at every step.</summary>
public class ProgressTests
{
    [Fact]
    public void PhasesNestAndSayTheirParents()
    {
        using TestEngine test = new();
        Monitor monitor = new();
        Assert.Null(Build(test, monitor));
        Assert.Equal(("Building engine", null), monitor.Started[0]);
        Assert.Equal(("Cloning network graph", "Building engine"), monitor.Started[1]);
        Assert.Contains(("Optimizing graph", "Building engine from subgraph"), monitor.Started);
        Assert.Empty(monitor.Open);
        Assert.Null(monitor.Fault);
    }

    [Fact]
    public void EveryStepCanStopTheBuild()
    {
        using TestEngine test = new();
        Monitor whole = new();
        Build(test, whole);
        for (int stop = 0; stop < whole.Steps; stop++)
        {
            Monitor monitor = new() { StopsAt = stop };
            Assert.Contains("IBuilder::buildSerializedNetwork: Error Code 7: BuildCanceled (Build canceled by user", Build(test, monitor), StringComparison.Ordinal);
            Assert.Equal(stop + 1, monitor.Steps);
            Assert.Empty(monitor.Open);
            Assert.Null(monitor.Fault);
        }

        Assert.Null(Build(test, new Monitor()));
    }

    [Fact]
    public void ThrowingMonitorIsTheCause()
    {
        using TestEngine test = new();
        Monitor monitor = new() { ThrowsAt = 2 };
        TensorRtException error = Assert.Throws<TensorRtException>(() => Build(test, monitor, rethrow: true));
        Assert.IsType<InvalidTimeZoneException>(TestLibrary.Cause(error));
        Assert.Empty(monitor.Open);
    }

    /// <summary>The message of a build that failed.</summary>
    private static string? Build(TestEngine test, Monitor monitor, bool rethrow = false)
    {
        INetworkDefinition network = test.Network();
        ITensor y = network.AddActivation(network.AddInput("x", DataType.Float, [3]), ActivationType.Relu).GetOutput(0);
        network.MarkOutput(y);
        try
        {
            test.Plan(network, config => config.ProgressMonitor = monitor);
            return null;
        }
        catch (TensorRtException error) when (!rethrow)
        {
            return error.Message;
        }
    }

    private sealed class Monitor : IProgressMonitor
    {
        private readonly Dictionary<string, (int Done, int Of)> progress = [];

        public int StopsAt { get; init; } = int.MaxValue;

        public int ThrowsAt { get; init; } = int.MaxValue;

        public int Steps { get; private set; }

        public string? Fault { get; private set; }

        public List<(string Name, string? Parent)> Started { get; } = [];

        public Stack<string> Open { get; } = new();

        public void PhaseStart(string phaseName, string? parentPhase, int nbSteps)
        {
            if (parentPhase != (Open.TryPeek(out string? outer) ? outer : null))
            {
                Fault ??= $"{phaseName} began in {outer} but says {parentPhase}";
            }

            Open.Push(phaseName);
            Started.Add((phaseName, parentPhase));
            progress[phaseName] = (0, nbSteps);
        }

        public bool StepComplete(string phaseName, int step)
        {
            if (Steps == ThrowsAt)
            {
                throw new InvalidTimeZoneException();
            }

            (int done, int of) = progress[phaseName];
            if (Open.Peek() != phaseName || step != done || step >= of)
            {
                Fault ??= $"step {step} of {phaseName} came after {done} of {of}, in {Open.Peek()}";
            }

            progress[phaseName] = (done + 1, of);
            return Steps++ < StopsAt;
        }

        public void PhaseFinish(string phaseName)
        {
            if (Open.Pop() != phaseName)
            {
                Fault ??= $"{phaseName} ended before a phase within it";
            }

            if (StopsAt == int.MaxValue && ThrowsAt == int.MaxValue && progress[phaseName].Done != progress[phaseName].Of)
            {
                Fault ??= $"{phaseName} ended after {progress[phaseName]} steps";
            }
        }
    }
}
