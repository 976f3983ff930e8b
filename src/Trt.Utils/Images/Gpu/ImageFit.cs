namespace Trt.Utils;

/// <summary>How a picture of another shape fills a tensor.</summary>
public enum ImageFit
{
    /// <summary>Width and height are scaled on their own.</summary>
    Stretch,

    /// <summary>The whole picture in the middle with its aspect kept, sides rounded to the nearest; the rest is <see cref="ImageTransformOptions.Padding"/>.</summary>
    Letterbox,

    /// <summary>The shorter side is scaled to fill, and the middle is cut out, as torchvision's Resize and CenterCrop do.</summary>
    CentreCrop,
}
