namespace Trt.Utils;

/// <summary>What decides whether two tensors agree.</summary>
public enum ComparisonCheck
{
    /// <summary>
    /// Every element: its absolute difference is within <see cref="ComparisonRule.Absolute"/>, or its relative one within <see cref="ComparisonRule.Relative"/>. Polygraphy's rule, up to
    /// twice as strict as <see cref="AllClose"/>.
    /// </summary>
    Elementwise,

    /// <summary>Every element: its absolute difference is at most absolute + relative · |reference|, as NumPy's <c>allclose</c> has it.</summary>
    AllClose,

    /// <summary>The greatest difference, absolute or relative, is within its tolerance.</summary>
    Max,

    /// <summary>The mean difference, absolute or relative, is within its tolerance.</summary>
    Mean,

    /// <summary>The median difference, absolute or relative, is within its tolerance.</summary>
    Median,

    /// <summary>The quantile <see cref="ComparisonRule.Quantile"/> of the differences, absolute or relative, is within its tolerance.</summary>
    Quantile,

    /// <summary>The cosine of the angle between the two is at least <see cref="ComparisonRule.MinCosine"/>.</summary>
    Cosine,

    /// <summary>The ratio of signal to noise is at least <see cref="ComparisonRule.MinSnr"/> decibels.</summary>
    Snr,

    /// <summary>The ratio of the reference's range to the noise is at least <see cref="ComparisonRule.MinPsnr"/> decibels.</summary>
    Psnr,
}
