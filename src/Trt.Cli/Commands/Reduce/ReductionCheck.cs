using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Decides whether a part of a model still fails.</summary>
internal abstract class ReductionCheck
{
    /// <summary>How the model failed when it was asked about first; null where it did not.</summary>
    public string? Failure { get; protected set; }

    /// <summary>Whether a part fails.</summary>
    public abstract bool Fails(OnnxCandidate candidate);
}
