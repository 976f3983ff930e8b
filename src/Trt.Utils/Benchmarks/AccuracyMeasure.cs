namespace Trt.Utils;

/// <summary>How an output's loss against a reference is measured; the names are trtexec's.</summary>
public enum AccuracyMeasure
{
    /// <summary>The share of elements, 0 to 1, whose difference is above the absolute tolerance plus the relative one times the reference's magnitude.</summary>
    L0,

    /// <summary>The mean of the differences' magnitudes.</summary>
    L1,

    /// <summary>The root of the mean of the differences' squares.</summary>
    L2,

    /// <summary>The greatest magnitude of a difference.</summary>
    LInf,

    /// <summary>1 minus the cosine of the angle between both, 0 to 2.</summary>
    Cos,
}
