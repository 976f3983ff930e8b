using System.Numerics.Tensors;
using Trt.Interop;

namespace Trt.Lite;

internal sealed class ExpTransform : ValueTransform
{
    public override void Apply(ReadOnlySpan<float> values, Dims shape, Span<float> result) => TensorPrimitives.Exp(values, result);
}
