using Trt.Interop;

namespace Trt.Utils;

/// <summary>What <see cref="ImageTransform"/> makes of pictures.</summary>
public sealed record ImageTransformOptions
{
    /// <summary>Columns of the tensor.</summary>
    public required int Width { get; init; }

    /// <summary>Rows of the tensor.</summary>
    public required int Height { get; init; }

    /// <summary>How pixels are computed from their neighbours.</summary>
    public ResizeFilter Filter { get; init; }

    /// <summary>How pictures of another shape fill the tensor.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>For <see cref="ImageFit.CentreCrop"/>: the shorter side after scaling (256 before a crop of 224, say), at least the tensor's larger one; 0: as large as fills the tensor.</summary>
    public int ShorterSide { get; init; }

    /// <summary>The colour where there is no picture, scaled as pixels are.</summary>
    public (byte Red, byte Green, byte Blue) Padding { get; init; } = (114, 114, 114);

    /// <summary>One channel, by ITU-R 601's weights, taken before resizing; otherwise three, and grey pictures are repeated.</summary>
    public bool Grey { get; init; }

    /// <summary>Divisor, mean, deviation, order of channels and layout. A tensor of bytes as the pixels are needs a divisor of 1.</summary>
    public PixelScaling Scaling { get; init; } = PixelScaling.ZeroToOne;

    /// <summary>The tensor's type: float, half, bfloat16, or (u)int8, to which values are rounded (half to even) and clamped.</summary>
    public DataType Type { get; init; } = DataType.Float;

    internal int Channels => Grey ? 1 : 3;

    internal void Check()
    {
        if (Width < 1 || Height < 1 || Width > MostSide || Height > MostSide)
        {
            throw new ArgumentException($"A tensor of {Width}x{Height} pixels cannot be made; 1 to {MostSide} a side can.");
        }

        if (ShorterSide != 0 && (Fit != ImageFit.CentreCrop || ShorterSide < Math.Max(Width, Height) || ShorterSide > MostSide))
        {
            throw new ArgumentException($"ShorterSide is {ShorterSide}; it is for ImageFit.CentreCrop and must be {Math.Max(Width, Height)} to {MostSide} for {Width}x{Height}, or 0.");
        }

        if (!Enum.IsDefined(Filter) || !Enum.IsDefined(Fit))
        {
            throw new ArgumentException($"There is no filter {Filter} or no fit {Fit}.");
        }

        ArgumentNullException.ThrowIfNull(Scaling);
    }

    private const int MostSide = 1 << 16;
}
