using Trt.Interop;

namespace Trt.Utils;

/// <summary>The smallest part of a model that was found to fail still. Dispose closes its models.</summary>
public sealed class OnnxReduction : IDisposable
{
    private readonly OnnxCandidate smallest;

    internal OnnxReduction(OnnxCandidate smallest, int originalNodeCount, IReadOnlyList<OnnxReductionTry> tries)
    {
        this.smallest = smallest;
        OriginalNodeCount = originalNodeCount;
        Tries = tries;
    }

    /// <summary>The part, a model of its own.</summary>
    public OnnxModel Model => smallest.Model;

    /// <summary>The same part of the model that was compared with; null where there is none.</summary>
    public OnnxModel? Against => smallest.Against;

    /// <summary>Values of the part's inputs, as the whole model has them there; inputs whose values are not known are missing.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Inputs => smallest.Inputs;

    /// <summary>Nodes of the part, but for those that only hold a constant.</summary>
    public int NodeCount => smallest.NodeCount;

    /// <summary>Nodes of the whole model, counted likewise.</summary>
    public int OriginalNodeCount { get; }

    /// <summary>All questions that were asked, in order.</summary>
    public IReadOnlyList<OnnxReductionTry> Tries { get; }

    /// <inheritdoc/>
    public void Dispose() => smallest.Close();
}
