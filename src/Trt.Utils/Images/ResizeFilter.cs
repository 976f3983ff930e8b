namespace Trt.Utils;

/// <summary>How <see cref="Image.Resize"/> computes a pixel from its neighbours.</summary>
public enum ResizeFilter
{
    /// <summary>Linear interpolation; when shrinking, over all pixels that the new one covers (antialiased, as Pillow's BILINEAR).</summary>
    Bilinear,

    /// <summary>The pixel at the same place, as Pillow's NEAREST.</summary>
    Nearest,

    /// <summary>Linear interpolation between the nearest pixels alone, also when shrinking; rounded to bytes row by row, so up to 1 of 255 from what floats give (OpenCV's INTER_LINEAR, PyTorch's without antialias).</summary>
    BilinearNoAntialias,
}
