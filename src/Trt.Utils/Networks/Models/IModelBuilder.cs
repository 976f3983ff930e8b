using Trt.Interop;

namespace Trt.Utils;

/// <summary>An architecture that is defined from the weights of a checkpoint: names tell what there is, shapes how wide it is.</summary>
/// <remarks>
/// Builders are immutable; any number of threads may use one. <see cref="ModelBuilders"/> finds the one for a checkpoint. Those of this library are records: <c>with</c> gives one with other settings, equal ones
/// define equal networks, and their texts hold all settings.
/// </remarks>
public interface IModelBuilder
{
    /// <summary>What it is called, such as <c>ResNet</c>.</summary>
    string Name { get; }

    /// <summary>Whether the weights look like this architecture's, by their names; no values are read.</summary>
    /// <param name="weights">A checkpoint.</param>
    bool Recognises(WeightsMap weights);

    /// <summary>The inputs that <see cref="Define"/> will add, with shapes that suit a profile where extents are left open.</summary>
    /// <param name="weights">A checkpoint of this architecture.</param>
    /// <exception cref="KeyNotFoundException">A tensor is missing; the message names it.</exception>
    IReadOnlyList<ModelInput> InputsFor(WeightsMap weights);

    /// <summary>Adds inputs, layers and outputs to an empty network.</summary>
    /// <param name="network">A network, of any release, typed strongly or not.</param>
    /// <param name="weights">The checkpoint, which stays open until the engine is built.</param>
    /// <exception cref="KeyNotFoundException">A tensor is missing; the message names it.</exception>
    /// <exception cref="WeightShapeException">A tensor's shape does not fit; the message names it.</exception>
    /// <exception cref="TensorRtException">The library refused a layer.</exception>
    void Define(INetworkDefinition network, WeightsMap weights);
}
