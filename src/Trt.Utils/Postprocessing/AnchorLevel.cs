using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>One level of a detector of the RetinaNet family: scores [anchors · classes, height, width] and deltas [anchors · 4, height, width], with 6 for 4 where boxes are turned.</summary>
public sealed record AnchorLevel
{
    /// <summary>Classes, at least 1.</summary>
    public required int Classes { get; init; }

    /// <summary>Rows of places.</summary>
    public required int Height { get; init; }

    /// <summary>Places of a row.</summary>
    public required int Width { get; init; }

    /// <summary>Input pixels for a place.</summary>
    public required float Stride { get; init; }

    /// <summary>Corners of each anchor relative to the place's upper left corner: left, top, right, bottom; see <see cref="Corners"/>.</summary>
    public required ImmutableArray<float> Anchors { get; init; }

    /// <summary>Whether deltas hold sine and cosine behind the four of the box.</summary>
    public bool IsRotated { get; init; }

    /// <summary>How many anchors a place has.</summary>
    public int AnchorCount => Anchors.Length / 4;

    /// <summary>How many numbers a box has: 4, or 6 where it is turned.</summary>
    public int Coordinates => IsRotated ? 6 : 4;

    /// <summary>Scores of a picture.</summary>
    internal int ScoreCount => checked(AnchorCount * Classes * Height * Width);

    /// <summary>Numbers of a picture's deltas.</summary>
    internal int DeltaCount => checked(AnchorCount * Coordinates * Height * Width);

    /// <summary>Anchors as ODTK makes them, for upright boxes: scales outside, ratios inside, so many pixels wide and high that width · height = (stride · scale)².</summary>
    /// <param name="stride">Input pixels for a place.</param>
    /// <param name="ratios">Heights divided by widths; ODTK's are 1, 2, 0.5.</param>
    /// <param name="scales">Sides in strides; ODTK's are 4 · 2^(i/3) for i = 0, 1, 2.</param>
    public static ImmutableArray<float> Corners(double stride, ReadOnlySpan<double> ratios, ReadOnlySpan<double> scales) => Make(stride, ratios, scales, 0);

    /// <summary>Anchors as ODTK makes them for turned boxes: the same for each angle, sides rounded to whole pixels before they are scaled, and one less at the far corner.</summary>
    /// <param name="stride">Input pixels for a place.</param>
    /// <param name="ratios">Heights divided by widths.</param>
    /// <param name="scales">Sides in strides.</param>
    /// <param name="angles">How many angles, at least 1; ODTK has 3. They do not change what is decoded.</param>
    public static ImmutableArray<float> RotatedCorners(double stride, ReadOnlySpan<double> ratios, ReadOnlySpan<double> scales, int angles)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(angles, 1);
        return Make(stride, ratios, scales, angles);
    }

    private static ImmutableArray<float> Make(double stride, ReadOnlySpan<double> ratios, ReadOnlySpan<double> scales, int angles)
    {
        ImmutableArray<float>.Builder corners = ImmutableArray.CreateBuilder<float>(4 * ratios.Length * scales.Length * Math.Max(angles, 1));
        for (int angle = 0; angle < Math.Max(angles, 1); angle++)
        {
            foreach (double scale in scales)
            {
                foreach (double ratio in ratios)
                {
                    double width = Math.Sqrt(stride * stride / ratio);
                    width = angles == 0 ? width : Math.Round(width);
                    double height = angles == 0 ? width * ratio : Math.Round(width * ratio);
                    double end = angles == 0 ? 0 : 1;
                    corners.Add((float)((stride - (width * scale)) / 2));
                    corners.Add((float)((stride - (height * scale)) / 2));
                    corners.Add((float)(((stride + (width * scale)) / 2) - end));
                    corners.Add((float)(((stride + (height * scale)) / 2) - end));
                }
            }
        }

        return corners.MoveToImmutable();
    }

    internal void Check()
    {
        if (Classes < 1 || Height < 1 || Width < 1 || !(Stride > 0) || Anchors.IsDefaultOrEmpty || Anchors.Length % 4 != 0)
        {
            throw new ArgumentException($"A level of {Height} x {Width} places with {Classes} classes, stride {Stride} and {(Anchors.IsDefault ? 0 : Anchors.Length)} numbers of anchors cannot be: all must be positive, and an anchor has four numbers.");
        }

        _ = (ScoreCount, DeltaCount);
    }
}
