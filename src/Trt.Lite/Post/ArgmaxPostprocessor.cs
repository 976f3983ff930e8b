using Trt.Interop;

namespace Trt.Lite;

internal sealed class ArgmaxPostprocessor : Postprocessor<int>
{
    internal override ScoreReduction? ReductionOf(Dims sample)
    {
        // A row of scores, whatever extents of 1 stand beside it.
        int axis = 0;
        for (int i = 0; i < sample.NbDims; i++)
        {
            axis = sample[i] > sample[axis] ? i : axis;
        }

        return sample.NbDims > 0 && sample.Volume == sample[axis] && sample.Volume > 0 ? ScoreReduction.Best(axis) : null;
    }

    public override int Apply(SampleOutputs sample)
    {
        OutputView output = sample.Only;
        if (output.IsBest)
        {
            return output.As<int>()[0];
        }

        return output.Type switch
        {
            DataType.Int64 => Scores.Argmax(output.As<long>()),
            DataType.Int32 => Scores.Argmax(output.As<int>()),
            _ => Scores.Argmax(output.Floats),
        };
    }
}
