using System.Numerics.Tensors;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A tensor's elements as doubles, which hold all types exactly but integers beyond 2⁵³.</summary>
internal static unsafe class TensorElements
{
    /// <exception cref="NotSupportedException">Arithmetic is not done with the type, or there are too many elements.</exception>
    public static double[] Required(OnnxTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Of(tensor) ?? throw new NotSupportedException($"{tensor}: arithmetic is not done with this type.");
    }

    /// <returns>The elements; null for text and for types that arithmetic is not done with.</returns>
    /// <exception cref="NotSupportedException">There are more elements than an array holds.</exception>
    public static double[]? Of(OnnxTensor tensor)
    {
        if (tensor.ElementCount > Array.MaxLength)
        {
            throw new NotSupportedException($"{tensor} has too many elements to be measured.");
        }

        double[]? values = tensor.ElementType switch
        {
            OnnxElementType.Double => Read<double>(tensor),
            OnnxElementType.Float => Read<float>(tensor),
            OnnxElementType.Half => Read<Half>(tensor),
            OnnxElementType.BFloat16 => Floats(tensor, TorchDType.BFloat16),
            OnnxElementType.Float8E4M3FN => Floats(tensor, TorchDType.Float8E4M3FN),
            OnnxElementType.Float8E5M2 => Floats(tensor, TorchDType.Float8E5M2),
            OnnxElementType.Int8 => Read<sbyte>(tensor),
            OnnxElementType.UInt8 or OnnxElementType.Bool => Read<byte>(tensor),
            OnnxElementType.Int16 => Read<short>(tensor),
            OnnxElementType.UInt16 => Read<ushort>(tensor),
            OnnxElementType.Int32 => Read<int>(tensor),
            OnnxElementType.UInt32 => Read<uint>(tensor),
            OnnxElementType.Int64 => Read<long>(tensor),
            OnnxElementType.UInt64 => Read<ulong>(tensor),
            _ => null,
        };
        GC.KeepAlive(tensor);
        return values;
    }

    private static double[] Read<T>(OnnxTensor tensor)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        double[] values = GC.AllocateUninitializedArray<double>((int)tensor.ElementCount);
        TensorPrimitives.ConvertTruncating<T, double>(new ReadOnlySpan<T>((void*)tensor.Pointer, values.Length), values);
        return values;
    }

    private static double[] Floats(OnnxTensor tensor, TorchDType type)
    {
        float[] singles = GC.AllocateUninitializedArray<float>((int)tensor.ElementCount);
        FloatWidening.Widen(type, (byte*)tensor.Pointer, singles);
        double[] values = GC.AllocateUninitializedArray<double>(singles.Length);
        TensorPrimitives.ConvertTruncating<float, double>(singles, values);
        return values;
    }
}
