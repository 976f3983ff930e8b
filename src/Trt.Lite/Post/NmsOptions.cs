namespace Trt.Lite;

/// <summary>How boxes of a detector's outputs are read and suppressed.</summary>
public sealed record NmsOptions
{
    /// <summary>The least score of a box that counts; 0.25 unless said otherwise.</summary>
    public float ScoreThreshold { get; init; } = 0.25f;

    /// <summary>The greatest intersection over union of two boxes of one class that are both kept; 0.45 unless said otherwise.</summary>
    public float OverlapThreshold { get; init; } = 0.45f;

    /// <summary>The most boxes of a sample; 100 unless said otherwise.</summary>
    public int MaxBoxes { get; init; } = 100;

    /// <summary>What the four numbers of a box are.</summary>
    public BoxFormat Format { get; init; } = BoxFormat.Corners;

    /// <summary>Whether coordinates run from 0 to 1 across the tensor, instead of in its pixels. Needs a picture as sample to become pixels.</summary>
    public bool IsNormalised { get; init; }

    /// <summary>Whether numbers of a box stand below each other, [4 + classes, boxes], instead of beside each other, [boxes, 4 + classes].</summary>
    public bool IsTransposed { get; init; }

    /// <summary>Whether, in a single output, a score of the box as a whole stands between its four numbers and those of the classes, which are multiplied with it.</summary>
    public bool HasObjectness { get; init; }

    /// <summary>Whether boxes of different classes suppress each other too.</summary>
    public bool AcrossClasses { get; init; }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}
