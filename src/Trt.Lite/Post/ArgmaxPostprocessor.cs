using Trt.Interop;

namespace Trt.Lite;

internal sealed class ArgmaxPostprocessor : Postprocessor<int>
{
    public override int Apply(SampleOutputs sample)
    {
        OutputView output = sample.Only;
        return output.Type switch
        {
            DataType.Int64 => Scores.Argmax(output.As<long>()),
            DataType.Int32 => Scores.Argmax(output.As<int>()),
            _ => Scores.Argmax(output.Floats),
        };
    }
}
