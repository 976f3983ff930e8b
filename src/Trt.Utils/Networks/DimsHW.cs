using Trt.Interop;

namespace Trt.Utils;

/// <summary>A height and a width, or one number for both: <c>2</c> and <c>(2, 1)</c> convert to it.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct DimsHW(long Height, long Width)
{
    /// <summary>The same number for height and width.</summary>
    public static implicit operator DimsHW(long both) => new(both, both);

    /// <summary>Height and width.</summary>
    public static implicit operator DimsHW((long Height, long Width) pair) => new(pair.Height, pair.Width);

    /// <summary>As two extents.</summary>
    public Dims ToDims() => [Height, Width];

    /// <inheritdoc/>
    public override string ToString() => $"{Height}x{Width}";
}
