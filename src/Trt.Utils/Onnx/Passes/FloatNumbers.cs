using Trt.Interop;

namespace Trt.Utils;

/// <summary>Numbers of constants for arithmetic in double precision.</summary>
internal static class FloatNumbers
{
    public static bool Supports(OnnxElementType type) => type is OnnxElementType.Float or OnnxElementType.Double or OnnxElementType.Half;

    public static double[] Read(OnnxTensor tensor) => tensor.ElementType switch
    {
        OnnxElementType.Float => Array.ConvertAll(tensor.ToArray<float>(), value => (double)value),
        OnnxElementType.Double => tensor.ToArray<double>(),
        OnnxElementType.Half => Array.ConvertAll(tensor.ToArray<Half>(), value => (double)value),
        _ => throw new ArgumentException($"{tensor} holds no floating-point numbers that arithmetic is done with.", nameof(tensor)),
    };

    public static OnnxTensor Write(OnnxElementType type, ReadOnlySpan<long> dims, double[] values) => type switch
    {
        OnnxElementType.Float => OnnxTensor.From(Array.ConvertAll(values, value => (float)value), dims),
        OnnxElementType.Double => OnnxTensor.From(values, dims),
        OnnxElementType.Half => OnnxTensor.From(Array.ConvertAll(values, value => (Half)value), dims),
        _ => throw new ArgumentException($"Numbers of type {type} cannot be written.", nameof(type)),
    };

    public static OnnxTensor Scalar(OnnxElementType type, double value) => type switch
    {
        OnnxElementType.Float => OnnxTensor.Scalar((float)value),
        OnnxElementType.Double => OnnxTensor.Scalar(value),
        OnnxElementType.Half => OnnxTensor.Scalar((Half)value),
        _ => throw new ArgumentException($"Numbers of type {type} cannot be written.", nameof(type)),
    };
}
