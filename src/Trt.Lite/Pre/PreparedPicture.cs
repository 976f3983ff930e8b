using Trt.Utils;

namespace Trt.Lite;

/// <summary>A decoded picture of which a kernel makes the tensor, or the CPU where the run's other samples are no pictures.</summary>
internal sealed class PreparedPicture(Image image, ImagePreprocessor preprocessor, InputInfo input) : PreparedInput
{
    public override Image Picture => image;

    public override void Write(Span<byte> target) => preprocessor.Prepare(image, input).Write(target);
}
