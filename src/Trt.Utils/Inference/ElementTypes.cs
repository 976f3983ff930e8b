using System.Runtime.CompilerServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>TensorRT's element types and the .NET types that hold them.</summary>
internal static class ElementTypes
{
    private const DataType None = (DataType)(-1);

    /// <summary>Bits of an element; elements of 4 bits lie two to a byte.</summary>
    public static int Bits(DataType type) => type switch
    {
        DataType.Int64 => 64,
        DataType.Float or DataType.Int32 => 32,
        DataType.Half or DataType.BF16 => 16,
        DataType.Int4 or DataType.FP4 => 4,
        _ => 8,
    };

    /// <summary>Bytes of so many elements.</summary>
    public static long Bytes(DataType type, long count) => (checked(count * Bits(type)) + 7) / 8;

    /// <summary>Whether a .NET type holds elements of this type: bfloat16 as the bits in a ushort, types of 8 bits without a .NET type as bytes, types of 4 bits two to a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<T>(DataType type)
        where T : unmanaged =>
        type == Of<T>()
        || (typeof(T) == typeof(ushort) && type == DataType.BF16)
        || (typeof(T) == typeof(byte) && type is DataType.FP8 or DataType.E8M0 or DataType.Int4 or DataType.FP4);

    /// <summary>The .NET type to use, as C# writes it.</summary>
    public static string NameOf(DataType type) => type switch
    {
        DataType.Float => "float",
        DataType.Half => "Half",
        DataType.BF16 => "ushort (the bits of bfloat16)",
        DataType.Int64 => "long",
        DataType.Int32 => "int",
        DataType.Int8 => "sbyte",
        DataType.UInt8 => "byte",
        DataType.Bool => "bool",
        DataType.FP8 => "byte (the bits of float8)",
        DataType.E8M0 => "byte (the bits of the exponent)",
        _ => "byte (two elements each)",
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DataType Of<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? DataType.Float
        : typeof(T) == typeof(Half) ? DataType.Half
        : typeof(T) == typeof(long) ? DataType.Int64
        : typeof(T) == typeof(int) ? DataType.Int32
        : typeof(T) == typeof(sbyte) ? DataType.Int8
        : typeof(T) == typeof(byte) ? DataType.UInt8
        : typeof(T) == typeof(bool) ? DataType.Bool
        : None;
}
