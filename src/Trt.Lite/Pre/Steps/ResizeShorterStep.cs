using Trt.Utils;

namespace Trt.Lite;

/// <param name="shorter">New length of the shorter side.</param>
/// <param name="longest">What the longer side may become at most.</param>
/// <param name="filter">How.</param>
internal sealed class ResizeShorterStep(int shorter, int longest, ResizeFilter filter) : ImageStep
{
    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        (long least, long most) = (Math.Min(image.Width, image.Height), Math.Max(image.Width, image.Height));

        // In whole numbers: shorter / least × side, or longest / most × side where that would make the longer side too long.
        (long factor, long divisor) = shorter * most > longest * least ? (longest, most) : (shorter, least);
        int width = (int)Math.Max(1, image.Width * factor / divisor);
        int height = (int)Math.Max(1, image.Height * factor / divisor);
        placement = placement.Resized(width, height);
        return image.Resize(width, height, filter);
    }
}
