using Trt.Interop;

namespace Trt.Lite;

/// <summary>TensorRT's element types and the .NET types that hold them.</summary>
internal static class Elements
{
    /// <summary>Bytes of so many elements; those of 4 bits lie two to a byte.</summary>
    public static long Bytes(DataType type, long count) => type switch
    {
        DataType.Int64 => checked(count * 8),
        DataType.Float or DataType.Int32 => checked(count * 4),
        DataType.Half or DataType.BF16 => checked(count * 2),
        DataType.Int4 or DataType.FP4 => (count + 1) / 2,
        _ => count,
    };

    /// <summary>The kind of values that a tensor of this type holds.</summary>
    public static ElementKind KindOf(DataType type) => type switch
    {
        DataType.Float => ElementKind.Float,
        DataType.Half => ElementKind.Half,
        DataType.BF16 => ElementKind.BFloat16,
        DataType.Int64 => ElementKind.Int64,
        DataType.Int32 => ElementKind.Int32,
        DataType.Int8 => ElementKind.Int8,
        DataType.UInt8 => ElementKind.UInt8,
        DataType.Bool => ElementKind.Bool,
        _ => ElementKind.Bits,
    };

    /// <summary>The kind of values that a .NET type is.</summary>
    public static ElementKind KindOf(Type type) =>
        type == typeof(float) ? ElementKind.Float
        : type == typeof(double) ? ElementKind.Double
        : type == typeof(Half) ? ElementKind.Half
        : type == typeof(byte) ? ElementKind.UInt8
        : type == typeof(sbyte) ? ElementKind.Int8
        : type == typeof(short) ? ElementKind.Int16
        : type == typeof(ushort) ? ElementKind.UInt16
        : type == typeof(int) ? ElementKind.Int32
        : type == typeof(uint) ? ElementKind.UInt32
        : type == typeof(long) ? ElementKind.Int64
        : type == typeof(ulong) ? ElementKind.UInt64
        : type == typeof(bool) ? ElementKind.Bool
        : ElementKind.None;

    /// <summary>Bytes of one value.</summary>
    public static int Size(ElementKind kind) => kind switch
    {
        ElementKind.Double or ElementKind.Int64 or ElementKind.UInt64 => 8,
        ElementKind.Float or ElementKind.Int32 or ElementKind.UInt32 => 4,
        ElementKind.Half or ElementKind.BFloat16 or ElementKind.Int16 or ElementKind.UInt16 => 2,
        _ => 1,
    };

    /// <summary>As C# writes it.</summary>
    public static string NameOf(ElementKind kind) => kind switch
    {
        ElementKind.Float => "float",
        ElementKind.Double => "double",
        ElementKind.Half => "Half",
        ElementKind.BFloat16 => "bfloat16 (bits in a ushort)",
        ElementKind.UInt8 => "byte",
        ElementKind.Int8 => "sbyte",
        ElementKind.Int16 => "short",
        ElementKind.UInt16 => "ushort",
        ElementKind.Int32 => "int",
        ElementKind.UInt32 => "uint",
        ElementKind.Int64 => "long",
        ElementKind.UInt64 => "ulong",
        ElementKind.Bool => "bool",
        ElementKind.Bits => "byte (the tensor's bits)",
        _ => "no element type",
    };
}
