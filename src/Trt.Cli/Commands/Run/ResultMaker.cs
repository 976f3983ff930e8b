using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>Makes of a sample's outputs what is shown and written. Called by several threads at once.</summary>
internal sealed class ResultMaker(IReadOnlyList<OutputPlan> plans, RunOptions options)
{
    private readonly Postprocessor<Image> mask = Post.Mask(threshold: options.Threshold ?? 0.5f, originalSize: true);
    private readonly Postprocessor<DetectedBox[]> boxes = Post.Nms(new NmsOptions
    {
        ScoreThreshold = options.Threshold ?? 0.25f,
        OverlapThreshold = options.Overlap ?? 0.45f,
        Format = options.BoxFormat,
        IsNormalised = options.BoxesAreNormalised,
        IsTransposed = options.BoxesAreTransposed,
        HasObjectness = options.BoxesHaveObjectness,
        Labels = options.Labels,
    });

    private readonly Postprocessor<DetectedBox[]> anchors = Post.AnchorBoxes(new AnchorBoxOptions { ScoreThreshold = options.Threshold ?? 0.25f, OverlapThreshold = options.Overlap ?? 0.5f, Labels = options.Labels });

    /// <summary>One result for each output; one for all of them together where they are boxes.</summary>
    public OutputResult[] Make(SampleOutputs sample)
    {
        if (plans[0].AreBoxes)
        {
            return [new OutputResult(plans[0], sample[0].Shape.ToArray()) { Boxes = (plans[0].Kind == OutputKind.Anchors ? anchors : boxes).Apply(sample), Tensor = Copy(sample[0]) }, .. Others(sample)];
        }

        OutputResult[] results = new OutputResult[plans.Count];
        for (int i = 0; i < results.Length; i++)
        {
            OutputView view = sample[i];
            results[i] = Make(plans[i], view, sample.Placement) with { Tensor = Copy(view) };
        }

        return results;
    }

    /// <summary>Outputs whose values are kept though their result is another's.</summary>
    private IEnumerable<OutputResult> Others(SampleOutputs sample)
    {
        List<OutputResult> others = [];
        for (int i = 1; i < plans.Count && options.KeepsValues; i++)
        {
            others.Add(new OutputResult(plans[i], sample[i].Shape.ToArray()) { Tensor = Copy(sample[i]) });
        }

        return others;
    }

    private TorchTensor? Copy(OutputView view) => options.KeepsValues ? TorchTensor.FromBytes(view.Bytes.ToArray(), ElementType.Of(view.Type, view.Name), view.Shape.ToArray()) : null;

    private OutputResult Make(OutputPlan plan, OutputView view, ImagePlacement? placement)
    {
        OutputResult result = new(plan, view.Shape.ToArray());
        switch (plan.Kind)
        {
            case OutputKind.Class:
                return result with { Classes = IsDistribution(view.Floats) ? Best(view, options.Top) : Probable(view, options.Top) };
            case OutputKind.Argmax:
                return result with { Classes = Best(view, 1) };
            case OutputKind.TopK:
                return result with { Classes = Best(view, options.Top) };
            case OutputKind.Softmax:
                return result with { Classes = Probable(view, options.Top) };
            case OutputKind.Sigmoid:
                float[] each = new float[view.Floats.Length];
                Post.Sigmoid.Apply(view.Floats, view.Shape, each);
                return result with { Classes = [.. Post.Threshold(options.Threshold ?? 0.5f, options.Labels).Apply(each, view.Shape).OrderByDescending(found => found.Score)] };
            case OutputKind.Rows:
                int width = (int)Math.Max(1, view.Shape[view.Shape.NbDims - 1]);
                int[] rows = new int[view.Floats.Length / width];
                Scores.Argmax(view.Floats, width, rows);
                return result with { Rows = rows };
            case OutputKind.Mask:
                Image classes = mask.Apply(new SampleOutputs(view, placement));
                return result with { Picture = classes, Pixels = Count(classes) };
            case OutputKind.Picture:
                return result with { Picture = PlanePictures.Pixels(view) };
            case OutputKind.Heat:
                return result with { Picture = PlanePictures.Heat(view), Values = ValueSummary.Of(view.Floats) };
            default:
                return result with { Values = Elements.KindOf(view.Type) == ElementKind.Bits ? null : ValueSummary.Of(view.Floats) };
        }
    }

    private Classification[] Best(OutputView view, int count) => Post.TopK(count, options.Labels).Apply(view.Floats, view.Shape);

    private Classification[] Probable(OutputView view, int count)
    {
        float[] shares = new float[view.Floats.Length];
        Scores.Softmax(view.Floats, shares);
        return Post.TopK(count, options.Labels).Apply(shares, view.Shape);
    }

    /// <summary>Whether values are probabilities already.</summary>
    private static bool IsDistribution(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            if (!(value >= 0))
            {
                return false;
            }

            sum += value;
        }

        return Math.Abs(sum - 1) < 1e-2;
    }

    private static SortedDictionary<int, long> Count(Image classes)
    {
        SortedDictionary<int, long> counts = [];
        foreach (byte number in classes.Data)
        {
            counts[number] = counts.GetValueOrDefault(number) + 1;
        }

        return counts;
    }
}
