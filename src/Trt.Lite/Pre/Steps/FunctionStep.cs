using Trt.Utils;

namespace Trt.Lite;

internal sealed class FunctionStep(Func<Image, Image> function) : ImageStep
{
    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        Image result = function(image) ?? throw new InvalidOperationException("A step of the pre-processor gave no picture.");
        if (result.Width != image.Width || result.Height != image.Height)
        {
            placement = placement.Resized(result.Width, result.Height);
        }

        return result;
    }
}
