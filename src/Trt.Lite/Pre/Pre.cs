using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Pre-processors to take from the shelf. They are immutable and may be shared.</summary>
public static class Pre
{
    /// <summary>Decodes pictures and changes nothing: what pictures get that come without a pre-processor.</summary>
    public static ImagePreprocessor Decode { get; } = new([], null);

    /// <inheritdoc cref="ImagePreprocessor.Resize(int, int, ResizeFilter)"/>
    public static ImagePreprocessor Resize(int width, int height, ResizeFilter filter = ResizeFilter.Bilinear) => Decode.Resize(width, height, filter);

    /// <inheritdoc cref="ImagePreprocessor.Resize(ResizeFilter)"/>
    public static ImagePreprocessor Resize(ResizeFilter filter = ResizeFilter.Bilinear) => Decode.Resize(filter);

    /// <inheritdoc cref="ImagePreprocessor.ResizeShorter"/>
    public static ImagePreprocessor ResizeShorter(int shorter, int longest = int.MaxValue, ResizeFilter filter = ResizeFilter.Bilinear) => Decode.ResizeShorter(shorter, longest, filter);

    /// <inheritdoc cref="ImagePreprocessor.Letterbox(int, int, Colour?)"/>
    public static ImagePreprocessor Letterbox(int width, int height, Colour? fill = null) => Decode.Letterbox(width, height, fill);

    /// <inheritdoc cref="ImagePreprocessor.Letterbox(Colour?)"/>
    public static ImagePreprocessor Letterbox(Colour? fill = null) => Decode.Letterbox(fill);

    /// <inheritdoc cref="ImagePreprocessor.CentreCrop"/>
    public static ImagePreprocessor CentreCrop(int width, int height) => Decode.CentreCrop(width, height);

    /// <inheritdoc cref="ImagePreprocessor.Crop"/>
    public static ImagePreprocessor Crop(int left, int top, int width, int height) => Decode.Crop(left, top, width, height);

    /// <inheritdoc cref="ImagePreprocessor.Grey"/>
    public static ImagePreprocessor Grey() => Decode.Grey();

    /// <inheritdoc cref="ImagePreprocessor.Rgb"/>
    public static ImagePreprocessor Rgb() => Decode.Rgb();

    /// <inheritdoc cref="ImagePreprocessor.Scale"/>
    public static ImagePreprocessor Scale(PixelScaling scaling) => Decode.Scale(scaling);

    /// <summary>A function of one's own.</summary>
    /// <typeparam name="TSample">What a sample is: also what needs no numbers, such as a text.</typeparam>
    /// <typeparam name="TElement">The input's element type; ushort for the bits of bfloat16.</typeparam>
    /// <param name="fill">Writes the tensor; called from several threads at once.</param>
    /// <param name="shape">The shape of a sample's tensor, without batch; needed where the model leaves extents open.</param>
    public static Preprocessor From<TSample, TElement>(TensorFiller<TSample, TElement> fill, Func<TSample, Dims>? shape = null)
        where TSample : notnull
        where TElement : unmanaged
    {
        ArgumentNullException.ThrowIfNull(fill);
        return new DelegatePreprocessor<TSample, TElement>(fill, shape);
    }
}
