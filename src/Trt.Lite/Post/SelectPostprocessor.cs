namespace Trt.Lite;

internal sealed class SelectPostprocessor<TResult, TNext>(Postprocessor<TResult> first, Func<TResult, TNext> next) : Postprocessor<TNext>
{
    internal override ScoreReduction? ReductionOf(Interop.Dims sample) => first.ReductionOf(sample);

    public override TNext Apply(SampleOutputs sample) => next(first.Apply(sample));
}
