using System.Collections.Immutable;

namespace Trt.Lite;

/// <summary>How boxes are made of a detector's scores and deltas for anchors, as RetinaNet gives them. The defaults are those of NVIDIA's ODTK.</summary>
public sealed record AnchorBoxOptions
{
    /// <summary>Input pixels for a place of the first level; the others follow from their sizes.</summary>
    public int FirstStride { get; init; } = 8;

    /// <summary>Heights of anchors divided by their widths.</summary>
    public ImmutableArray<double> Ratios { get; init; } = [1, 2, 0.5];

    /// <summary>Sides of anchors in strides.</summary>
    public ImmutableArray<double> Scales { get; init; } = [4, 4 * Math.Pow(2, 1 / 3.0), 4 * Math.Pow(2, 2 / 3.0)];

    /// <summary>Scores have to be greater than this; 0.05 unless said otherwise.</summary>
    public float ScoreThreshold { get; init; } = 0.05f;

    /// <summary>The greatest intersection over union of two boxes of one class that are both kept; 0.5 unless said otherwise.</summary>
    public float OverlapThreshold { get; init; } = 0.5f;

    /// <summary>The most boxes of a level that are looked at, those of the greatest scores; 1000 unless said otherwise.</summary>
    public int MaxPerLevel { get; init; } = 1000;

    /// <summary>The most boxes of a sample; 100 unless said otherwise.</summary>
    public int MaxBoxes { get; init; } = 100;

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}
