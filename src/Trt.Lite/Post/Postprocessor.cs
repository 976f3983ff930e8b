using Trt.Interop;

namespace Trt.Lite;

/// <summary>Makes a result of a sample's outputs. Derive from <see cref="Postprocessor{TResult}"/>, or take one of <see cref="Post"/>.</summary>
public abstract class Postprocessor
{
    private protected Postprocessor()
    {
    }

    /// <summary>What it makes of one sample.</summary>
    public abstract Type ResultType { get; }

    /// <summary>What kernels can do of its work on an output of a sample's shape; null: nothing.</summary>
    internal virtual ScoreReduction? ReductionOf(Dims sample) => null;

    /// <summary>Makes what collects the results of a call.</summary>
    internal abstract OutputCollector Collect(string name, int[] outputs);
}
