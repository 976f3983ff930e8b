using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

internal sealed class TopKPostprocessor(int count, IReadOnlyList<string>? labels) : Postprocessor<Classification[]>
{
    internal override ScoreReduction? ReductionOf(Dims sample) =>
        sample.NbDims > 0 && sample.Volume is > 0 and <= int.MaxValue && Math.Min(count, sample.Volume) is <= TopKSelection.MaxK and var wanted ? ScoreReduction.Top((int)wanted) : null;

    public override Classification[] Apply(SampleOutputs sample)
    {
        OutputView output = sample.Only;
        ReadOnlySpan<float> scores = output.Floats;
        if (output.IsTop)
        {
            ReadOnlySpan<int> found = output.TopPlaces;
            Classification[] top = new Classification[scores.Length];
            for (int i = 0; i < top.Length; i++)
            {
                top[i] = new Classification(found[i], scores[i], Labels.Of(labels, found[i]));
            }

            return top;
        }

        Span<int> places = count <= 256 ? stackalloc int[count] : new int[count];
        Classification[] best = new Classification[Scores.TopK(scores, places)];
        for (int i = 0; i < best.Length; i++)
        {
            best[i] = new Classification(places[i], scores[places[i]], Labels.Of(labels, places[i]));
        }

        return best;
    }
}
