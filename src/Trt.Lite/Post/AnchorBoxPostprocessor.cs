using System.Buffers;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Decodes levels of scores [anchors · classes, h, w] and deltas [anchors · 4, h, w], and suppresses. Boxes count both of their end pixels, as ODTK has it.</summary>
internal sealed class AnchorBoxPostprocessor(AnchorBoxOptions options) : Postprocessor<DetectedBox[]>
{
    public AnchorBoxOptions Options => options;

    /// <summary>Whether a kernel takes these options.</summary>
    public bool HasKernel => options is { ScoreThreshold: >= 0, OverlapThreshold: >= 0 and <= 1, MaxBoxes: >= 1, MaxPerLevel: >= 1 and <= TopKSelection.MaxK, Ratios.IsDefaultOrEmpty: false, Scales.IsDefaultOrEmpty: false };

    public override DetectedBox[] Apply(SampleOutputs sample)
    {
        if (sample.Detections is { } made)
        {
            DetectedBox[] boxes = new DetectedBox[made.Count(sample.Row)];
            for (int i = 0; i < boxes.Length; i++)
            {
                (float left, float top, float right, float bottom, float score, int kind) = made.Box(sample.Row, i);
                boxes[i] = Make([left, top, right, bottom], score, kind, sample.Placement);
            }

            return boxes;
        }

        int levels = sample.Count / 2;
        if (sample.Count < 2 || sample.Count % 2 != 0)
        {
            throw new InvalidOperationException($"Boxes of anchors are made of the scores of all levels and then their deltas, as many of each; it was registered for {sample.Count} outputs.");
        }

        int widest = Extent(sample[0], 2);
        AnchorLevel[] described = new AnchorLevel[levels];
        for (int level = 0; level < levels; level++)
        {
            described[level] = Describe(sample[level], sample[levels + level], widest);
        }

        int room = described.Sum(Room);
        float[] corners = ArrayPool<float>.Shared.Rent(4 * room);
        float[] scores = ArrayPool<float>.Shared.Rent(room);
        int[] classes = ArrayPool<int>.Shared.Rent(room);
        int[] kept = ArrayPool<int>.Shared.Rent(options.MaxBoxes);
        try
        {
            int found = 0;
            for (int level = 0; level < levels; level++)
            {
                int most = Room(described[level]);
                found += AnchorDecoding.Decode(
                    described[level], sample[level].Floats, sample[levels + level].Floats, options.ScoreThreshold, corners.AsSpan(4 * found, 4 * most), scores.AsSpan(found, most), classes.AsSpan(found, most));
            }

            SuppressionRule rule = new(options.OverlapThreshold, CountsEndPixels: true);
            int left = BoxSuppression.Suppress(corners.AsSpan(0, 4 * found), scores.AsSpan(0, found), classes.AsSpan(0, found), rule, kept.AsSpan(0, options.MaxBoxes));
            DetectedBox[] boxes = new DetectedBox[left];
            for (int i = 0; i < left; i++)
            {
                boxes[i] = Make(corners.AsSpan(4 * kept[i], 4), scores[kept[i]], classes[kept[i]], sample.Placement);
            }

            return boxes;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(corners);
            ArrayPool<float>.Shared.Return(scores);
            ArrayPool<int>.Shared.Return(classes);
            ArrayPool<int>.Shared.Return(kept);
        }
    }

    private static int Extent(OutputView view, int axis) => view.Shape.NbDims == 3 && view.Shape[axis] > 0
        ? checked((int)view.Shape[axis])
        : throw new ArgumentException($"Output \"{view.Name}\" of shape {Shapes.Text(view.Shape)} (without batch) is no level of anchors: expected anchors · classes, or anchors · 4, x height x width.");

    private int Room(AnchorLevel level) => Math.Min(options.MaxPerLevel, level.AnchorCount * level.Classes * level.Height * level.Width);

    private AnchorLevel Describe(OutputView scores, OutputView deltas, int widest)
    {
        (int height, int width) = (Extent(scores, 1), Extent(scores, 2));
        int anchors = options.Ratios.Length * options.Scales.Length;
        int channels = Extent(scores, 0);
        if (channels % anchors != 0 || Extent(deltas, 0) != 4 * anchors || Extent(deltas, 1) != height || Extent(deltas, 2) != width)
        {
            throw new ArgumentException($"Outputs \"{scores.Name}\" of {Shapes.Text(scores.Shape)} and \"{deltas.Name}\" of {Shapes.Text(deltas.Shape)} do not belong to {anchors} anchors: expected [{anchors} · classes, h, w] and [{4 * anchors}, h, w].");
        }

        double stride = Math.Round((double)options.FirstStride * widest / width);
        return new AnchorLevel
        {
            Classes = channels / anchors,
            Height = height,
            Width = width,
            Stride = (float)stride,
            Anchors = AnchorLevel.Corners(stride, options.Ratios.AsSpan(), options.Scales.AsSpan()),
        };
    }

    private DetectedBox Make(ReadOnlySpan<float> corners, float score, int kind, ImagePlacement? placement)
    {
        // The right and lower pixels belong to the box.
        (double left, double top, double right, double bottom) = (corners[0], corners[1], corners[2] + 1d, corners[3] + 1d);
        if (placement is { } at)
        {
            left = Math.Clamp(at.ToPictureX(left), 0, at.Width);
            top = Math.Clamp(at.ToPictureY(top), 0, at.Height);
            right = Math.Clamp(at.ToPictureX(right), 0, at.Width);
            bottom = Math.Clamp(at.ToPictureY(bottom), 0, at.Height);
        }

        return new DetectedBox((float)left, (float)top, (float)right, (float)bottom, score, kind, Labels.Of(options.Labels, kind));
    }
}
