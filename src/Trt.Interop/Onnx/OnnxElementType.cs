namespace Trt.Interop;

/// <summary>What the elements of an ONNX tensor are, with ONNX's own numbers.</summary>
public enum OnnxElementType
{
    /// <summary>Not said.</summary>
    Undefined = 0,

    /// <summary>32-bit floating point.</summary>
    Float = 1,

    /// <summary>8-bit unsigned integer.</summary>
    UInt8 = 2,

    /// <summary>8-bit signed integer.</summary>
    Int8 = 3,

    /// <summary>16-bit unsigned integer.</summary>
    UInt16 = 4,

    /// <summary>16-bit signed integer.</summary>
    Int16 = 5,

    /// <summary>32-bit signed integer.</summary>
    Int32 = 6,

    /// <summary>64-bit signed integer.</summary>
    Int64 = 7,

    /// <summary>Text.</summary>
    String = 8,

    /// <summary>A byte that is 0 or 1.</summary>
    Bool = 9,

    /// <summary>16-bit floating point (IEEE binary16).</summary>
    Half = 10,

    /// <summary>64-bit floating point.</summary>
    Double = 11,

    /// <summary>32-bit unsigned integer.</summary>
    UInt32 = 12,

    /// <summary>64-bit unsigned integer.</summary>
    UInt64 = 13,

    /// <summary>Two 32-bit floats.</summary>
    Complex64 = 14,

    /// <summary>Two 64-bit floats.</summary>
    Complex128 = 15,

    /// <summary>The upper 16 bits of a 32-bit float.</summary>
    BFloat16 = 16,

    /// <summary>8-bit float, 4 bits of exponent, no infinities.</summary>
    Float8E4M3FN = 17,

    /// <summary>8-bit float, 4 bits of exponent, no infinities, no negative zero.</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>8-bit float, 5 bits of exponent.</summary>
    Float8E5M2 = 19,

    /// <summary>8-bit float, 5 bits of exponent, no infinities, no negative zero.</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>4-bit unsigned integer, two to a byte, the first in the lower half.</summary>
    UInt4 = 21,

    /// <summary>4-bit signed integer, two to a byte, the first in the lower half.</summary>
    Int4 = 22,

    /// <summary>4-bit float, two to a byte, the first in the lower half.</summary>
    Float4E2M1 = 23,

    /// <summary>8 bits of exponent: a power of two.</summary>
    Float8E8M0 = 24,

    /// <summary>2-bit unsigned integer, four to a byte.</summary>
    UInt2 = 25,

    /// <summary>2-bit signed integer, four to a byte.</summary>
    Int2 = 26,
}
