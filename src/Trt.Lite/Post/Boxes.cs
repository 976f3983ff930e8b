using Trt.Utils;

namespace Trt.Lite;

/// <summary>What is done with boxes of detections. Boxes are four numbers each: left, top, right, bottom.</summary>
public static class Boxes
{
    /// <summary>
    /// Non-maximum suppression: goes through the boxes in falling order of score (of equal ones the first comes first) and drops each that overlaps one that was kept by more than the threshold.
    /// Allocates nothing but what the shared array pool keeps.
    /// </summary>
    /// <param name="boxes">Left, top, right, bottom of each.</param>
    /// <param name="scores">One a box. Boxes whose score is not a number are dropped.</param>
    /// <param name="classes">One a box: boxes of different classes do not suppress each other. Empty: all are of one class.</param>
    /// <param name="threshold">The greatest intersection over union that two kept boxes may have, 0 to 1.</param>
    /// <param name="kept">Gets the kept boxes' places in falling order of score; when it is full, the rest is dropped.</param>
    /// <returns>How many were kept.</returns>
    /// <exception cref="ArgumentException">The numbers of boxes, scores and classes differ, or the threshold is no number from 0 to 1.</exception>
    public static int Suppress(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes, float threshold, Span<int> kept) =>
        BoxSuppression.Suppress(boxes, scores, classes, new SuppressionRule(threshold), kept);

    /// <summary>Intersection over union of two boxes; 0 when both are empty.</summary>
    /// <param name="one">Left, top, right, bottom.</param>
    /// <param name="other">Left, top, right, bottom.</param>
    public static float Overlap(ReadOnlySpan<float> one, ReadOnlySpan<float> other) => BoxGeometry.Overlap(one, other);

    /// <summary>Makes corners of boxes in another form.</summary>
    /// <param name="box">Four numbers in the form; become left, top, right, bottom.</param>
    /// <param name="format">The form.</param>
    public static void ToCorners(Span<float> box, BoxFormat format) => BoxGeometry.Convert(
        box,
        format switch
        {
            BoxFormat.CentreAndSize => BoxForm.CentreAndSize,
            BoxFormat.CornerAndSize => BoxForm.CornerAndSize,
            _ => BoxForm.Corners,
        },
        BoxForm.Corners);
}
