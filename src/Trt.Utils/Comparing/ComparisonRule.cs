namespace Trt.Utils;

/// <summary>When two tensors agree. The defaults are Polygraphy's.</summary>
/// <remarks>A NaN on either side, and infinities, disagree under every check unless they are allowed to be equal.</remarks>
public sealed record ComparisonRule
{
    /// <summary>What is looked at.</summary>
    public ComparisonCheck Check { get; init; }

    /// <summary>Tolerance of absolute differences, 0 or more.</summary>
    public double Absolute { get; init; } = 1e-5;

    /// <summary>Tolerance of differences divided by the reference's absolute value, 0 or more.</summary>
    public double Relative { get; init; } = 1e-5;

    /// <summary>Which quantile <see cref="ComparisonCheck.Quantile"/> takes, 0 to 1.</summary>
    public double Quantile { get; init; } = 0.99;

    /// <summary>The least cosine, −1 to 1.</summary>
    public double MinCosine { get; init; } = 0.997;

    /// <summary>The least ratio of signal to noise, in decibels.</summary>
    public double MinSnr { get; init; } = 20;

    /// <summary>The least ratio of range to noise, in decibels.</summary>
    public double MinPsnr { get; init; } = 30;

    /// <summary>Whether infinities of the same sign are equal.</summary>
    public bool InfinitiesAreEqual { get; init; }

    /// <summary>Whether NaN on both sides is equal.</summary>
    public bool NaNsAreEqual { get; init; }
}
