using Trt.Utils;

namespace Trt.Lite;

/// <summary>One step from the picture that was given to the one that becomes the tensor.</summary>
internal abstract class ImageStep
{
    /// <summary>Does the step.</summary>
    /// <param name="image">The picture so far.</param>
    /// <param name="model">What the model wants in the end.</param>
    /// <param name="placement">Where the original's pixels are; brought up to date.</param>
    public abstract Image Apply(Image image, TensorSize model, ref ImagePlacement placement);
}
