namespace Trt.Utils;

/// <summary>Least, usual and greatest extent of an axis.</summary>
/// <param name="Min">Least, 0 or more.</param>
/// <param name="Opt">What the engine is tuned for.</param>
/// <param name="Max">Greatest.</param>
public readonly record struct ExtentRange(long Min, long Opt, long Max)
{
    /// <summary>One extent only.</summary>
    /// <param name="extent">Least, usual and greatest.</param>
    public static implicit operator ExtentRange(long extent) => new(extent, extent, extent);

    /// <summary>One extent only.</summary>
    /// <param name="extent">Least, usual and greatest.</param>
    public static ExtentRange FromInt64(long extent) => extent;
}
