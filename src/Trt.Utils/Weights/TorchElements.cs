namespace Trt.Utils;

/// <summary>Which C# type holds which PyTorch type's elements.</summary>
internal static class TorchElements
{
    public static bool Holds<T>(TorchDType type)
        where T : unmanaged => type switch
        {
            TorchDType.Float64 => typeof(T) == typeof(double),
            TorchDType.Float32 => typeof(T) == typeof(float),
            TorchDType.Float16 => typeof(T) == typeof(Half),
            TorchDType.BFloat16 or TorchDType.UInt16 => typeof(T) == typeof(ushort),
            TorchDType.UInt32 => typeof(T) == typeof(uint),
            TorchDType.UInt64 => typeof(T) == typeof(ulong),
            TorchDType.Int64 => typeof(T) == typeof(long),
            TorchDType.Int32 => typeof(T) == typeof(int),
            TorchDType.Int16 => typeof(T) == typeof(short),
            TorchDType.Int8 => typeof(T) == typeof(sbyte),
            TorchDType.UInt8 or TorchDType.Float8E4M3FN or TorchDType.Float8E5M2 => typeof(T) == typeof(byte),
            TorchDType.Bool => typeof(T) == typeof(bool),
            _ => false,
        };

    public static string NameOf(TorchDType type) => type switch
    {
        TorchDType.Float64 => "double",
        TorchDType.Float32 => "float",
        TorchDType.Float16 => "Half",
        TorchDType.BFloat16 or TorchDType.UInt16 => "ushort",
        TorchDType.UInt32 => "uint",
        TorchDType.UInt64 => "ulong",
        TorchDType.Int64 => "long",
        TorchDType.Int32 => "int",
        TorchDType.Int16 => "short",
        TorchDType.Int8 => "sbyte",
        TorchDType.Bool => "bool",
        _ => "byte",
    };
}
