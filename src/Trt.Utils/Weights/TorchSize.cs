using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>A <c>torch.Size</c> value of a checkpoint: dimensions that belong to no tensor. Immutable.</summary>
public sealed class TorchSize
{
    internal TorchSize(ImmutableArray<long> dimensions) => Dimensions = dimensions;

    /// <summary>The dimensions, outermost first; empty for the size of a scalar.</summary>
    public ImmutableArray<long> Dimensions { get; }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Dimensions)}]";
}
