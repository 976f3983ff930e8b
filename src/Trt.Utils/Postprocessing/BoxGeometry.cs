namespace Trt.Utils;

/// <summary>What boxes of detectors are asked on the host: their form, and how far two of them overlap. Kernels compute the same to the bit.</summary>
/// <remarks>Allocates nothing. Safe to use from any thread.</remarks>
public static class BoxGeometry
{
    /// <summary>How many numbers a box has.</summary>
    /// <param name="rotation">How it is turned.</param>
    /// <returns>4, 5 or 6.</returns>
    public static int Numbers(BoxRotation rotation) => rotation is BoxRotation.None or BoxRotation.Angle or BoxRotation.SineCosine
        ? 4 + (int)rotation
        : throw new ArgumentOutOfRangeException(nameof(rotation), rotation, "There is no such rotation.");

    /// <summary>Changes the form of a box in place.</summary>
    /// <param name="box">Four numbers, or more, of which the first four change.</param>
    /// <param name="from">What they are.</param>
    /// <param name="to">What they become.</param>
    public static void Convert(Span<float> box, BoxForm from, BoxForm to)
    {
        if (from == BoxForm.CentreAndSize)
        {
            (float x, float y, float width, float height) = (box[0], box[1], box[2] / 2, box[3] / 2);
            (box[0], box[1], box[2], box[3]) = (x - width, y - height, x + width, y + height);
        }
        else if (from == BoxForm.CornerAndSize)
        {
            box[2] += box[0];
            box[3] += box[1];
        }

        if (to == BoxForm.Corners)
        {
            return;
        }

        (float w, float h) = (box[2] - box[0], box[3] - box[1]);
        if (to == BoxForm.CentreAndSize)
        {
            (box[0], box[1]) = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
        }

        (box[2], box[3]) = (w, h);
    }

    /// <summary>Intersection over union of two upright boxes; 0 when they have no area in common, or a number is none.</summary>
    /// <param name="one">Left, top, right, bottom.</param>
    /// <param name="other">Left, top, right, bottom.</param>
    /// <param name="countsEndPixels">Whether the right and lower pixels belong to a box, so that it is right − left + 1 wide.</param>
    /// <returns>0 to 1, in single precision.</returns>
    public static float Overlap(ReadOnlySpan<float> one, ReadOnlySpan<float> other, bool countsEndPixels = false)
    {
        float pixel = countsEndPixels ? 1 : 0;
        float width = Least(one[2], other[2]) - Most(one[0], other[0]) + pixel;
        float height = Least(one[3], other[3]) - Most(one[1], other[1]) + pixel;
        if (!(width > 0 && height > 0))
        {
            return 0;
        }

        float both = width * height;
        float first = (one[2] - one[0] + pixel) * (one[3] - one[1] + pixel);
        float second = (other[2] - other[0] + pixel) * (other[3] - other[1] + pixel);
        float quotient = both / (first + second - both);
        return quotient > 0 ? quotient : 0;
    }

    /// <summary>Intersection over union of two turned boxes, exact but for the rounding of double precision; 0 when they have no area in common, or a number is none.</summary>
    /// <param name="one">Four numbers of its form, then one or two of its rotation.</param>
    /// <param name="other">As many of the same.</param>
    /// <param name="form">What the first four are, before the box is turned about its middle.</param>
    /// <param name="rotation">What follows them.</param>
    /// <returns>0 to 1.</returns>
    public static double Overlap(ReadOnlySpan<float> one, ReadOnlySpan<float> other, BoxForm form, BoxRotation rotation)
    {
        if (rotation == BoxRotation.None)
        {
            Span<float> corners = stackalloc float[8];
            one[..4].CopyTo(corners);
            other[..4].CopyTo(corners[4..]);
            Convert(corners[..4], form, BoxForm.Corners);
            Convert(corners[4..], form, BoxForm.Corners);
            return Overlap(corners[..4], corners[4..]);
        }

        return Turned(one, form, rotation).Overlap(Turned(other, form, rotation));
    }

    internal static TurnedBox Turned(ReadOnlySpan<float> box, BoxForm form, BoxRotation rotation)
    {
        Span<float> corners = stackalloc float[4];
        box[..4].CopyTo(corners);
        Convert(corners, form, BoxForm.Corners);
        return new TurnedBox(corners[0], corners[1], corners[2], corners[3], box.Slice(4, (int)rotation));
    }

    private static float Least(float a, float b) => a < b ? a : b;

    private static float Most(float a, float b) => a > b ? a : b;
}
