using Trt.Utils;

namespace Trt.Lite;

/// <param name="channels">1: grey, 3: red, green, blue.</param>
internal sealed class ColourStep(int channels) : ImageStep
{
    public int Channels => channels;

    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement) => channels == 1 ? image.ToGrey() : image.ToRgb();
}
