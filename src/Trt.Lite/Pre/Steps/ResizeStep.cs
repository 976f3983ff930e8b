using Trt.Utils;

namespace Trt.Lite;

/// <param name="width">New width; 0: the model's.</param>
/// <param name="height">New height; 0: the model's.</param>
/// <param name="filter">How.</param>
internal sealed class ResizeStep(int width, int height, ResizeFilter filter) : ImageStep
{
    public ResizeFilter Filter => filter;

    /// <summary>Whether it makes pictures of the model's size.</summary>
    public bool Makes(TensorSize model) => width == 0 || (width == model.Width && height == model.Height);

    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        TensorSize size = width > 0 ? new TensorSize(width, height) : model.Known("Resize");
        placement = placement.Resized(size.Width, size.Height);
        return image.Resize(size.Width, size.Height, filter);
    }
}
