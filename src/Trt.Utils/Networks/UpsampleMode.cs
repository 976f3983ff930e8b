namespace Trt.Utils;

/// <summary>Kinds of interpolation of torch.nn.Upsample.</summary>
public enum UpsampleMode
{
    /// <summary>The nearest pixel, rounded down.</summary>
    Nearest,

    /// <summary>Between four pixels.</summary>
    Bilinear,

    /// <summary>Between sixteen pixels, with the coefficient −0.75.</summary>
    Bicubic,
}
