namespace Trt.Lite;

/// <summary>Makes a result of a sample's outputs. Derive from <see cref="Postprocessor{TResult}"/>, or take one of <see cref="Post"/>.</summary>
public abstract class Postprocessor
{
    private protected Postprocessor()
    {
    }

    /// <summary>What it makes of one sample.</summary>
    public abstract Type ResultType { get; }

    /// <summary>Makes what collects the results of a call.</summary>
    internal abstract OutputCollector Collect(string name, int[] outputs);
}
