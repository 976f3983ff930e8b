using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Elements of calibration data as the network's input wants them.</summary>
internal static class CalibrationElements
{
    public static DataType TypeOf<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? DataType.Float
        : typeof(T) == typeof(Half) ? DataType.Half
        : typeof(T) == typeof(sbyte) ? DataType.Int8
        : typeof(T) == typeof(byte) ? DataType.UInt8
        : typeof(T) == typeof(int) ? DataType.Int32
        : typeof(T) == typeof(long) ? DataType.Int64
        : typeof(T) == typeof(bool) ? DataType.Bool
        : throw new ArgumentException($"No network has inputs of {typeof(T).Name}; use float, double, Half, sbyte, byte, int, long or bool.");

    /// <summary>Bytes of an element of an input.</summary>
    /// <exception cref="NotSupportedException">Inputs of the type cannot be fed.</exception>
    public static int Size(DataType type) => type switch
    {
        DataType.Float or DataType.Int32 => 4,
        DataType.Half or DataType.BF16 => 2,
        DataType.Int64 => 8,
        DataType.Int8 or DataType.UInt8 or DataType.Bool => 1,
        _ => throw new NotSupportedException($"Calibration cannot feed inputs of type {type}; give the network an input of Float, Half, BF16, Int32, Int64, Int8, UInt8 or Bool."),
    };

    /// <summary>Whether numbers of a type can be given to an input of another.</summary>
    public static bool CanConvert(DataType from, DataType to) => from == to || to switch
    {
        DataType.Float or DataType.Half or DataType.BF16 => from is DataType.Float or DataType.Half or DataType.Int8 or DataType.UInt8 or DataType.Int32 or DataType.Int64,
        DataType.Int32 or DataType.Int64 => from is DataType.Int32 or DataType.Int64 or DataType.Int8 or DataType.UInt8,
        _ => false,
    };

    /// <summary>Copies elements, converted where the types differ.</summary>
    /// <returns>The index of the first element that is not a finite number in the input's type, or −1.</returns>
    public static int Copy(ReadOnlySpan<byte> source, DataType from, Span<byte> target, DataType to)
    {
        if (from == to)
        {
            source.CopyTo(target);
        }
        else
        {
            int count = source.Length / Size(from);
            for (int i = 0; i < count; i++)
            {
                if (to is DataType.Int32 or DataType.Int64)
                {
                    long whole = Whole(source, from, i);
                    if (to == DataType.Int64)
                    {
                        MemoryMarshal.Cast<byte, long>(target)[i] = whole;
                    }
                    else
                    {
                        MemoryMarshal.Cast<byte, int>(target)[i] = checked((int)whole);
                    }
                }
                else
                {
                    SetReal(target, to, i, Real(source, from, i));
                }
            }
        }

        return FirstNotFinite(target, to);
    }

    private static int FirstNotFinite(ReadOnlySpan<byte> values, DataType type)
    {
        switch (type)
        {
            case DataType.Float:
                ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(values);
                for (int i = 0; i < floats.Length; i++)
                {
                    if (!float.IsFinite(floats[i]))
                    {
                        return i;
                    }
                }

                return -1;
            case DataType.Half or DataType.BF16:
                ushort exponent = type == DataType.Half ? (ushort)0x7c00 : (ushort)0x7f80;
                ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<byte, ushort>(values);
                for (int i = 0; i < bits.Length; i++)
                {
                    if ((bits[i] & exponent) == exponent)
                    {
                        return i;
                    }
                }

                return -1;
            default:
                return -1;
        }
    }

    private static float Real(ReadOnlySpan<byte> source, DataType type, int index) => type switch
    {
        DataType.Float => MemoryMarshal.Cast<byte, float>(source)[index],
        DataType.Half => (float)MemoryMarshal.Cast<byte, Half>(source)[index],
        _ => Whole(source, type, index),
    };

    private static long Whole(ReadOnlySpan<byte> source, DataType type, int index) => type switch
    {
        DataType.Int32 => MemoryMarshal.Cast<byte, int>(source)[index],
        DataType.Int64 => MemoryMarshal.Cast<byte, long>(source)[index],
        DataType.Int8 => (sbyte)source[index],
        _ => source[index],
    };

    private static void SetReal(Span<byte> target, DataType type, int index, float value)
    {
        switch (type)
        {
            case DataType.Float:
                MemoryMarshal.Cast<byte, float>(target)[index] = value;
                break;
            case DataType.Half:
                MemoryMarshal.Cast<byte, Half>(target)[index] = (Half)value;
                break;
            default:
                MemoryMarshal.Cast<byte, ushort>(target)[index] = BrainFloat.FromSingle(value);
                break;
        }
    }
}
