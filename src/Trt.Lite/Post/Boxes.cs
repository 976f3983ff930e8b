using System.Buffers;

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
    /// <exception cref="ArgumentException">The numbers of boxes, scores and classes differ.</exception>
    public static int Suppress(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes, float threshold, Span<int> kept)
    {
        if (boxes.Length != 4L * scores.Length || (!classes.IsEmpty && classes.Length != scores.Length))
        {
            throw new ArgumentException($"{boxes.Length} numbers of boxes, {scores.Length} scores and {classes.Length} classes do not belong together: a box has four numbers, one score, and one class if any.");
        }

        long[] order = ArrayPool<long>.Shared.Rent(scores.Length);
        int candidates = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i]))
            {
                order[candidates++] = (FallingKey(scores[i]) << 32) | (uint)i;
            }
        }

        order.AsSpan(0, candidates).Sort();
        int count = 0;
        for (int next = 0; next < candidates && count < kept.Length; next++)
        {
            int box = (int)order[next];
            if (!IsSuppressed(boxes, classes, threshold, kept[..count], box))
            {
                kept[count++] = box;
            }
        }

        ArrayPool<long>.Shared.Return(order);
        return count;
    }

    /// <summary>Intersection over union of two boxes; 0 when both are empty.</summary>
    /// <param name="one">Left, top, right, bottom.</param>
    /// <param name="other">Left, top, right, bottom.</param>
    public static float Overlap(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        float width = Math.Max(0, Math.Min(one[2], other[2]) - Math.Max(one[0], other[0]));
        float height = Math.Max(0, Math.Min(one[3], other[3]) - Math.Max(one[1], other[1]));
        float both = width * height;
        float either = ((one[2] - one[0]) * (one[3] - one[1])) + ((other[2] - other[0]) * (other[3] - other[1])) - both;
        return both > 0 ? both / either : 0;
    }

    /// <summary>Makes corners of boxes in another form.</summary>
    /// <param name="box">Four numbers in the form; become left, top, right, bottom.</param>
    /// <param name="format">The form.</param>
    public static void ToCorners(Span<float> box, BoxFormat format)
    {
        switch (format)
        {
            case BoxFormat.CentreAndSize:
                (float halfWidth, float halfHeight) = (box[2] / 2, box[3] / 2);
                (box[0], box[1], box[2], box[3]) = (box[0] - halfWidth, box[1] - halfHeight, box[0] + halfWidth, box[1] + halfHeight);
                break;
            case BoxFormat.CornerAndSize:
                box[2] += box[0];
                box[3] += box[1];
                break;
        }
    }

    private static bool IsSuppressed(ReadOnlySpan<float> boxes, ReadOnlySpan<int> classes, float threshold, ReadOnlySpan<int> kept, int box)
    {
        ReadOnlySpan<float> corners = boxes.Slice(4 * box, 4);
        foreach (int other in kept)
        {
            if ((classes.IsEmpty || classes[other] == classes[box]) && Overlap(corners, boxes.Slice(4 * other, 4)) > threshold)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A number that falls when the score rises, of 31 bits and a sign.</summary>
    private static long FallingKey(float score)
    {
        int bits = BitConverter.SingleToInt32Bits(score + 0f); // −0 becomes 0
        return ~(long)(bits >= 0 ? bits : int.MinValue - (long)bits);
    }
}
