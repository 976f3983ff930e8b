using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>Draws boxes into pictures.</summary>
internal static class BoxPainter
{
    /// <summary>The picture in RGB with a frame for each box in its class's colour.</summary>
    public static Image Draw(Image picture, IReadOnlyList<DetectedBox> boxes)
    {
        Image image = picture.ToRgb();
        byte[] pixels = image.Data.ToArray();
        int thickness = Math.Max(1, Math.Min(image.Width, image.Height) / 200);
        foreach (DetectedBox box in boxes.Reverse())
        {
            byte[] colour = ClassColours.Line(box.Class);
            (int left, int right) = (Limit(box.Left, image.Width), Limit(box.Right, image.Width));
            (int top, int bottom) = (Limit(box.Top, image.Height), Limit(box.Bottom, image.Height));
            for (int inset = 0; inset < thickness; inset++)
            {
                for (int x = left; x <= right; x++)
                {
                    Set(x, top + inset, colour);
                    Set(x, bottom - inset, colour);
                }

                for (int y = top; y <= bottom; y++)
                {
                    Set(left + inset, y, colour);
                    Set(right - inset, y, colour);
                }
            }
        }

        return new Image(image.Width, image.Height, PixelFormat.Rgb24, pixels);

        void Set(int x, int y, ReadOnlySpan<byte> colour)
        {
            if (x >= 0 && y >= 0 && x < image.Width && y < image.Height)
            {
                colour.CopyTo(pixels.AsSpan(3 * ((y * image.Width) + x)));
            }
        }
    }

    private static int Limit(float place, int extent) => float.IsNaN(place) ? 0 : (int)Math.Clamp(Math.Round(place), 0, extent - 1);
}
