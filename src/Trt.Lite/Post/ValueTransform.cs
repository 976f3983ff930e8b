using System.Buffers;
using Trt.Interop;

namespace Trt.Lite;

/// <summary>A post-processor that makes as many values of the values, and so can stand before another one: <c>Post.Softmax.Then(Post.TopK(5))</c>.</summary>
public abstract class ValueTransform : Postprocessor<float[]>
{
    /// <summary>Transforms values. Allocates nothing.</summary>
    /// <param name="values">One sample's values, last axis fastest.</param>
    /// <param name="shape">Their shape, without batch.</param>
    /// <param name="result">Room for as many values; may be the same memory.</param>
    public abstract void Apply(ReadOnlySpan<float> values, Dims shape, Span<float> result);

    /// <inheritdoc/>
    public sealed override float[] Apply(SampleOutputs sample)
    {
        OutputView output = sample.Only;
        if (output.HasSoftmax)
        {
            return output.Floats.ToArray();
        }

        float[] result = new float[output.Shape.Volume];
        Apply(output.Floats, output.Shape, result);
        return result;
    }

    /// <summary>Gives the transformed values to another post-processor.</summary>
    /// <typeparam name="TResult">What that makes of them.</typeparam>
    /// <param name="next">The other one.</param>
    public Postprocessor<TResult> Then<TResult>(Postprocessor<TResult> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new Chain<TResult>(this, next);
    }

    /// <summary>Goes on with another transformation.</summary>
    /// <param name="next">The other one.</param>
    public ValueTransform Then(ValueTransform next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new TwoTransforms(this, next);
    }

    private sealed class Chain<TResult>(ValueTransform first, Postprocessor<TResult> next) : Postprocessor<TResult>
    {
        internal override ScoreReduction? ReductionOf(Dims sample) => first.ReductionOf(sample) is { } begun && (next.ReductionOf(sample) ?? default) is { SoftmaxAlong: null } rest
            ? rest with { SoftmaxAlong = begun.SoftmaxAlong }
            : null;

        public override TResult Apply(SampleOutputs sample)
        {
            OutputView output = sample.Only;
            if (output.HasSoftmax)
            {
                return next.Apply(new SampleOutputs(output.AfterSoftmax(), sample.Placement));
            }

            int count = checked((int)output.Shape.Volume);
            float[] scratch = ArrayPool<float>.Shared.Rent(count);
            try
            {
                first.Apply(output.Floats, output.Shape, scratch.AsSpan(0, count));
                return next.Apply(new SampleOutputs(new OutputView(scratch.AsSpan(0, count), output.Shape, output.Name), sample.Placement));
            }
            finally
            {
                ArrayPool<float>.Shared.Return(scratch);
            }
        }
    }

    private sealed class TwoTransforms(ValueTransform first, ValueTransform second) : ValueTransform
    {
        public override void Apply(ReadOnlySpan<float> values, Dims shape, Span<float> result)
        {
            first.Apply(values, shape, result);
            second.Apply(result, shape, result);
        }
    }
}
