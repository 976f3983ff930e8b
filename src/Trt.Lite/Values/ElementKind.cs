namespace Trt.Lite;

/// <summary>What a value is, on either side of a conversion.</summary>
internal enum ElementKind
{
    /// <summary>Nothing that an element can be.</summary>
    None,
    Bool,
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    UInt64,
    Int64,
    Half,
    BFloat16,
    Float,
    Double,

    /// <summary>Bits of a type without .NET counterpart, which are only passed on.</summary>
    Bits,
}
