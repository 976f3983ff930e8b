namespace Trt.Interop.Cuda;

/// <summary>The kind of a DLPack element, by dlpack.h's numbers.</summary>
public enum DlTypeCode : byte
{
    /// <summary>Signed integer.</summary>
    Int = 0,

    /// <summary>Unsigned integer.</summary>
    UInt = 1,

    /// <summary>IEEE floating point.</summary>
    Float = 2,

    /// <summary>A handle whose meaning both sides must know.</summary>
    OpaqueHandle = 3,

    /// <summary>bfloat16.</summary>
    BFloat = 4,

    /// <summary>Complex number: real part, imaginary part.</summary>
    Complex = 5,

    /// <summary>Boolean, a byte each.</summary>
    Bool = 6,

    /// <summary>Eight-bit float with 3 exponent and 4 mantissa bits.</summary>
    Float8E3M4 = 7,

    /// <summary>Eight-bit float with 4 exponent and 3 mantissa bits and infinities.</summary>
    Float8E4M3 = 8,

    /// <summary>E4M3 with bias 11, without infinities and negative zero.</summary>
    Float8E4M3B11FnUz = 9,

    /// <summary>E4M3 without infinities: TensorRT's FP8.</summary>
    Float8E4M3Fn = 10,

    /// <summary>E4M3 without infinities and negative zero.</summary>
    Float8E4M3FnUz = 11,

    /// <summary>Eight-bit float with 5 exponent and 2 mantissa bits.</summary>
    Float8E5M2 = 12,

    /// <summary>E5M2 without infinities and negative zero.</summary>
    Float8E5M2FnUz = 13,

    /// <summary>Power of two as an unsigned eight-bit exponent.</summary>
    Float8E8M0Fnu = 14,

    /// <summary>Six-bit float with 2 exponent bits.</summary>
    Float6E2M3Fn = 15,

    /// <summary>Six-bit float with 3 exponent bits.</summary>
    Float6E3M2Fn = 16,

    /// <summary>Four-bit float with 2 exponent bits.</summary>
    Float4E2M1Fn = 17,
}
