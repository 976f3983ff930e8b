namespace Trt.Lite;

internal sealed class TopKPostprocessor(int count, IReadOnlyList<string>? labels) : Postprocessor<Classification[]>
{
    public override Classification[] Apply(SampleOutputs sample)
    {
        ReadOnlySpan<float> scores = sample.Only.Floats;
        Span<int> places = count <= 256 ? stackalloc int[count] : new int[count];
        Classification[] best = new Classification[Scores.TopK(scores, places)];
        for (int i = 0; i < best.Length; i++)
        {
            best[i] = new Classification(places[i], scores[places[i]], Labels.Of(labels, places[i]));
        }

        return best;
    }
}
