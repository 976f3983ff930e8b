using Trt.Interop;

namespace Trt.Utils;

/// <summary>What a conversion of precision leaves in 32 bits beyond its own rules.</summary>
public sealed record PrecisionRules
{
    /// <summary>Names of layers that stay as they are.</summary>
    public IReadOnlySet<string> KeptLayers { get; init; } = new HashSet<string>();

    /// <summary>Types of layers that stay as they are.</summary>
    public IReadOnlySet<LayerType> KeptTypes { get; init; } = new HashSet<LayerType>();

    /// <summary>Whether softmax is computed in 16 bits too. Not before a logarithm.</summary>
    public bool ConvertsSoftMax { get; init; }

    /// <summary>
    /// Whether weights of convolutions stay in 32 bits, as constants that are cast, for an engine that is to be refitted by the names that weights were given with
    /// <see cref="INetworkDefinition.SetWeightsName"/>: a name cannot be given to converted weights. Convolutions are added again for that, and the first ones stay unused, named <c>….replaced</c>.
    /// </summary>
    public bool KeepsWeights { get; init; }
}
