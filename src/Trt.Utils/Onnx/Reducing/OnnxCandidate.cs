using Trt.Interop;

namespace Trt.Utils;

/// <summary>A part of a model that a reduction asks about.</summary>
/// <remarks>The models are the reduction's: they are closed when the answer was given, but for those of the result.</remarks>
public sealed class OnnxCandidate
{
    internal OnnxCandidate(OnnxModel model, OnnxModel? against, IReadOnlyDictionary<string, OnnxTensor> inputs, int nodeCount)
    {
        Model = model;
        Against = against;
        Inputs = inputs;
        NodeCount = nodeCount;
    }

    /// <summary>The part, a model of its own.</summary>
    public OnnxModel Model { get; }

    /// <summary>The same part of the model that the first is compared with; null where there is none.</summary>
    public OnnxModel? Against { get; }

    /// <summary>Values of the part's inputs, as the whole model has them there; inputs whose values are not known are missing.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Inputs { get; }

    /// <summary>Nodes of the part, but for those that only hold a constant.</summary>
    public int NodeCount { get; }

    internal void Close()
    {
        Model.Dispose();
        Against?.Dispose();
    }
}
