using Trt.Interop;

namespace Trt.Lite;

/// <param name="axis">The axis, without batch; negative ones count from the last.</param>
internal sealed class SoftmaxTransform(int axis) : ValueTransform
{
    internal override ScoreReduction? ReductionOf(Dims sample)
    {
        int along = axis < 0 ? axis + sample.NbDims : axis;
        return along >= 0 && along < sample.NbDims && sample.Volume > 0 ? ScoreReduction.Softmax(along) : null;
    }

    public override void Apply(ReadOnlySpan<float> values, Dims shape, Span<float> result)
    {
        int along = axis < 0 ? axis + shape.NbDims : axis;
        if (shape.NbDims == 0)
        {
            Scores.Softmax(values, result);
            return;
        }

        if (along < 0 || along >= shape.NbDims)
        {
            throw new ArgumentException($"Softmax along axis {axis}: the values have shape {Shapes.Text(shape)} (without batch).");
        }

        long inner = 1;
        for (int i = along + 1; i < shape.NbDims; i++)
        {
            inner *= shape[i];
        }

        if (values.IsEmpty)
        {
            return;
        }

        if (inner == 1)
        {
            Scores.Softmax(values, (int)shape[along], result);
        }
        else
        {
            Scores.Softmax(values, (int)shape[along], (int)inner, result);
        }
    }
}
