using Trt.Utils;

namespace Trt.Lite;

/// <param name="shorter">New length of the shorter side.</param>
/// <param name="longest">What the longer side may become at most.</param>
/// <param name="filter">How.</param>
internal sealed class ResizeShorterStep(int shorter, int longest, ResizeFilter filter) : ImageStep
{
    public int Side => shorter;

    public bool IsUnlimited => longest == int.MaxValue;

    public ResizeFilter Filter => filter;

    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        TensorSize size = SizeOf(image.Width, image.Height, shorter, longest);
        placement = placement.Resized(size.Width, size.Height);
        return image.Resize(size.Width, size.Height, filter);
    }

    /// <summary>The size that a picture gets.</summary>
    public static TensorSize SizeOf(int width, int height, int shorter, int longest)
    {
        (long least, long most) = (Math.Min(width, height), Math.Max(width, height));

        // In whole numbers: shorter / least × side, or longest / most × side where that would make the longer side too long.
        (long factor, long divisor) = shorter * most > longest * least ? (longest, most) : (shorter, least);
        return new TensorSize((int)Math.Max(1, width * factor / divisor), (int)Math.Max(1, height * factor / divisor));
    }
}
