using Trt.Interop;

namespace Trt.Lite;

internal sealed class ArgmaxRowsPostprocessor : Postprocessor<int[]>
{
    internal override ScoreReduction? ReductionOf(Dims sample) => sample.NbDims > 0 && sample.Volume > 0 ? ScoreReduction.Best(sample.NbDims - 1) : null;

    public override int[] Apply(SampleOutputs sample)
    {
        OutputView output = sample.Only;
        if (output.IsBest)
        {
            return output.As<int>().ToArray();
        }

        if (output.Shape.NbDims < 1 || output.Shape[output.Shape.NbDims - 1] < 1)
        {
            throw new ArgumentException($"Output \"{output.Name}\" of shape {Shapes.Text(output.Shape)} (without batch) has no rows of scores.");
        }

        int width = checked((int)output.Shape[output.Shape.NbDims - 1]);
        int[] best = new int[output.Shape.Volume / width];
        Scores.Argmax(output.Floats, width, best);
        return best;
    }
}
