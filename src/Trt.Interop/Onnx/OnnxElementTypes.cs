namespace Trt.Interop;

/// <summary>Sizes of ONNX's element types.</summary>
public static class OnnxElementTypes
{
    /// <summary>Bits of one element; 0 for text and for types that are not known, which have no fixed size.</summary>
    /// <param name="type">The type.</param>
    public static int BitSize(this OnnxElementType type) => type switch
    {
        OnnxElementType.UInt2 or OnnxElementType.Int2 => 2,
        OnnxElementType.UInt4 or OnnxElementType.Int4 or OnnxElementType.Float4E2M1 => 4,
        OnnxElementType.UInt8 or OnnxElementType.Int8 or OnnxElementType.Bool or OnnxElementType.Float8E4M3FN or OnnxElementType.Float8E4M3FNUZ
            or OnnxElementType.Float8E5M2 or OnnxElementType.Float8E5M2FNUZ or OnnxElementType.Float8E8M0 => 8,
        OnnxElementType.UInt16 or OnnxElementType.Int16 or OnnxElementType.Half or OnnxElementType.BFloat16 => 16,
        OnnxElementType.Float or OnnxElementType.Int32 or OnnxElementType.UInt32 => 32,
        OnnxElementType.Double or OnnxElementType.Int64 or OnnxElementType.UInt64 or OnnxElementType.Complex64 => 64,
        OnnxElementType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Bytes of a tensor, rounded up where elements are smaller than a byte.</summary>
    /// <param name="type">A type of fixed size.</param>
    /// <param name="dims">Extents, none negative.</param>
    /// <exception cref="ArgumentException">An extent is negative, the elements have no fixed size, or the tensor is larger than memory can be.</exception>
    public static long ByteSize(this OnnxElementType type, ReadOnlySpan<long> dims)
    {
        if (type.BitSize() == 0)
        {
            throw new ArgumentException($"Elements of type {type} have no fixed size.", nameof(type));
        }

        Int128 bits = type.BitSize();
        foreach (long dim in dims)
        {
            bits *= dim;
            if (dim < 0 || bits > (Int128)long.MaxValue * 8)
            {
                throw new ArgumentException($"The dimensions [{string.Join(", ", dims.ToArray())}] are negative or too large for memory.", nameof(dims));
            }
        }

        return (long)((bits + 7) / 8);
    }

    /// <summary>The element type that a .NET type is.</summary>
    /// <typeparam name="T">float, double, Half, bool, or an integer type of 8 to 64 bits.</typeparam>
    /// <exception cref="ArgumentException">ONNX has no element type like <typeparamref name="T"/>.</exception>
    public static OnnxElementType Of<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? OnnxElementType.Float
        : typeof(T) == typeof(double) ? OnnxElementType.Double
        : typeof(T) == typeof(Half) ? OnnxElementType.Half
        : typeof(T) == typeof(bool) ? OnnxElementType.Bool
        : typeof(T) == typeof(byte) ? OnnxElementType.UInt8
        : typeof(T) == typeof(sbyte) ? OnnxElementType.Int8
        : typeof(T) == typeof(ushort) ? OnnxElementType.UInt16
        : typeof(T) == typeof(short) ? OnnxElementType.Int16
        : typeof(T) == typeof(uint) ? OnnxElementType.UInt32
        : typeof(T) == typeof(int) ? OnnxElementType.Int32
        : typeof(T) == typeof(ulong) ? OnnxElementType.UInt64
        : typeof(T) == typeof(long) ? OnnxElementType.Int64
        : throw new ArgumentException($"ONNX has no element type like {typeof(T).Name}; use float, double, Half, bool or an integer type of 8 to 64 bits.");
}
