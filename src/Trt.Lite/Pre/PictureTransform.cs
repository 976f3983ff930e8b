using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Which pre-processors of pictures <see cref="ImageTransform"/> can stand for.</summary>
internal static class PictureTransform
{
    /// <summary>What the transform is told; null where it cannot do the same.</summary>
    /// <param name="steps">The steps before the pixels are scaled.</param>
    /// <param name="scaling">What the user says of it.</param>
    /// <param name="input">The input.</param>
    /// <param name="tensor">How it is a picture.</param>
    public static ImageTransformOptions? Of(ReadOnlySpan<ImageStep> steps, PixelScaling? scaling, InputInfo input, PictureTensor tensor)
    {
        bool isFloating = input.Type is DataType.Float or DataType.Half or DataType.BF16;
        bool isExact = isFloating || (input.Type == DataType.UInt8 && scaling is null); // other numbers the CPU refuses where they are not whole
        if (!isExact || tensor.Channels is not (1 or 3) || tensor.Size is not { Width: > 0, Height: > 0 } size)
        {
            return null;
        }

        if (steps is [ColourStep colour, ..])
        {
            if (colour.Channels != tensor.Channels)
            {
                return null; // grey in three channels, or grey of colours that were something else between
            }

            steps = steps[1..];
        }

        ImageTransformOptions options = new()
        {
            Width = size.Width,
            Height = size.Height,
            Grey = tensor.Channels == 1,
            Scaling = (scaling ?? (isFloating ? PixelScaling.ZeroToOne : new PixelScaling { Divisor = 1 })) with { Layout = tensor.Layout },
            Type = input.Type,
        };
        return steps switch
        {
            [] => options,
            [ResizeStep resize] when resize.Makes(size) => options with { Filter = resize.Filter },
            [LetterboxStep box] when box.Makes(size) => options with { Fit = ImageFit.Letterbox, Padding = (box.Fill.Red, box.Fill.Green, box.Fill.Blue) },
            [ResizeShorterStep shorter, CropStep crop] when crop.MakesMiddle(size) && shorter.IsUnlimited && shorter.Side >= Math.Max(size.Width, size.Height) =>
                options with { Fit = ImageFit.CentreCrop, ShorterSide = shorter.Side, Filter = shorter.Filter },
            _ => null,
        };
    }

    /// <summary>Where a picture's pixels go.</summary>
    /// <returns>False where the CPU has to say why the picture does not fit.</returns>
    public static bool TryPlace(ImageTransformOptions options, bool isUnchanged, Image image, out ImagePlacement placement)
    {
        placement = ImagePlacement.Unmoved(image.Width, image.Height);
        TensorSize size = new(options.Width, options.Height);
        switch (options.Fit)
        {
            case ImageFit.Letterbox:
                placement = LetterboxStep.Place(placement, size);
                return true;
            case ImageFit.CentreCrop:
                TensorSize resized = ResizeShorterStep.SizeOf(image.Width, image.Height, options.ShorterSide, int.MaxValue);
                (int x, int y) = CropStep.Middle(resized, size);
                placement = placement.Resized(resized.Width, resized.Height).Moved(size.Width, size.Height, -x, -y);
                return (long)resized.Width * resized.Height <= 1 << 28; // the CPU refuses what would become larger
            default:
                placement = placement.Resized(size.Width, size.Height);
                return !isUnchanged || (image.Width == size.Width && image.Height == size.Height);
        }
    }
}
