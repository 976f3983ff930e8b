using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Decides whether a part of a model still fails.</summary>
internal abstract class ReductionCheck
{
    /// <summary>How the whole model failed; null where it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>How the latest part failed that did: the smallest one, when all has been asked.</summary>
    public string? LatestFailure { get; private set; }

    /// <summary>How many parts could not be built or run where that does not count as failure.</summary>
    public int Refused { get; protected set; }

    /// <summary>Whether a part fails.</summary>
    public abstract bool Fails(OnnxCandidate candidate);

    /// <summary>Notes a failure.</summary>
    /// <returns>Always true.</returns>
    protected bool Failed(string how)
    {
        Failure ??= how;
        LatestFailure = how;
        return true;
    }
}
