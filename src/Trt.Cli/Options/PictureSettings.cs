using System.Globalization;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>How pictures become the values of an input, as far as the user has said; the rest follows from the input.</summary>
internal sealed record PictureSettings
{
    public PictureFit Fit { get; init; }

    /// <summary>Of <see cref="PictureFit.Crop"/>: the length that the shorter side gets first; 0: what is needed.</summary>
    public int ShorterSide { get; init; }

    /// <summary>For models that leave it open.</summary>
    public (int Width, int Height)? Size { get; init; }

    /// <summary>Null: 0 to 1 for floats, pixels as they are for whole numbers.</summary>
    public PixelScaling? Scaling { get; init; }

    /// <summary>Null: wherever the input has 1, 3 or 4 channels.</summary>
    public TensorLayout? Layout { get; init; }

    /// <summary>How an input is a picture.</summary>
    /// <param name="name">The input.</param>
    /// <param name="type">Its elements.</param>
    /// <param name="sampleShape">Its shape without batch; −1 is open.</param>
    /// <param name="usual">The shape without batch that an engine is tuned for, which counts where the shape is open and no size was said.</param>
    /// <exception cref="ArgumentException">It is no picture of 1, 3 or 4 channels.</exception>
    /// <exception cref="UserError">Its size is open and nothing says one.</exception>
    public PictureTensor Tensor(string name, DataType type, Dims sampleShape, Dims? usual = null)
    {
        PictureTensor tensor = Of(sampleShape);
        TensorSize tuned = usual is { } known ? Of(known).Size : new TensorSize(0, 0);
        TensorSize size = new(Pick(tensor.Size.Width, Size?.Width, tuned.Width), Pick(tensor.Size.Height, Size?.Height, tuned.Height));
        return size is { Width: > 0, Height: > 0 } ? tensor with { Size = size } : throw new UserError($"Input \"{name}\" takes pictures of any size: say one with --size WIDTHxHEIGHT.");

        PictureTensor Of(Dims shape) => PictureTensor.Of(new InputInfo(name, type, shape, true), Layout);

        static int Pick(int own, int? said, int tuned) => own > 0 ? own : said ?? tuned;
    }

    /// <summary>What does the work.</summary>
    /// <param name="tensor">What <see cref="Tensor"/> gave.</param>
    /// <param name="isFloating">Whether the input's elements are floating ones.</param>
    public ImagePreprocessor Preprocessor(PictureTensor tensor, bool isFloating)
    {
        (int width, int height) = tensor.Size;
        ImagePreprocessor coloured = tensor.Channels switch { 1 => Pre.Grey(), 3 => Pre.Rgb(), _ => Pre.Decode };
        ImagePreprocessor fitted = Fit switch
        {
            PictureFit.Letterbox => coloured.Letterbox(width, height),
            PictureFit.Crop => coloured.Then(image => CoverOf(image, width, height)).CentreCrop(width, height),
            PictureFit.None => coloured,
            _ => coloured.Resize(width, height),
        };
        return fitted.Scale(ScalingFor(isFloating) with { Layout = tensor.Layout });
    }

    /// <summary>As in <c>grey, 28x28, x 1/255</c>.</summary>
    public string Describe(PictureTensor tensor, bool isFloating)
    {
        PixelScaling scaling = ScalingFor(isFloating);
        string colour = tensor.Channels switch { 1 => "grey", 3 => scaling.Bgr ? "BGR" : "RGB", _ => scaling.Bgr ? "BGRA" : "RGBA" };
        string fit = Fit switch { PictureFit.Letterbox => " in a letterbox", PictureFit.Crop => ShorterSide > 0 ? $" cut out of {ShorterSide}" : " cut out", _ => string.Empty };
        List<string> parts = [colour, $"{tensor.Size.Width}x{tensor.Size.Height}{fit}"];
        if (scaling.Divisor != 1)
        {
            parts.Add($"/ {scaling.Divisor.ToString("0.###", CultureInfo.InvariantCulture)}");
        }

        if (scaling.Mean.Length > 0)
        {
            parts.Add($"- {Listed(scaling.Mean)}");
        }

        if (scaling.Deviation.Length > 0)
        {
            parts.Add($"/ {Listed(scaling.Deviation)}");
        }

        if (tensor.Layout == TensorLayout.ChannelsLast)
        {
            parts.Add("channels last");
        }

        return string.Join(", ", parts);
    }

    /// <summary>All of it, to tell it from others.</summary>
    public string Key() => string.Create(CultureInfo.InvariantCulture, $"{Fit} {ShorterSide} {Size} {Layout} {(Scaling is { } how ? $"{how.Divisor} {Listed(how.Mean)} / {Listed(how.Deviation)} {how.Bgr}" : string.Empty)}");

    private PixelScaling ScalingFor(bool isFloating) => Scaling ?? (isFloating ? PixelScaling.ZeroToOne : new PixelScaling { Divisor = 1 });

    private static string Listed(IEnumerable<float> numbers) => string.Join(' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The picture with its ratio kept, large enough to cut the model's size out of it.</summary>
    private Image CoverOf(Image image, int width, int height)
    {
        double factor = Math.Max((double)width / image.Width, (double)height / image.Height);
        if (ShorterSide > 0)
        {
            factor = Math.Max(factor, (double)ShorterSide / Math.Min(image.Width, image.Height));
        }

        return image.Resize(Math.Max(width, (int)Math.Round(image.Width * factor)), Math.Max(height, (int)Math.Round(image.Height * factor)));
    }
}
