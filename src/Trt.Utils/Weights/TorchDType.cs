namespace Trt.Utils;

/// <summary>Element types of PyTorch tensors.</summary>
public enum TorchDType
{
    /// <summary>IEEE double, 8 bytes.</summary>
    Float64,

    /// <summary>IEEE single, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE half, 2 bytes.</summary>
    Float16,

    /// <summary>The upper 16 bits of an IEEE single.</summary>
    BFloat16,

    /// <summary>Eight bits: sign, 4 of exponent, 3 of mantissa; no infinities, largest value 448.</summary>
    Float8E4M3FN,

    /// <summary>Eight bits: sign, 5 of exponent, 2 of mantissa; the upper byte of an IEEE half.</summary>
    Float8E5M2,

    /// <summary>Signed, 8 bytes.</summary>
    Int64,

    /// <summary>Signed, 4 bytes.</summary>
    Int32,

    /// <summary>Signed, 2 bytes.</summary>
    Int16,

    /// <summary>Signed, 1 byte.</summary>
    Int8,

    /// <summary>Unsigned, 1 byte.</summary>
    UInt8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Two halves. Named only: the values of such tensors cannot be read.</summary>
    Complex32,

    /// <summary>Two singles. Named only: the values of such tensors cannot be read.</summary>
    Complex64,

    /// <summary>Two doubles. Named only: the values of such tensors cannot be read.</summary>
    Complex128,

    /// <summary>Unsigned, 8 bytes.</summary>
    UInt64,

    /// <summary>Unsigned, 4 bytes.</summary>
    UInt32,

    /// <summary>Unsigned, 2 bytes.</summary>
    UInt16,
}
