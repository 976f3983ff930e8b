using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>The element type of a DLPack tensor.</summary>
/// <param name="Code">Its kind.</param>
/// <param name="Bits">Bits of one lane.</param>
/// <param name="Lanes">How many values an element has; 1 but for vector types.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct DlDataType(DlTypeCode Code, byte Bits, ushort Lanes = 1)
{
    /// <summary>Bits of an element.</summary>
    public int ElementBits => Bits * Lanes;

    /// <summary>The DLPack type of TensorRT's element types.</summary>
    /// <param name="type">TensorRT's type.</param>
    /// <exception cref="NotSupportedException">DLPack has no such type, or packs it otherwise.</exception>
    public static DlDataType Of(DataType type) => type switch
    {
        DataType.Float => new(DlTypeCode.Float, 32),
        DataType.Half => new(DlTypeCode.Float, 16),
        DataType.BF16 => new(DlTypeCode.BFloat, 16),
        DataType.FP8 => new(DlTypeCode.Float8E4M3Fn, 8),
        DataType.E8M0 => new(DlTypeCode.Float8E8M0Fnu, 8),
        DataType.Int64 => new(DlTypeCode.Int, 64),
        DataType.Int32 => new(DlTypeCode.Int, 32),
        DataType.Int8 => new(DlTypeCode.Int, 8),
        DataType.UInt8 => new(DlTypeCode.UInt, 8),
        DataType.Bool => new(DlTypeCode.Bool, 8),
        _ => throw new NotSupportedException($"Elements of type {type} share their bytes, and programs do not agree on how DLPack passes those; hand the bytes over as UInt8."),
    };

    /// <summary>The DLPack type of a .NET type.</summary>
    /// <typeparam name="T">A number type of .NET, or <see cref="bool"/>.</typeparam>
    /// <exception cref="NotSupportedException">Another type: name the DLPack type.</exception>
    public static DlDataType Of<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double) || typeof(T) == typeof(Half) ? new(DlTypeCode.Float, (byte)(8 * Unsafe.SizeOf<T>()))
        : typeof(T) == typeof(sbyte) || typeof(T) == typeof(short) || typeof(T) == typeof(int) || typeof(T) == typeof(long) ? new(DlTypeCode.Int, (byte)(8 * Unsafe.SizeOf<T>()))
        : typeof(T) == typeof(byte) || typeof(T) == typeof(ushort) || typeof(T) == typeof(uint) || typeof(T) == typeof(ulong) ? new(DlTypeCode.UInt, (byte)(8 * Unsafe.SizeOf<T>()))
        : typeof(T) == typeof(bool) ? new(DlTypeCode.Bool, 8)
        : throw new NotSupportedException($"{typeof(T).Name} says no DLPack type by itself: name one.");

    /// <summary>TensorRT's element type.</summary>
    /// <param name="type">The type.</param>
    /// <returns>False where TensorRT has none.</returns>
    public bool TryGetDataType(out DataType type)
    {
        DataType? found = (Code, Bits, Lanes) switch
        {
            (DlTypeCode.Float, 32, 1) => DataType.Float,
            (DlTypeCode.Float, 16, 1) => DataType.Half,
            (DlTypeCode.BFloat, 16, 1) => DataType.BF16,
            (DlTypeCode.Float8E4M3Fn, 8, 1) => DataType.FP8,
            (DlTypeCode.Float8E8M0Fnu, 8, 1) => DataType.E8M0,
            (DlTypeCode.Int, 64, 1) => DataType.Int64,
            (DlTypeCode.Int, 32, 1) => DataType.Int32,
            (DlTypeCode.Int, 8, 1) => DataType.Int8,
            (DlTypeCode.UInt, 8, 1) => DataType.UInt8,
            (DlTypeCode.Bool, 8, 1) => DataType.Bool,
            _ => null,
        };
        type = found ?? default;
        return found is not null;
    }

    /// <summary>Such as <c>Float32</c> or <c>UInt8x4</c>.</summary>
    public override string ToString() => $"{Code}{Bits}{(Lanes == 1 ? string.Empty : $"x{Lanes}")}";

    /// <summary>Whether a .NET type holds such elements: its own type, or bytes and unsigned integers as the bits of types that .NET lacks.</summary>
    internal bool IsHeldBy<T>()
        where T : unmanaged
    {
        if (ElementBits != 8 * Unsafe.SizeOf<T>())
        {
            return false;
        }

        bool isBits = typeof(T) == typeof(byte) || typeof(T) == typeof(ushort) || typeof(T) == typeof(uint) || typeof(T) == typeof(ulong);
        bool isNumber = isBits || typeof(T) == typeof(float) || typeof(T) == typeof(double) || typeof(T) == typeof(Half) || typeof(T) == typeof(bool)
            || typeof(T) == typeof(sbyte) || typeof(T) == typeof(short) || typeof(T) == typeof(int) || typeof(T) == typeof(long);
        return !isNumber || this == Of<T>() || (isBits && Code is not (DlTypeCode.Int or DlTypeCode.UInt or DlTypeCode.Float));
    }
}
