using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What the runtime knows of element types: names, sizes, groups, and their numbers in ONNX.</summary>
internal static class Types
{
    /// <summary>The type of a tensor in a cycle, which has none.</summary>
    public const DataType None = (DataType)(-1);

    /// <summary>In the order in which TensorRT lists types in its messages.</summary>
    private static readonly DataType[] Listing =
    [
        DataType.Float, DataType.Half, DataType.BF16, DataType.FP8, DataType.E8M0, DataType.FP4, DataType.Int4, DataType.Int8, DataType.UInt8,
        DataType.Int64, DataType.Int32, DataType.Bool,
    ];

    public static DataType[] Floating { get; } = [DataType.Float, DataType.Half, DataType.BF16];

    /// <summary>Types that stand for real numbers, with the quantized ones.</summary>
    public static DataType[] Real { get; } =
        [DataType.Float, DataType.Half, DataType.BF16, DataType.FP8, DataType.E8M0, DataType.FP4, DataType.Int4, DataType.Int8];

    public static DataType[] Integers { get; } = [DataType.Int64, DataType.Int32];

    /// <summary>What layers that move elements about take.</summary>
    public static DataType[] Movable { get; } = [.. Real, DataType.Int64, DataType.Int32, DataType.Bool];

    public static DataType[] RealOrInteger { get; } = [.. Real, DataType.Int64, DataType.Int32];

    public static string Name(DataType type) => type switch
    {
        DataType.Float => "Float",
        DataType.Half => "Half",
        DataType.Int8 => "Int8",
        DataType.Int32 => "Int32",
        DataType.Bool => "Bool",
        DataType.UInt8 => "UInt8",
        DataType.FP8 => "FP8",
        DataType.BF16 => "BFloat16",
        DataType.Int64 => "Int64",
        DataType.Int4 => "Int4",
        DataType.FP4 => "FP4",
        DataType.E8M0 => "E8M0",
        _ => $"DataType{{{(int)type}}}",
    };

    /// <summary>Short name as in the texts that describe formats.</summary>
    public static string Short(DataType type) => type switch
    {
        DataType.Float => "FP32",
        DataType.Half => "FP16",
        DataType.BF16 => "BF16",
        DataType.Int8 => "INT8",
        DataType.Int32 => "INT32",
        DataType.Int64 => "INT64",
        DataType.Bool => "BOOL",
        DataType.UInt8 => "UINT8",
        _ => Name(type).ToUpperInvariant(),
    };

    public static string List(IReadOnlyCollection<DataType> types)
    {
        string[] names = [.. Listing.Where(types.Contains).Select(Name)];
        return names.Length switch
        {
            1 => names[0],
            2 => $"{names[0]} or {names[1]}",
            _ => $"{string.Join(", ", names[..^1])}, or {names[^1]}",
        };
    }

    public static bool IsDefined(DataType type) => type is >= DataType.Float and <= DataType.E8M0;

    public static bool IsSixteenBit(DataType type) => type is DataType.Half or DataType.BF16;

    public static bool IsFloating(DataType type) => type is DataType.Float or DataType.Half or DataType.BF16;

    public static bool IsInteger(DataType type) => type is DataType.Int32 or DataType.Int64;

    /// <summary>Whether the runtime can hold and compute tensors of the type.</summary>
    public static bool IsSupported(DataType type) => type is DataType.Float or DataType.Half or DataType.BF16 or DataType.Int8 or DataType.UInt8
        or DataType.Int32 or DataType.Int64 or DataType.Bool or DataType.FP8 or DataType.Int4;

    /// <summary>Whether a network may have tensors of the type, though the runtime may not be able to build it.</summary>
    public static bool IsKnown(DataType type) => IsSupported(type) || type is DataType.FP4 or DataType.E8M0;

    /// <summary>Bits of an element; those of 4 are packed, the first one in the low half of a byte.</summary>
    public static int Bits(DataType type) => type is DataType.Int4 or DataType.FP4 ? 4 : Size(type) * 8;

    /// <summary>Bytes of so many elements.</summary>
    public static long Bytes(DataType type, long count) => checked((count * Bits(type)) + 7) / 8;

    /// <summary>Bytes of an element that fills bytes.</summary>
    public static int Size(DataType type) => type switch
    {
        DataType.Float or DataType.Int32 => 4,
        DataType.Half or DataType.BF16 => 2,
        DataType.Int64 => 8,
        DataType.Int8 or DataType.UInt8 or DataType.Bool or DataType.FP8 or DataType.E8M0 => 1,
        _ => throw new NotSupportedException($"Elements of type {Name(type)} are not supported by the CPU runtime."),
    };

    /// <summary>The type's number in ONNX, which is ONNX Runtime's too.</summary>
    public static OrtElementType Onnx(DataType type) => type switch
    {
        DataType.Float => OrtElementType.Float,
        DataType.Half => OrtElementType.Float16,
        DataType.BF16 => OrtElementType.BFloat16,
        DataType.Int8 => OrtElementType.Int8,
        DataType.UInt8 => OrtElementType.UInt8,
        DataType.Int32 => OrtElementType.Int32,
        DataType.Int64 => OrtElementType.Int64,
        DataType.Bool => OrtElementType.Bool,
        DataType.FP8 => OrtElementType.Float8E4M3FN,
        DataType.Int4 => OrtElementType.Int4,
        _ => throw new NotSupportedException($"Elements of type {Name(type)} are not supported by the CPU runtime."),
    };
}
