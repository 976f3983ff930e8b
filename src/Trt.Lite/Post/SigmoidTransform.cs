using System.Numerics.Tensors;
using Trt.Interop;

namespace Trt.Lite;

internal sealed class SigmoidTransform : ValueTransform
{
    public override void Apply(ReadOnlySpan<float> values, Dims shape, Span<float> result)
    {
        if (!values.IsEmpty)
        {
            TensorPrimitives.Sigmoid(values, result);
        }
    }
}
