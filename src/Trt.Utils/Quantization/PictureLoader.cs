using Trt.Interop;

namespace Trt.Utils;

/// <summary>Makes items of picture files.</summary>
internal sealed class PictureLoader
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".pgm", ".ppm"];

    private readonly Dims shape;
    private readonly PixelScaling scaling;
    private readonly (int Channels, int Height, int Width) size;

    public PictureLoader(Dims shape, PixelScaling scaling)
    {
        this.shape = shape;
        this.scaling = scaling;
        if (!shape.IsStatic || shape.NbDims != 3 || shape.Volume is < 1 or > int.MaxValue)
        {
            throw Wrong(nameof(shape));
        }

        size = scaling.Layout == TensorLayout.ChannelsFirst ? ((int)shape[0], (int)shape[1], (int)shape[2]) : ((int)shape[2], (int)shape[0], (int)shape[1]);
        if (size.Channels is not (1 or 3))
        {
            throw Wrong(nameof(shape));
        }
    }

    public static bool IsPicture(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    public CalibrationTensor Load(string path)
    {
        Image image = Image.Load(path);
        image = (size.Channels == 1 ? image.ToGrey() : image.ToRgb()).Resize(size.Width, size.Height);
        float[] values = new float[shape.Volume];
        image.CopyTo(values, scaling);
        return CalibrationTensor.From(values, shape.AsSpan());
    }

    /// <summary>Shape and scaling: part of what tells calibration data from other data.</summary>
    public override string ToString() => $"{shape} {Describe(scaling)}";

    /// <summary>A scaling as a text that tells it from others.</summary>
    public static string Describe(PixelScaling scaling) => FormattableString.Invariant(
        $"{scaling.Divisor} {string.Join(' ', scaling.Mean)} / {string.Join(' ', scaling.Deviation)} {scaling.Layout} {scaling.Bgr}");

    private ArgumentException Wrong(string parameter) => new(
        $"{shape} is not the shape of pictures: give [channels, height, width] ([height, width, channels] with {nameof(TensorLayout.ChannelsLast)}), 1 or 3 channels.", parameter);
}
