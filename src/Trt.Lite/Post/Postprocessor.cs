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

    /// <summary>The axis of a sample's shape along which only the best place is wanted; null: it wants all values. Where a kernel has found them, the output is whole numbers with 1 in that axis' place.</summary>
    internal virtual int? BestAlong(Dims sample) => null;

    /// <summary>Makes what collects the results of a call.</summary>
    internal abstract OutputCollector Collect(string name, int[] outputs);
}
