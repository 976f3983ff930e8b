using Trt.Interop;

namespace Trt.Cpu.Parsing;

/// <summary>ONNX's element types by number, and what they are in TensorRT.</summary>
internal static class OnnxTypes
{
    public const int Float = 1;
    public const int UInt8 = 2;
    public const int Int8 = 3;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Bool = 9;
    public const int Half = 10;
    public const int Double = 11;
    public const int BFloat16 = 16;
    public const int Float8E4M3 = 17;
    public const int Int4 = 22;
    public const int Float4E2M1 = 23;

    /// <summary>TensorRT's type; double becomes float. Null for what TensorRT does not have.</summary>
    public static DataType? ToTensorRt(long type) => type switch
    {
        Float or Double => DataType.Float,
        UInt8 => DataType.UInt8,
        Int8 => DataType.Int8,
        Int32 => DataType.Int32,
        Int64 => DataType.Int64,
        Bool => DataType.Bool,
        Half => DataType.Half,
        BFloat16 => DataType.BF16,
        Float8E4M3 => DataType.FP8,
        Int4 => DataType.Int4,
        Float4E2M1 => DataType.FP4,
        _ => null,
    };
}
