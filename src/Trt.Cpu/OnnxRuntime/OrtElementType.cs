namespace Trt.Cpu.OnnxRuntime;

/// <summary>What the elements of a tensor are, with the numbers of ONNX Runtime (ONNX's own numbers differ from none of these).</summary>
internal enum OrtElementType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
    Float8E4M3FN = 17,
    Float8E5M2 = 19,
    UInt4 = 21,
    Int4 = 22,
}
