using System.Buffers;
using Trt.Interop;

namespace Trt.Lite;

/// <summary>Reads [boxes, 4 + classes] from one output, or [boxes, 4] and [boxes, classes] from two, and suppresses.</summary>
internal sealed class NmsPostprocessor(NmsOptions options) : Postprocessor<DetectedBox[]>
{
    public override DetectedBox[] Apply(SampleOutputs sample)
    {
        if (sample.Count is not (1 or 2))
        {
            throw new InvalidOperationException($"Suppression works on one output with boxes and scores, or on two, boxes and scores; it was registered for {sample.Count}.");
        }

        OutputView boxes = sample[0];
        Table numbers = new(boxes, options.IsTransposed);
        int skipped = sample.Count == 2 ? 0 : options.HasObjectness ? 5 : 4;
        Table scores = sample.Count == 2 ? new Table(sample[1], options.IsTransposed) : numbers;
        if (numbers.Width < 4 || scores.Width <= skipped || scores.Count != numbers.Count)
        {
            throw new ArgumentException($"Output \"{boxes.Name}\" of shape {Shapes.Text(boxes.Shape)} (without batch) has no boxes of four numbers with scores: say in NmsOptions how they lie.");
        }

        int count = numbers.Count;
        float[] corners = ArrayPool<float>.Shared.Rent(4 * count);
        float[] best = ArrayPool<float>.Shared.Rent(count);
        int[] classes = ArrayPool<int>.Shared.Rent(count);
        int[] kept = ArrayPool<int>.Shared.Rent(Math.Min(count, options.MaxBoxes));
        try
        {
            int found = 0;
            for (int box = 0; box < count; box++)
            {
                (float score, int kind) = Best(scores, box, skipped);
                score *= skipped == 5 ? numbers[box, 4] : 1;
                if (score >= options.ScoreThreshold)
                {
                    Span<float> four = corners.AsSpan(4 * found, 4);
                    for (int i = 0; i < 4; i++)
                    {
                        four[i] = numbers[box, i];
                    }

                    Boxes.ToCorners(four, options.Format);
                    best[found] = score;
                    classes[found++] = kind;
                }
            }

            ReadOnlySpan<int> groups = options.AcrossClasses ? [] : classes.AsSpan(0, found);
            int left = Boxes.Suppress(corners.AsSpan(0, 4 * found), best.AsSpan(0, found), groups, options.OverlapThreshold, kept.AsSpan(0, Math.Min(count, options.MaxBoxes)));
            DetectedBox[] result = new DetectedBox[left];
            for (int i = 0; i < left; i++)
            {
                result[i] = Make(corners.AsSpan(4 * kept[i], 4), best[kept[i]], classes[kept[i]], sample.Placement);
            }

            return result;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(corners);
            ArrayPool<float>.Shared.Return(best);
            ArrayPool<int>.Shared.Return(classes);
            ArrayPool<int>.Shared.Return(kept);
        }
    }

    private static (float Score, int Class) Best(Table scores, int box, int skipped)
    {
        float best = float.NegativeInfinity;
        int kind = 0;
        for (int i = skipped; i < scores.Width; i++)
        {
            if (scores[box, i] > best)
            {
                (best, kind) = (scores[box, i], i - skipped);
            }
        }

        return (best, kind);
    }

    private DetectedBox Make(ReadOnlySpan<float> corners, float score, int kind, ImagePlacement? placement)
    {
        (double left, double top, double right, double bottom) = (corners[0], corners[1], corners[2], corners[3]);
        if (placement is { } at)
        {
            if (options.IsNormalised)
            {
                (left, top, right, bottom) = (left * at.TensorWidth, top * at.TensorHeight, right * at.TensorWidth, bottom * at.TensorHeight);
            }

            left = Math.Clamp(at.ToPictureX(left), 0, at.Width);
            top = Math.Clamp(at.ToPictureY(top), 0, at.Height);
            right = Math.Clamp(at.ToPictureX(right), 0, at.Width);
            bottom = Math.Clamp(at.ToPictureY(bottom), 0, at.Height);
        }

        return new DetectedBox((float)left, (float)top, (float)right, (float)bottom, score, kind, Labels.Of(options.Labels, kind));
    }

    /// <summary>Rows of numbers, one a box; a single row of scores may stand for one class.</summary>
    private readonly ref struct Table
    {
        private readonly ReadOnlySpan<float> values;
        private readonly int boxStep;
        private readonly int step;

        public Table(OutputView output, bool isTransposed)
        {
            Dims shape = output.Shape;
            if (shape.NbDims is not (1 or 2))
            {
                throw new ArgumentException($"Output \"{output.Name}\" of shape {Shapes.Text(shape)} (without batch) is no table of boxes: expected two axes.");
            }

            values = output.Floats;
            int first = checked((int)shape[0]);
            int second = shape.NbDims == 2 ? checked((int)shape[1]) : 1;
            bool across = isTransposed && shape.NbDims == 2;
            (Count, Width) = across ? (second, first) : (first, second);
            (boxStep, step) = across ? (1, second) : (second, 1);
        }

        public int Count { get; }

        public int Width { get; }

        public float this[int box, int number] => values[(box * boxStep) + (number * step)];
    }
}
