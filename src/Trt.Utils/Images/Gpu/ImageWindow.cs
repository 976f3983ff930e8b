namespace Trt.Utils;

/// <summary>Where a resized picture is in the tensor.</summary>
/// <param name="Width">Columns of the picture after resizing.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Left">Its first column in the tensor; negative where it is cut.</param>
/// <param name="Top">Its first row.</param>
internal readonly record struct ImageWindow(int Width, int Height, int Left, int Top)
{
    public static ImageWindow For(ImageTransformOptions options, int width, int height)
    {
        (int toWidth, int toHeight) = (options.Width, options.Height);
        switch (options.Fit)
        {
            case ImageFit.Letterbox:
                double scale = Math.Min((double)toWidth / width, (double)toHeight / height);
                int inWidth = Math.Clamp((int)Math.Floor((width * scale) + 0.5), 1, toWidth);
                int inHeight = Math.Clamp((int)Math.Floor((height * scale) + 0.5), 1, toHeight);
                return new ImageWindow(inWidth, inHeight, (toWidth - inWidth) / 2, (toHeight - inHeight) / 2);
            case ImageFit.CentreCrop:
                // In whole numbers, as torchvision: factor / divisor times each side, cut off.
                (long factor, long divisor) = options.ShorterSide > 0 ? (options.ShorterSide, Math.Min(width, height))
                    : (long)toWidth * height >= (long)toHeight * width ? (toWidth, width) : (toHeight, height);
                long outWidth = Math.Max(toWidth, width * factor / divisor);
                long outHeight = Math.Max(toHeight, height * factor / divisor);
                if (Math.Max(outWidth, outHeight) > Most)
                {
                    throw new ArgumentException($"A picture of {width}x{height} pixels would become {outWidth}x{outHeight} before its middle is cut out; at most {Most} a side can be computed. Crop it first, or use ImageFit.Letterbox.");
                }

                // Halves go to the even side, as torchvision has it.
                return new ImageWindow((int)outWidth, (int)outHeight, -(int)Math.Round((outWidth - toWidth) / 2.0), -(int)Math.Round((outHeight - toHeight) / 2.0));
            default:
                return new ImageWindow(toWidth, toHeight, 0, 0);
        }
    }

    private const int Most = 1 << 24;
}
