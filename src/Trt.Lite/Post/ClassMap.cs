using Trt.Utils;

namespace Trt.Lite;

/// <summary>Pictures of classes: what segmentation models give.</summary>
public static class ClassMap
{
    /// <summary>The class with the greatest score at every pixel; of equal ones the first. Allocates nothing.</summary>
    /// <param name="scores">A plane of scores for each class, [classes, height, width].</param>
    /// <param name="classes">How many planes, 1 to 256.</param>
    /// <param name="map">The class of each pixel.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Argmax(ReadOnlySpan<float> scores, int classes, Span<byte> map)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, 256);
        if (scores.Length != (long)classes * map.Length)
        {
            throw new ArgumentException($"{scores.Length} scores are not {classes} planes of {map.Length} pixels.", nameof(scores));
        }

        map.Clear();
        Span<float> best = stackalloc float[512];
        for (int from = 0; from < map.Length; from += best.Length)
        {
            int length = Math.Min(best.Length, map.Length - from);
            Span<byte> part = map.Slice(from, length);
            scores.Slice(from, length).CopyTo(best);
            for (int plane = 1; plane < classes; plane++)
            {
                ReadOnlySpan<float> other = scores.Slice((plane * map.Length) + from, length);
                for (int i = 0; i < other.Length; i++)
                {
                    if (other[i] > best[i])
                    {
                        best[i] = other[i];
                        part[i] = (byte)plane;
                    }
                }
            }
        }
    }

    /// <summary>A picture of a map's classes.</summary>
    /// <param name="map">The class of each pixel, row by row; used as it is when there is no palette.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="palette">A colour for each class; those beyond it are black. Empty: grey, the class's number itself.</param>
    public static Image ToImage(byte[] map, int width, int height, ReadOnlySpan<Colour> palette = default)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (palette.IsEmpty)
        {
            return new Image(width, height, PixelFormat.Grey8, map);
        }

        byte[] pixels = new byte[3L * map.Length];
        for (int i = 0; i < map.Length; i++)
        {
            if (map[i] < palette.Length)
            {
                Colour colour = palette[map[i]];
                (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (colour.Red, colour.Green, colour.Blue);
            }
        }

        return new Image(width, height, PixelFormat.Rgb24, pixels);
    }

    /// <summary>Brings a map back to the size of the picture that the model saw: what was cropped away is 0, nearest neighbours elsewhere.</summary>
    /// <param name="map">The class of each pixel of the tensor, row by row.</param>
    /// <param name="width">Pixels in a row of the map.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="placement">Where the picture's pixels went.</param>
    /// <returns>The class of each pixel of the picture.</returns>
    public static byte[] ToPicture(ReadOnlySpan<byte> map, int width, int height, ImagePlacement placement)
    {
        byte[] result = new byte[checked(placement.Width * placement.Height)];
        double across = (double)width / placement.TensorWidth;
        double down = (double)height / placement.TensorHeight;
        for (int y = 0; y < placement.Height; y++)
        {
            double row = Math.Floor((((y + 0.5) * placement.ScaleY) + placement.OffsetY) * down);
            if (row < 0 || row >= height)
            {
                continue;
            }

            for (int x = 0; x < placement.Width; x++)
            {
                double column = Math.Floor((((x + 0.5) * placement.ScaleX) + placement.OffsetX) * across);
                if (column >= 0 && column < width)
                {
                    result[(y * placement.Width) + x] = map[((int)row * width) + (int)column];
                }
            }
        }

        return result;
    }
}
