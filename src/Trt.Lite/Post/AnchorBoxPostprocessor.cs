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
                boxes[i] = Make(new Candidate(left, top, right, bottom, score, kind), sample.Placement);
            }

            return boxes;
        }

        int levels = sample.Count / 2;
        if (sample.Count < 2 || sample.Count % 2 != 0)
        {
            throw new InvalidOperationException($"Boxes of anchors are made of the scores of all levels and then their deltas, as many of each; it was registered for {sample.Count} outputs.");
        }

        List<Candidate> found = [];
        int widest = Extent(sample[0], 2);
        for (int level = 0; level < levels; level++)
        {
            Decode(sample[level], sample[levels + level], widest, found);
        }

        // Stable: of equal scores the first level and place comes first.
        Candidate[] sorted = [.. found.OrderByDescending(box => box.Score)];
        List<DetectedBox> kept = [];
        bool[] dropped = new bool[sorted.Length];
        for (int i = 0; i < sorted.Length && kept.Count < options.MaxBoxes; i++)
        {
            if (dropped[i])
            {
                continue;
            }

            kept.Add(Make(sorted[i], sample.Placement));
            for (int other = i + 1; other < sorted.Length; other++)
            {
                dropped[other] |= sorted[other].Class == sorted[i].Class && Overlap(sorted[i], sorted[other]) > options.OverlapThreshold;
            }
        }

        return [.. kept];
    }

    private static int Extent(OutputView view, int axis) => view.Shape.NbDims == 3 && view.Shape[axis] > 0
        ? checked((int)view.Shape[axis])
        : throw new ArgumentException($"Output \"{view.Name}\" of shape {Shapes.Text(view.Shape)} (without batch) is no level of anchors: expected anchors · classes, or anchors · 4, x height x width.");

    private static double Overlap(in Candidate one, in Candidate other)
    {
        double width = Math.Max(0, Math.Min(one.Right, other.Right) - Math.Max(one.Left, other.Left) + 1);
        double height = Math.Max(0, Math.Min(one.Bottom, other.Bottom) - Math.Max(one.Top, other.Top) + 1);
        double both = width * height;
        return both / (one.Area + other.Area - both);
    }

    private void Decode(OutputView scores, OutputView deltas, int widest, List<Candidate> found)
    {
        (int height, int width) = (Extent(scores, 1), Extent(scores, 2));
        int anchors = options.Ratios.Length * options.Scales.Length;
        int channels = Extent(scores, 0);
        if (channels % anchors != 0 || Extent(deltas, 0) != 4 * anchors || Extent(deltas, 1) != height || Extent(deltas, 2) != width)
        {
            throw new ArgumentException($"Outputs \"{scores.Name}\" of {Shapes.Text(scores.Shape)} and \"{deltas.Name}\" of {Shapes.Text(deltas.Shape)} do not belong to {anchors} anchors: expected [{anchors} · classes, h, w] and [{4 * anchors}, h, w].");
        }

        int classes = channels / anchors;
        int area = height * width;
        double stride = Math.Round((double)options.FirstStride * widest / width);
        ReadOnlySpan<float> values = scores.Floats;
        ReadOnlySpan<float> moves = deltas.Floats;
        foreach (int index in Best(values))
        {
            int place = index % area;
            int anchor = index / area / classes;
            (double left, double top, double right, double bottom) = Anchor(anchor, stride);
            (double x, double y) = (place % width * stride, place / width * stride);
            double anchorWidth = right - left + 1;
            double anchorHeight = bottom - top + 1;
            int at = (anchor * 4 * area) + place;
            double centreX = left + x + (anchorWidth / 2) + (moves[at] * anchorWidth);
            double centreY = top + y + (anchorHeight / 2) + (moves[at + area] * anchorHeight);
            double boxWidth = Math.Exp(moves[at + (2 * area)]) * anchorWidth;
            double boxHeight = Math.Exp(moves[at + (3 * area)]) * anchorHeight;
            found.Add(new Candidate(
                Math.Max(0, centreX - (boxWidth / 2)),
                Math.Max(0, centreY - (boxHeight / 2)),
                Math.Min(centreX + (boxWidth / 2) - 1, (width * stride) - 1),
                Math.Min(centreY + (boxHeight / 2) - 1, (height * stride) - 1),
                values[index],
                index / area % classes));
        }
    }

    /// <summary>Places of scores that count: in their order, or the greatest where there are too many.</summary>
    private List<int> Best(ReadOnlySpan<float> scores)
    {
        List<int> places = [];
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > options.ScoreThreshold)
            {
                places.Add(i);
            }
        }

        if (places.Count <= options.MaxPerLevel)
        {
            return places;
        }

        float[] values = scores.ToArray();
        return [.. places.OrderByDescending(place => values[place]).Take(options.MaxPerLevel)];
    }

    /// <summary>Corners of an anchor relative to its place: scales outside, ratios inside.</summary>
    private (double Left, double Top, double Right, double Bottom) Anchor(int number, double stride)
    {
        double ratio = options.Ratios[number % options.Ratios.Length];
        double scale = options.Scales[number / options.Ratios.Length];
        double width = Math.Sqrt(stride * stride / ratio);
        double height = width * ratio;
        return ((stride - (width * scale)) / 2, (stride - (height * scale)) / 2, (stride + (width * scale)) / 2, (stride + (height * scale)) / 2);
    }

    private DetectedBox Make(in Candidate box, ImagePlacement? placement)
    {
        (double left, double top, double right, double bottom) = (box.Left, box.Top, box.Right + 1, box.Bottom + 1);
        if (placement is { } at)
        {
            left = Math.Clamp(at.ToPictureX(left), 0, at.Width);
            top = Math.Clamp(at.ToPictureY(top), 0, at.Height);
            right = Math.Clamp(at.ToPictureX(right), 0, at.Width);
            bottom = Math.Clamp(at.ToPictureY(bottom), 0, at.Height);
        }

        return new DetectedBox((float)left, (float)top, (float)right, (float)bottom, box.Score, box.Class, Labels.Of(options.Labels, box.Class));
    }

    /// <summary>A box whose right and lower pixels belong to it.</summary>
    private readonly record struct Candidate(double Left, double Top, double Right, double Bottom, float Score, int Class)
    {
        public double Area => (Right - Left + 1) * (Bottom - Top + 1);
    }
}
