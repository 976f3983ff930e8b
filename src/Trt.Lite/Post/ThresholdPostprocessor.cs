namespace Trt.Lite;

internal sealed class ThresholdPostprocessor(float threshold, IReadOnlyList<string>? labels) : Postprocessor<Classification[]>
{
    public override Classification[] Apply(SampleOutputs sample)
    {
        ReadOnlySpan<float> scores = sample.Only.Floats;
        Classification[] found = new Classification[Scores.AtLeast(scores, threshold, [])];
        int next = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] >= threshold)
            {
                found[next++] = new Classification(i, scores[i], Labels.Of(labels, i));
            }
        }

        return found;
    }
}
