using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A picture in a device's memory, which somebody else owns.</summary>
/// <param name="Pointer">Address of the first pixel; 0: no picture, a batch's place that stays padding.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pitch">Bytes from a row to the next.</param>
/// <param name="Format">What a pixel is: <see cref="PixelFormat.Grey8"/>, <see cref="PixelFormat.Rgb24"/> or <see cref="PixelFormat.Rgba32"/> (whose alpha is dropped).</param>
public readonly record struct DeviceImage(nint Pointer, int Width, int Height, long Pitch, PixelFormat Format)
{
    /// <summary>Whether there is no picture.</summary>
    public bool IsEmpty => Pointer == 0;

    /// <summary>Bytes from a pixel to the next.</summary>
    internal int Step => Format switch
    {
        PixelFormat.Grey8 => 1,
        PixelFormat.Rgb24 => 3,
        PixelFormat.Rgba32 => 4,
        _ => throw new NotSupportedException($"Pictures of {Format} are not made tensors; make them Grey8 or Rgb24 first."),
    };

    /// <summary>Describes a picture whose rows lie in memory without gaps.</summary>
    /// <param name="memory">At least width × height pixels, from the first byte.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">What a pixel is.</param>
    /// <returns>A view, valid as long as the memory.</returns>
    /// <exception cref="ArgumentException">The memory is too short.</exception>
    public static DeviceImage Of(DeviceMemory<byte> memory, int width, int height, PixelFormat format = PixelFormat.Rgb24)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        DeviceImage image = new(memory.Pointer, width, height, 0, format);
        image = image with { Pitch = (long)width * image.Step };
        return image.Pitch * height <= memory.Length ? image
            : throw new ArgumentException($"{width}x{height} pixels of {format} are {image.Pitch * height} bytes, more than {memory}.", nameof(memory));
    }

    /// <summary>A part of the picture, without a copy.</summary>
    /// <param name="left">Its first column.</param>
    /// <param name="top">Its first row.</param>
    /// <param name="width">Its columns, at least 1.</param>
    /// <param name="height">Its rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches outside of the picture.</exception>
    public DeviceImage Crop(int left, int top, int width, int height)
    {
        if (left < 0 || top < 0 || width < 1 || height < 1 || left > Width - width || top > Height - height)
        {
            throw new ArgumentOutOfRangeException(nameof(left), $"{width}x{height} pixels at {left}, {top} reach outside of {this}.");
        }

        return this with { Pointer = Pointer + (nint)((top * Pitch) + ((long)left * Step)), Width = width, Height = height };
    }

    /// <summary>Size and format.</summary>
    public override string ToString() => IsEmpty ? "no picture" : $"a picture of {Width}x{Height} {Format}";

    internal void Check(int index)
    {
        if (Width < 1 || Height < 1 || Width > MostSide || Height > MostSide)
        {
            throw new ArgumentException($"Picture {index} is {Width}x{Height} pixels; 1 to {MostSide} a side can be resized.");
        }

        if (Pitch < (long)Width * Step)
        {
            throw new ArgumentException($"Picture {index} has rows {Pitch} bytes apart, but {Width} pixels of {Format} are {(long)Width * Step} bytes.");
        }
    }

    private const int MostSide = 1 << 20;
}
