using Trt.Interop;

namespace Trt.Lite;

/// <summary>Makes a result of a sample's outputs.</summary>
/// <typeparam name="TResult">The result.</typeparam>
/// <remarks>An engine calls it from several threads at once.</remarks>
public abstract class Postprocessor<TResult> : Postprocessor
{
    /// <inheritdoc/>
    public sealed override Type ResultType => typeof(TResult);

    /// <summary>Makes the result of one sample.</summary>
    /// <param name="sample">The outputs that it was registered for; valid during the call.</param>
    public abstract TResult Apply(SampleOutputs sample);

    /// <summary>Makes the result of values that come from elsewhere.</summary>
    /// <param name="values">One sample's values, last axis fastest.</param>
    /// <param name="shape">Their shape, without batch.</param>
    /// <param name="placement">Where a picture's pixels went, where the sample is one.</param>
    public TResult Apply(ReadOnlySpan<float> values, Dims shape, ImagePlacement? placement = null) => Apply(new SampleOutputs(new OutputView(values, shape), placement));

    /// <summary>Makes the results of a batch.</summary>
    /// <param name="values">The values, last axis fastest.</param>
    /// <param name="shape">Their shape, samples first.</param>
    /// <exception cref="ArgumentException">The shape has no axes, or another number of elements.</exception>
    public TResult[] ApplyBatch(ReadOnlySpan<float> values, Dims shape)
    {
        if (shape.NbDims < 1 || values.Length != shape.Volume)
        {
            throw new ArgumentException($"{values.Length} values are no batch of shape {Shapes.Text(shape)}.", nameof(values));
        }

        Dims one = Shapes.WithoutFirst(shape);
        int length = checked((int)one.Volume);
        TResult[] results = new TResult[shape[0]];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = Apply(values.Slice(i * length, length), one);
        }

        return results;
    }

    /// <summary>Goes on with the result.</summary>
    /// <typeparam name="TNext">What comes out in the end.</typeparam>
    /// <param name="next">Makes it; called from several threads at once.</param>
    public Postprocessor<TNext> Select<TNext>(Func<TResult, TNext> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new SelectPostprocessor<TResult, TNext>(this, next);
    }

    internal sealed override OutputCollector Collect(string name, int[] outputs) => new ResultCollector<TResult>(name, outputs, this);
}
