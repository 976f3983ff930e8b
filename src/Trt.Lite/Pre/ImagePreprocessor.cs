using System.Collections.Immutable;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Makes an input's values of pictures: decodes, brings them to size and colour, and scales their pixels.</summary>
/// <remarks>
/// <code>
/// Pre.ResizeShorter(256).CentreCrop(224, 224).Scale(PixelScaling.ImageNet)
/// </code>
/// A sample may be an <see cref="Image"/>, the path of a PNG, JPEG, PGM or PPM file, or the bytes of one. Each method gives a new pre-processor with one step more. Grey, RGB or RGBA follows from
/// the model's number of channels, and so does the layout; the pixels become 0 to 1 unless <see cref="Scale"/> says otherwise, and stay as they are where the model takes whole numbers.
/// </remarks>
public sealed class ImagePreprocessor : Preprocessor
{
    private readonly ImmutableArray<ImageStep> steps;
    private readonly PixelScaling? scaling;

    internal ImagePreprocessor(ImmutableArray<ImageStep> steps, PixelScaling? scaling)
    {
        this.steps = steps;
        this.scaling = scaling;
    }

    /// <summary>Resizes as Pillow does, without regard to the ratio of the sides.</summary>
    /// <param name="width">New width.</param>
    /// <param name="height">New height.</param>
    /// <param name="filter">How.</param>
    public ImagePreprocessor Resize(int width, int height, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        CheckSize(width, height);
        return With(new ResizeStep(width, height, filter));
    }

    /// <summary>Resizes to the size that the model wants.</summary>
    /// <param name="filter">How.</param>
    public ImagePreprocessor Resize(ResizeFilter filter = ResizeFilter.Bilinear) => With(new ResizeStep(0, 0, filter));

    /// <summary>Resizes so that the shorter side gets a length, keeping the ratio (other side rounded down).</summary>
    /// <param name="shorter">New length of the shorter side.</param>
    /// <param name="longest">What the longer side may become at most; where it would be longer, it gets this length.</param>
    /// <param name="filter">How.</param>
    public ImagePreprocessor ResizeShorter(int shorter, int longest = int.MaxValue, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        CheckSize(shorter, longest);
        return With(new ResizeShorterStep(shorter, longest, filter));
    }

    /// <summary>Fits the whole picture into a frame, keeping the ratio, in the middle: sides rounded to the nearest, what is left over on the right and below.</summary>
    /// <param name="width">The frame's width.</param>
    /// <param name="height">The frame's height.</param>
    /// <param name="fill">The frame's colour; null: grey 114.</param>
    public ImagePreprocessor Letterbox(int width, int height, Colour? fill = null)
    {
        CheckSize(width, height);
        return With(new LetterboxStep(width, height, fill ?? Colour.Grey(114)));
    }

    /// <summary>Fits the whole picture into a frame of the size that the model wants.</summary>
    /// <param name="fill">The frame's colour; null: grey 114.</param>
    public ImagePreprocessor Letterbox(Colour? fill = null) => With(new LetterboxStep(0, 0, fill ?? Colour.Grey(114)));

    /// <summary>Cuts out the middle.</summary>
    /// <param name="width">Width of what stays, at most the picture's.</param>
    /// <param name="height">Height of what stays.</param>
    public ImagePreprocessor CentreCrop(int width, int height)
    {
        CheckSize(width, height);
        return With(new CropStep(-1, -1, width, height));
    }

    /// <summary>Cuts a part out.</summary>
    /// <param name="left">Its left edge.</param>
    /// <param name="top">Its upper edge.</param>
    /// <param name="width">Its width.</param>
    /// <param name="height">Its height.</param>
    public ImagePreprocessor Crop(int left, int top, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        CheckSize(width, height);
        return With(new CropStep(left, top, width, height));
    }

    /// <summary>Makes it grey; repeated in all channels where the model wants more than one.</summary>
    public ImagePreprocessor Grey() => With(new ColourStep(1));

    /// <summary>Makes it red, green and blue.</summary>
    public ImagePreprocessor Rgb() => With(new ColourStep(3));

    /// <summary>A step of one's own. Where it changes the size, results are brought back to the original as if it had resized.</summary>
    /// <param name="step">Gives a new picture; called from several threads at once.</param>
    public ImagePreprocessor Then(Func<Image, Image> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return With(new FunctionStep(step));
    }

    /// <summary>Says how pixels become numbers, where the channels stand, and whether blue comes first.</summary>
    /// <param name="scaling">Divisor, mean, deviation, layout, order. Its layout counts where it is not the one that follows from the model's shape by itself.</param>
    public ImagePreprocessor Scale(PixelScaling scaling)
    {
        ArgumentNullException.ThrowIfNull(scaling);
        return new ImagePreprocessor(steps, scaling);
    }

    /// <summary>Does the steps on a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="placement">Where its pixels went.</param>
    /// <exception cref="InvalidOperationException">A step wants the model's size, which is not known here.</exception>
    public Image Apply(Image image, out ImagePlacement placement)
    {
        ArgumentNullException.ThrowIfNull(image);
        placement = ImagePlacement.Unmoved(image.Width, image.Height);
        return Apply(image.Format == PixelFormat.Grey16 ? image.ToGrey() : image, new TensorSize(-1, -1), ref placement);
    }

    /// <summary>Makes the numbers of a tensor of one picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="tensor">Channels × height × width values of the picture after all steps.</param>
    public void Apply(Image image, Span<float> tensor) => Apply(image, out _).CopyTo(tensor, scaling ?? PixelScaling.ZeroToOne);

    /// <summary>Makes the numbers of a tensor of a batch of pictures.</summary>
    /// <param name="images">The pictures; all get the same size by the steps.</param>
    /// <param name="tensor">As many values for each.</param>
    /// <exception cref="ArgumentException">The tensor's length is no multiple of the number of pictures, or a picture has another size.</exception>
    public void ApplyBatch(IReadOnlyList<Image> images, Span<float> tensor)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0 ? tensor.Length > 0 : tensor.Length % images.Count != 0)
        {
            throw new ArgumentException($"{tensor.Length} values are not as many for each of {images.Count} pictures.", nameof(tensor));
        }

        int length = images.Count == 0 ? 0 : tensor.Length / images.Count;
        for (int i = 0; i < images.Count; i++)
        {
            Apply(images[i], tensor.Slice(i * length, length));
        }
    }

    internal override bool Accepts(object sample) => sample is Image or string or byte[] or ReadOnlyMemory<byte> or Memory<byte>;

    internal override PreparedInput Prepare(object sample, InputInfo input) => Prepare(Decode(sample), input);

    internal override ImageTransformOptions? TransformFor(InputInfo input)
    {
        try
        {
            return PictureTransform.Of(steps.AsSpan(), scaling, input, PictureTensor.Of(input, LayoutWish));
        }
        catch (ArgumentException)
        {
            return null; // the input is no picture, which samples of numbers need not be
        }
    }

    internal override PreparedInput PrepareForTransform(object sample, InputInfo input, ImageTransformOptions transform)
    {
        Image image = Decode(sample);
        image = image.Format == PixelFormat.Grey16 ? image.ToGrey() : image;
        return PictureTransform.TryPlace(transform, steps.IsEmpty, image, out ImagePlacement placement)
            ? new PreparedPicture(image, this, input) { Shape = PictureTensor.Of(input, LayoutWish).Shape(transform.Width, transform.Height), Placement = placement }
            : Prepare(image, input);
    }

    internal PreparedInput Prepare(Image image, InputInfo input)
    {
        PictureTensor tensor = PictureTensor.Of(input, LayoutWish);
        ImagePlacement placement = ImagePlacement.Unmoved(image.Width, image.Height);
        image = steps is [ColourStep, ..] ? image : ToChannels(image, tensor.Channels, input);
        image = ToChannels(Apply(image, tensor.Size, ref placement), tensor.Channels, input);
        Dims shape = tensor.Shape(image.Width, image.Height);
        if (!Shapes.Fits(shape, input.SampleShape))
        {
            throw new ArgumentException($"Input \"{input.Name}\" wants pictures of {tensor.Size.Width}x{tensor.Size.Height} pixels, but this one has {image.Width}x{image.Height}: add Pre.Resize() or Pre.Letterbox().");
        }

        return new PreparedImage(image, tensor, scaling, input) { Shape = shape, Placement = placement };
    }

    private TensorLayout? LayoutWish => scaling is { Layout: TensorLayout.ChannelsLast } ? TensorLayout.ChannelsLast : null;

    private static Image Decode(object sample) => sample switch
    {
        Image image => image,
        string path => Image.Load(path),
        byte[] file => Image.Decode(file),
        Memory<byte> file => Image.Decode(file.Span),
        _ => Image.Decode(((ReadOnlyMemory<byte>)sample).Span),
    };

    private static Image ToChannels(Image image, int channels, InputInfo input) => channels switch
    {
        1 => image.ToGrey(),
        3 => image.ToRgb(),
        _ when image.Format == PixelFormat.Rgba32 => image,
        _ => throw new ArgumentException($"Input \"{input.Name}\" wants pictures with transparency, but this one is {image}."),
    };

    private static void CheckSize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
    }

    private Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        foreach (ImageStep step in steps)
        {
            image = step.Apply(image, model, ref placement);
        }

        return image;
    }

    private ImagePreprocessor With(ImageStep step) => new(steps.Add(step), scaling);
}
