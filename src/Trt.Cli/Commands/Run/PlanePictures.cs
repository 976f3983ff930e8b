using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>Pictures of outputs that are planes of numbers.</summary>
internal static class PlanePictures
{
    /// <summary>Floats beyond this are taken for pixels of 0 to 255 instead of 0 to 1.</summary>
    private const float MostOfOne = 2;

    /// <summary>Planes as the channels of a picture.</summary>
    /// <exception cref="ArgumentException">There are not 1, 3 or 4 planes.</exception>
    public static Image Pixels(OutputView view)
    {
        (int planes, int height, int width) = Size(view);
        PixelFormat format = planes switch
        {
            1 => PixelFormat.Grey8,
            3 => PixelFormat.Rgb24,
            4 => PixelFormat.Rgba32,
            _ => throw new ArgumentException($"Output \"{view.Name}\" has {planes} planes; a picture has 1, 3 or 4."),
        };
        ReadOnlySpan<float> values = view.Floats;
        bool isUnit = view.Type is DataType.Float or DataType.Half or DataType.BF16;
        foreach (float value in values)
        {
            isUnit &= value <= MostOfOne;
        }

        float factor = isUnit ? 255 : 1;
        byte[] pixels = new byte[values.Length];
        int area = height * width;
        for (int plane = 0; plane < planes; plane++)
        {
            for (int i = 0; i < area; i++)
            {
                float value = values[(plane * area) + i] * factor;
                pixels[(i * planes) + plane] = value >= 0 ? (byte)Math.Min(MathF.Round(value), 255) : (byte)0; // not-a-number becomes black
            }
        }

        return new Image(width, height, format, pixels);
    }

    /// <summary>The greatest value at each place, from black, the least of all, to white, the greatest.</summary>
    public static Image Heat(OutputView view)
    {
        (int planes, int height, int width) = Size(view);
        ReadOnlySpan<float> values = view.Floats;
        float[] greatest = values[..(height * width)].ToArray();
        for (int i = greatest.Length; i < planes * greatest.Length; i++)
        {
            int at = i % greatest.Length;
            greatest[at] = Math.Max(greatest[at], values[i]);
        }

        (float min, float max) = (greatest.Where(float.IsFinite).DefaultIfEmpty().Min(), greatest.Where(float.IsFinite).DefaultIfEmpty().Max());
        float range = max > min ? max - min : 1;
        return new Image(width, height, PixelFormat.Grey8, Array.ConvertAll(greatest, value => float.IsNaN(value) ? (byte)0 : (byte)MathF.Round(Math.Clamp((value - min) / range, 0, 1) * 255)));
    }

    private static (int Planes, int Height, int Width) Size(OutputView view)
    {
        Dims shape = view.Shape;
        return shape.NbDims is 2 or 3 && shape.Volume > 0
            ? (shape.NbDims == 3 ? checked((int)shape[0]) : 1, checked((int)shape[shape.NbDims - 2]), checked((int)shape[shape.NbDims - 1]))
            : throw new ArgumentException($"Output \"{view.Name}\" of shape {Units.Shape(shape.ToArray())} (without batch) is no picture: expected planes x height x width, or height x width.");
    }
}
