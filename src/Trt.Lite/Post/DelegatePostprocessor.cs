namespace Trt.Lite;

internal sealed class DelegatePostprocessor<TResult>(SampleFunction<TResult> function) : Postprocessor<TResult>
{
    public override TResult Apply(SampleOutputs sample) => function(sample);
}
