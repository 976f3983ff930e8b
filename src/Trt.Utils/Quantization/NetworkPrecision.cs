using Trt.Interop;

namespace Trt.Utils;

/// <summary>The precision of strongly typed networks, which TensorRT 11 and TensorRT-RTX build only: no flag of the builder changes it, the network itself says it.</summary>
public static class NetworkPrecision
{
    /// <summary>Makes a network of 32-bit floats compute in 16 bits, in place.</summary>
    /// <param name="network">A complete network with its outputs marked; apply an <see cref="Int8Calibration"/> before. Networks of older releases that are not strongly typed take a builder flag instead.</param>
    /// <param name="type"><see cref="DataType.Half"/> or <see cref="DataType.BF16"/> (GPUs since compute capability 8.0).</param>
    /// <param name="rules">What else stays in 32 bits.</param>
    /// <returns>Which layers compute in 16 bits now, and why others do not.</returns>
    /// <remarks>
    /// Convolutions, products and look-ups in tables of constants are computed in 16 bits, and what follows them (additions, activations, pooling, moves) as well. Normalizations, sums and means,
    /// softmax, exponentials, logarithms and powers stay in 32 bits, as do shapes and indices, and within loops everything but convolutions and products, as loops carry their state along. Casts are
    /// put where types meet, one for each tensor; weights of layers are converted, constants are cast (a build folds that), so that refitting by a constant's name takes 32 bits as before.
    /// Inputs and outputs of the network keep their types. A layer with weights that the type cannot hold stays in 32 bits, and the report names it.
    /// </remarks>
    /// <exception cref="ArgumentException">The type is another one.</exception>
    /// <exception cref="TensorRtException">The library refuses a change; the message is its own.</exception>
    public static PrecisionReport ConvertPrecision(this INetworkDefinition network, DataType type, PrecisionRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        return type is DataType.Half or DataType.BF16
            ? new PrecisionRewriter(network, type, rules ?? new PrecisionRules()).Rewrite()
            : throw new ArgumentException($"Networks are converted to {DataType.Half} or {DataType.BF16}, not {type}{(type is DataType.Int8 or DataType.FP8 ? $"; for that, {nameof(Int8Calibration)}.{nameof(Int8Calibration.Apply)} needs to see data" : string.Empty)}.", nameof(type));
    }

    /// <summary>The 16-bit type that suits a network: <see cref="DataType.Half"/>, which is the more precise, or <see cref="DataType.BF16"/> where weights or constants are beyond its range.</summary>
    /// <param name="network">The network; it is only read.</param>
    /// <remarks>The ranges of activations are not known here. BF16 needs a GPU since compute capability 8.0.</remarks>
    public static DataType BestPrecision(this INetworkDefinition network)
    {
        ArgumentNullException.ThrowIfNull(network);
        for (int i = 0; i < network.NbLayers; i++)
        {
            if (network.GetLayer(i) is not IConstantLayer && LayerWeights.Of(network.GetLayer(i)).Any(weights => NarrowWeights.IsBeyond(weights, DataType.Half)))
            {
                return DataType.BF16;
            }
        }

        GC.KeepAlive(network);
        return DataType.Half;
    }
}
