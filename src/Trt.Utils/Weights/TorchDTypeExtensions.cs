namespace Trt.Utils;

/// <summary>What is known of each <see cref="TorchDType"/>.</summary>
public static class TorchDTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>1, 2, 4, 8 or 16.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is no member of the enumeration.</exception>
    public static int ByteSize(this TorchDType type) => type switch
    {
        TorchDType.Complex128 => 16,
        TorchDType.Float64 or TorchDType.Int64 or TorchDType.UInt64 or TorchDType.Complex64 => 8,
        TorchDType.Float32 or TorchDType.Int32 or TorchDType.UInt32 or TorchDType.Complex32 => 4,
        TorchDType.Float16 or TorchDType.BFloat16 or TorchDType.Int16 or TorchDType.UInt16 => 2,
        TorchDType.Float8E4M3FN or TorchDType.Float8E5M2 or TorchDType.Int8 or TorchDType.UInt8 or TorchDType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This is no PyTorch element type."),
    };

    /// <summary>Whether elements are pairs of a real and an imaginary part, which TensorRT has no type for.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>True for the three complex types.</returns>
    public static bool IsComplex(this TorchDType type) => type is TorchDType.Complex32 or TorchDType.Complex64 or TorchDType.Complex128;

    /// <summary>Whether elements are floating-point numbers.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>True for float64, float32, float16, bfloat16 and both float8 types.</returns>
    public static bool IsFloatingPoint(this TorchDType type) => type is TorchDType.Float64 or TorchDType.Float32 or TorchDType.Float16 or TorchDType.BFloat16 or TorchDType.Float8E4M3FN or TorchDType.Float8E5M2;

    /// <summary>PyTorch's own name of the type, such as <c>float32</c>.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>The name without <c>torch.</c> in front.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is no member of the enumeration.</exception>
    public static string TorchName(this TorchDType type) => type switch
    {
        TorchDType.Float64 => "float64",
        TorchDType.Float32 => "float32",
        TorchDType.Float16 => "float16",
        TorchDType.BFloat16 => "bfloat16",
        TorchDType.Float8E4M3FN => "float8_e4m3fn",
        TorchDType.Float8E5M2 => "float8_e5m2",
        TorchDType.Int64 => "int64",
        TorchDType.Int32 => "int32",
        TorchDType.Int16 => "int16",
        TorchDType.Int8 => "int8",
        TorchDType.UInt8 => "uint8",
        TorchDType.UInt16 => "uint16",
        TorchDType.UInt32 => "uint32",
        TorchDType.UInt64 => "uint64",
        TorchDType.Bool => "bool",
        TorchDType.Complex32 => "complex32",
        TorchDType.Complex64 => "complex64",
        TorchDType.Complex128 => "complex128",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This is no PyTorch element type."),
    };
}
