namespace Trt.Utils;

/// <summary>The names that .safetensors has for element types.</summary>
internal static class SafetensorsDType
{
    public static TorchDType? Parse(string name) => name switch
    {
        "F64" => TorchDType.Float64,
        "F32" => TorchDType.Float32,
        "F16" => TorchDType.Float16,
        "BF16" => TorchDType.BFloat16,
        "F8_E4M3" => TorchDType.Float8E4M3FN,
        "F8_E5M2" => TorchDType.Float8E5M2,
        "I64" => TorchDType.Int64,
        "I32" => TorchDType.Int32,
        "I16" => TorchDType.Int16,
        "I8" => TorchDType.Int8,
        "U64" => TorchDType.UInt64,
        "U32" => TorchDType.UInt32,
        "U16" => TorchDType.UInt16,
        "U8" => TorchDType.UInt8,
        "BOOL" => TorchDType.Bool,
        "C64" => TorchDType.Complex64,
        _ => null,
    };

    /// <summary>The name of a type that can be written; null for the complex types.</summary>
    public static string? NameOf(TorchDType type) => type switch
    {
        TorchDType.Float64 => "F64",
        TorchDType.Float32 => "F32",
        TorchDType.Float16 => "F16",
        TorchDType.BFloat16 => "BF16",
        TorchDType.Float8E4M3FN => "F8_E4M3",
        TorchDType.Float8E5M2 => "F8_E5M2",
        TorchDType.Int64 => "I64",
        TorchDType.Int32 => "I32",
        TorchDType.Int16 => "I16",
        TorchDType.Int8 => "I8",
        TorchDType.UInt64 => "U64",
        TorchDType.UInt32 => "U32",
        TorchDType.UInt16 => "U16",
        TorchDType.UInt8 => "U8",
        TorchDType.Bool => "BOOL",
        _ => null,
    };
}
