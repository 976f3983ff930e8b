using Trt.Utils;

namespace LowLevelApi;

/// <summary>The handwritten digits: pixels in 0 to 1, and what each is, which is the first letter of its file's name.</summary>
internal sealed record Digits(float[] Images, int[] Labels)
{
    public const int Pixels = 28 * 28;

    public int Count => Labels.Length;

    public static Digits Load(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.pgm").Order(StringComparer.Ordinal)];
        float[] images = new float[files.Length * Pixels];
        for (int i = 0; i < files.Length; i++)
        {
            Image.Load(files[i]).CopyTo(images.AsSpan(i * Pixels, Pixels), PixelScaling.ZeroToOne);
        }

        return new Digits(images, [.. files.Select(file => Path.GetFileName(file)[0] - '0')]);
    }
}
