namespace Trt.Cpu.OnnxRuntime;

/// <summary>Sizes of element types.</summary>
internal static class OrtElementTypes
{
    /// <summary>Bits of one element; 4-bit types are packed, two to a byte.</summary>
    /// <exception cref="ArgumentException">The elements have no fixed size: strings, or a type that is not known here.</exception>
    public static int Bits(this OrtElementType type) => type switch
    {
        OrtElementType.UInt4 or OrtElementType.Int4 => 4,
        OrtElementType.UInt8 or OrtElementType.Int8 or OrtElementType.Bool or OrtElementType.Float8E4M3FN or OrtElementType.Float8E5M2 => 8,
        OrtElementType.UInt16 or OrtElementType.Int16 or OrtElementType.Float16 or OrtElementType.BFloat16 => 16,
        OrtElementType.Float or OrtElementType.Int32 or OrtElementType.UInt32 => 32,
        OrtElementType.Double or OrtElementType.Int64 or OrtElementType.UInt64 => 64,
        _ => throw new ArgumentException($"A tensor of {type} elements has no memory that can be shared with ONNX Runtime. Bind numbers or booleans.", nameof(type)),
    };

    /// <summary>Bytes of a tensor, rounded up where elements are smaller than a byte.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, or the elements have no fixed size.</exception>
    /// <exception cref="OverflowException">The tensor is larger than memory can be.</exception>
    public static long BytesOf(this OrtElementType type, ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            count = dimension >= 0 ? checked(count * dimension)
                : throw new ArgumentException($"The shape {string.Join('x', shape.ToArray())} is not complete: give every dimension a size of 0 or more.", nameof(shape));
        }

        return checked((count * type.Bits()) + 7) / 8;
    }
}
