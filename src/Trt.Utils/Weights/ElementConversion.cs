using System.Numerics;
using System.Runtime.CompilerServices;

namespace Trt.Utils;

/// <summary>Converts runs of elements from any type to any other, by way of double, which holds all values of all types but the largest 64-bit integers.</summary>
internal static unsafe class ElementConversion
{
    private const int Chunk = 1024;

    /// <summary>Neither address needs to be aligned, and they may not overlap.</summary>
    public static ElementLosses Convert(byte* source, TorchDType from, byte* target, TorchDType to, long count)
    {
        ElementLosses losses = default;
        if (from is TorchDType.Int64 or TorchDType.UInt64 && to is TorchDType.Int64 or TorchDType.UInt64)
        {
            Reinterpret(source, from, target, count, ref losses);
            return losses;
        }

        double* values = stackalloc double[Chunk];
        for (long done = 0; done < count; done += Chunk)
        {
            int length = (int)Math.Min(Chunk, count - done);
            byte* first = target + (done * to.ByteSize());
            Load(source + (done * from.ByteSize()), from, values, length, ref losses, toOdd: to != TorchDType.Float64);
            if (to.IsFloatingPoint())
            {
                StoreFloat(values, first, to, length, ref losses);
            }
            else
            {
                StoreInteger(values, first, to, length, ref losses);
            }
        }

        return losses;
    }

    private static void Load(byte* source, TorchDType type, double* values, int count, ref ElementLosses losses, bool toOdd)
    {
        switch (type)
        {
            case TorchDType.Float64: Load<double>(source, values, count); break;
            case TorchDType.Float32: Load<float>(source, values, count); break;
            case TorchDType.Float16: Load<Half>(source, values, count); break;
            case TorchDType.Int32: Load<int>(source, values, count); break;
            case TorchDType.Int16: Load<short>(source, values, count); break;
            case TorchDType.Int8: Load<sbyte>(source, values, count); break;
            case TorchDType.UInt32: Load<uint>(source, values, count); break;
            case TorchDType.UInt16: Load<ushort>(source, values, count); break;
            case TorchDType.UInt8: Load<byte>(source, values, count); break;
            case TorchDType.Bool:
                for (int i = 0; i < count; i++)
                {
                    values[i] = source[i] == 0 ? 0 : 1;
                }

                break;
            case TorchDType.Int64: LoadWide<long>(source, values, count, ref losses, toOdd); break;
            case TorchDType.UInt64: LoadWide<ulong>(source, values, count, ref losses, toOdd); break;
            default:
                Span<float> widened = stackalloc float[Chunk];
                FloatWidening.Widen(type, source, widened[..count]);
                for (int i = 0; i < count; i++)
                {
                    values[i] = widened[i];
                }

                break;
        }
    }

    private static void Load<T>(byte* source, double* values, int count)
        where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < count; i++)
        {
            values[i] = double.CreateTruncating(Unsafe.ReadUnaligned<T>(source + ((long)i * sizeof(T))));
        }
    }

    /// <summary>
    /// 64-bit integers beyond 2^53. The inexact ones are rounded to odd, so that rounding them again to a narrower type gives what rounding once would have given.
    /// </summary>
    private static void LoadWide<T>(byte* source, double* values, int count, ref ElementLosses losses, bool toOdd)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int i = 0; i < count; i++)
        {
            T value = Unsafe.ReadUnaligned<T>(source + ((long)i * sizeof(T)));
            Int128 exact = Int128.CreateTruncating(value);
            double nearest = (double)exact;
            Int128 error = exact - (Int128)nearest;
            if (error != 0)
            {
                losses.Rounded(nearest);
            }

            if (error != 0 && toOdd)
            {
                double truncated = Int128.IsPositive(error) == nearest > 0 ? nearest : (nearest > 0 ? Math.BitDecrement(nearest) : Math.BitIncrement(nearest));
                nearest = BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(truncated) | 1);
            }

            values[i] = nearest;
        }
    }

    /// <summary>Between the two types of 64-bit integers, without a way through double.</summary>
    private static void Reinterpret(byte* source, TorchDType from, byte* target, long count, ref ElementLosses losses)
    {
        for (long i = 0; i < count; i++)
        {
            long bits = Unsafe.ReadUnaligned<long>(source + (i * sizeof(long)));
            if (bits < 0)
            {
                losses.Overflowed(from == TorchDType.Int64 ? bits : (ulong)bits);
                bits = from == TorchDType.Int64 ? 0 : long.MaxValue;
            }

            Unsafe.WriteUnaligned(target + (i * sizeof(long)), bits);
        }
    }

    private static void StoreFloat(double* values, byte* target, TorchDType type, int count, ref ElementLosses losses)
    {
        if (type == TorchDType.Float64)
        {
            Unsafe.CopyBlockUnaligned(target, values, (uint)count * sizeof(double));
            return;
        }

        Minifloat format = Minifloat.Of(type);
        for (int i = 0; i < count; i++)
        {
            double value = values[i];
            double rounded = type switch
            {
                TorchDType.Float32 => (float)value, // the processor's own rounding is the same and quicker
                TorchDType.Float16 => (double)(Half)value,
                _ => format.Round(value),
            };
            if (rounded != value && !double.IsNaN(value))
            {
                if (Math.Abs(rounded) > format.Largest)
                {
                    losses.Overflowed(value);
                    rounded = Math.CopySign(format.Largest, value);
                }
                else if (rounded == 0)
                {
                    losses.Vanished(value);
                }
                else
                {
                    losses.Rounded(value);
                }
            }
            else if (double.IsInfinity(value) && !format.HasInfinity)
            {
                losses.Overflowed(value);
                rounded = Math.CopySign(format.Largest, value);
            }

            switch (type)
            {
                case TorchDType.Float32: Unsafe.WriteUnaligned(target + ((long)i * sizeof(float)), (float)rounded); break;
                case TorchDType.Float16: Unsafe.WriteUnaligned(target + ((long)i * sizeof(ushort)), (Half)rounded); break;
                case TorchDType.BFloat16: Unsafe.WriteUnaligned(target + ((long)i * sizeof(ushort)), (ushort)(BitConverter.SingleToUInt32Bits((float)rounded) >> 16)); break;
                case TorchDType.Float8E5M2: target[i] = (byte)(BitConverter.HalfToUInt16Bits((Half)rounded) >> 8); break;
                default: target[i] = ToE4M3FN(rounded); break;
            }
        }
    }

    /// <summary>The bits of a number that the type represents.</summary>
    private static byte ToE4M3FN(double value)
    {
        const int Bias = 7;
        const int MantissaBits = 3;
        int sign = double.IsNegative(value) ? 0x80 : 0;
        double magnitude = Math.Abs(value);
        if (double.IsNaN(value))
        {
            return (byte)(sign | 0x7F);
        }

        int exponent = magnitude == 0 ? -Bias : Math.Max(Math.ILogB(magnitude), 1 - Bias);
        int mantissa = magnitude == 0 ? 0 : (int)Math.ScaleB(magnitude, MantissaBits - exponent);
        return (byte)(sign | (mantissa < 1 << MantissaBits ? mantissa : ((exponent + Bias) << MantissaBits) | (mantissa & 7)));
    }

    private static void StoreInteger(double* values, byte* target, TorchDType type, int count, ref ElementLosses losses)
    {
        switch (type)
        {
            case TorchDType.Int64: Store<long>(values, target, count, ref losses); break;
            case TorchDType.Int32: Store<int>(values, target, count, ref losses); break;
            case TorchDType.Int16: Store<short>(values, target, count, ref losses); break;
            case TorchDType.Int8: Store<sbyte>(values, target, count, ref losses); break;
            case TorchDType.UInt64: Store<ulong>(values, target, count, ref losses); break;
            case TorchDType.UInt32: Store<uint>(values, target, count, ref losses); break;
            case TorchDType.UInt16: Store<ushort>(values, target, count, ref losses); break;
            case TorchDType.UInt8: Store<byte>(values, target, count, ref losses); break;
            default:
                for (int i = 0; i < count; i++)
                {
                    if (values[i] is not (0 or 1))
                    {
                        losses.Vanished(values[i]);
                    }

                    target[i] = values[i] == 0 ? (byte)0 : (byte)1;
                }

                break;
        }
    }

    private static void Store<T>(double* values, byte* target, int count, ref ElementLosses losses)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        double least = double.CreateTruncating(T.MinValue);
        double beyond = double.CreateTruncating(T.MaxValue) + 1; // a power of two; of the 64-bit types the addition is lost in a maximum that is already rounded up to it
        for (int i = 0; i < count; i++)
        {
            double value = values[i];
            double rounded = Math.Round(value, MidpointRounding.ToEven);
            if (!(rounded >= least && rounded < beyond))
            {
                losses.Overflowed(value);
            }
            else if (rounded != value)
            {
                losses.Vanished(value);
            }

            Unsafe.WriteUnaligned(target + ((long)i * sizeof(T)), T.CreateSaturating(rounded)); // not-a-number becomes 0
        }
    }
}
