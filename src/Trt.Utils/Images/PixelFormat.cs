namespace Trt.Utils;

/// <summary>How the pixels of an <see cref="Image"/> lie in memory: row by row, without gaps, channels next to each other.</summary>
public enum PixelFormat
{
    /// <summary>One byte a pixel.</summary>
    Grey8,

    /// <summary>One 16-bit number a pixel, in the machine's byte order.</summary>
    Grey16,

    /// <summary>Red, green, blue, a byte each.</summary>
    Rgb24,

    /// <summary>Red, green, blue, alpha (not premultiplied), a byte each.</summary>
    Rgba32,
}
