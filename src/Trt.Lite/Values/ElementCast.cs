using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trt.Lite;

/// <summary>Converts values from one type to another, and tells whether any was lost.</summary>
internal static class ElementCast
{
    /// <summary>Converts as many values as there are.</summary>
    /// <param name="source">The values' bytes.</param>
    /// <param name="from">What they are.</param>
    /// <param name="target">Room for as many of the other type, as bytes; may not overlap.</param>
    /// <param name="to">What they become.</param>
    /// <returns>The place of the first value that the other type does not hold exactly, or −1. All values are converted nevertheless: floating ones rounded to the nearest, whole ones cut off towards zero and limited to their range.</returns>
    /// <exception cref="NotSupportedException">There is no conversion between the types.</exception>
    public static long Convert(ReadOnlySpan<byte> source, ElementKind from, Span<byte> target, ElementKind to)
    {
        if (from == to || (from == ElementKind.UInt8 && to == ElementKind.Bits) || (from == ElementKind.UInt16 && to == ElementKind.BFloat16))
        {
            source.CopyTo(target);
            return -1;
        }

        return from switch
        {
            ElementKind.Bool => FromBool(source, target, to),
            ElementKind.UInt8 => From<byte>(source, target, to),
            ElementKind.Int8 => From<sbyte>(source, target, to),
            ElementKind.UInt16 => From<ushort>(source, target, to),
            ElementKind.Int16 => From<short>(source, target, to),
            ElementKind.UInt32 => From<uint>(source, target, to),
            ElementKind.Int32 => From<int>(source, target, to),
            ElementKind.UInt64 => From<ulong>(source, target, to),
            ElementKind.Int64 => From<long>(source, target, to),
            ElementKind.Half => From<Half>(source, target, to),
            ElementKind.BFloat16 => FromBFloat16(source, target, to),
            ElementKind.Float => From<float>(source, target, to),
            ElementKind.Double => From<double>(source, target, to),
            _ => throw NoConversion(from, to),
        };
    }

    /// <summary>Whether there is a conversion at all.</summary>
    public static bool IsPossible(ElementKind from, ElementKind to) =>
        from != ElementKind.None && to != ElementKind.None && (to != ElementKind.Bits || from is ElementKind.UInt8 or ElementKind.Bits) && (from != ElementKind.Bits || to is ElementKind.Bits or ElementKind.UInt8);

    /// <summary>A value as text.</summary>
    public static string Text(ReadOnlySpan<byte> source, ElementKind kind, long at)
    {
        int size = Elements.Size(kind);
        ReadOnlySpan<byte> value = source.Slice(checked((int)(at * size)), size);
        IFormattable number = kind switch
        {
            ElementKind.Int64 => MemoryMarshal.Read<long>(value),
            ElementKind.UInt64 => MemoryMarshal.Read<ulong>(value),
            ElementKind.Float => MemoryMarshal.Read<float>(value),
            ElementKind.Half => MemoryMarshal.Read<Half>(value),
            _ => ToDouble(value, kind),
        };
        return number.ToString(null, CultureInfo.InvariantCulture);
    }

    private static double ToDouble(ReadOnlySpan<byte> value, ElementKind kind)
    {
        double[] one = new double[1];
        Convert(value, kind, MemoryMarshal.AsBytes(one.AsSpan()), ElementKind.Double);
        return one[0];
    }

    private static NotSupportedException NoConversion(ElementKind from, ElementKind to) => new($"{Elements.NameOf(from)} cannot be converted to {Elements.NameOf(to)}.");

    private static long From<TFrom>(ReadOnlySpan<byte> source, Span<byte> target, ElementKind to)
        where TFrom : unmanaged, INumber<TFrom>
    {
        ReadOnlySpan<TFrom> values = MemoryMarshal.Cast<byte, TFrom>(source);
        return to switch
        {
            ElementKind.Bool => ToBool(values, target),
            ElementKind.UInt8 => To<TFrom, byte>(values, target),
            ElementKind.Int8 => To<TFrom, sbyte>(values, target),
            ElementKind.UInt16 => To<TFrom, ushort>(values, target),
            ElementKind.Int16 => To<TFrom, short>(values, target),
            ElementKind.UInt32 => To<TFrom, uint>(values, target),
            ElementKind.Int32 => To<TFrom, int>(values, target),
            ElementKind.UInt64 => To<TFrom, ulong>(values, target),
            ElementKind.Int64 => To<TFrom, long>(values, target),
            ElementKind.Half => To<TFrom, Half>(values, target),
            ElementKind.BFloat16 => ToBFloat16(values, target),
            ElementKind.Float => To<TFrom, float>(values, target),
            ElementKind.Double => To<TFrom, double>(values, target),
            _ => throw NoConversion(Elements.KindOf(typeof(TFrom)), to),
        };
    }

    private static long To<TFrom, TTo>(ReadOnlySpan<TFrom> values, Span<byte> target)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        Span<TTo> results = MemoryMarshal.Cast<byte, TTo>(target)[..values.Length];
        if (IsAlwaysExact<TFrom, TTo>())
        {
            TensorPrimitives.ConvertTruncating(values, results);
            return -1;
        }

        long lost = -1;
        for (int i = 0; i < values.Length; i++)
        {
            TTo result = TTo.CreateSaturating(values[i]);
            results[i] = result;
            if (lost < 0 && !IsSame(values[i], result))
            {
                lost = i;
            }
        }

        return lost;
    }

    /// <summary>Whether every value of one type is one of the other's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAlwaysExact<TFrom, TTo>()
    {
        if (typeof(TTo) == typeof(double))
        {
            return typeof(TFrom) != typeof(long) && typeof(TFrom) != typeof(ulong);
        }

        if (typeof(TTo) == typeof(float))
        {
            return typeof(TFrom) == typeof(Half) || typeof(TFrom) == typeof(byte) || typeof(TFrom) == typeof(sbyte) || typeof(TFrom) == typeof(short) || typeof(TFrom) == typeof(ushort);
        }

        return (typeof(TTo) == typeof(Half) && (typeof(TFrom) == typeof(byte) || typeof(TFrom) == typeof(sbyte)))
            || (typeof(TTo) == typeof(long) && (typeof(TFrom) == typeof(int) || typeof(TFrom) == typeof(uint) || typeof(TFrom) == typeof(short) || typeof(TFrom) == typeof(ushort) || typeof(TFrom) == typeof(sbyte) || typeof(TFrom) == typeof(byte)))
            || (typeof(TTo) == typeof(int) && (typeof(TFrom) == typeof(short) || typeof(TFrom) == typeof(ushort) || typeof(TFrom) == typeof(sbyte) || typeof(TFrom) == typeof(byte)));
    }

    /// <summary>Whether a value was kept. Both sides become a type that holds all values of both: Int128 where one is an integer, double where both are floating.</summary>
    private static bool IsSame<TFrom, TTo>(TFrom value, TTo result)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        bool isWhole = IsInteger<TFrom>() || IsInteger<TTo>();
        if (!isWhole)
        {
            return double.CreateTruncating(value) == double.CreateTruncating(result) || TFrom.IsNaN(value);
        }

        return TFrom.IsInteger(value) && TTo.IsInteger(result) && Int128.CreateSaturating(value) == Int128.CreateSaturating(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsInteger<T>() => typeof(T) != typeof(float) && typeof(T) != typeof(double) && typeof(T) != typeof(Half);

    private static long ToBool<TFrom>(ReadOnlySpan<TFrom> values, Span<byte> target)
        where TFrom : unmanaged, INumber<TFrom>
    {
        long lost = -1;
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = TFrom.IsZero(values[i]) ? (byte)0 : (byte)1;
            if (lost < 0 && !TFrom.IsZero(values[i]) && values[i] != TFrom.One)
            {
                lost = i;
            }
        }

        return lost;
    }

    private static long FromBool(ReadOnlySpan<byte> source, Span<byte> target, ElementKind to)
    {
        Span<byte> ones = stackalloc byte[1024];
        int size = Elements.Size(to);
        for (int at = 0; at < source.Length; at += ones.Length)
        {
            ReadOnlySpan<byte> part = source.Slice(at, Math.Min(ones.Length, source.Length - at));
            for (int i = 0; i < part.Length; i++)
            {
                ones[i] = part[i] == 0 ? (byte)0 : (byte)1;
            }

            From<byte>(ones[..part.Length], target[(at * size)..], to);
        }

        return -1;
    }

    /// <summary>bfloat16 is the upper half of a float.</summary>
    private static long FromBFloat16(ReadOnlySpan<byte> source, Span<byte> target, ElementKind to)
    {
        ReadOnlySpan<ushort> values = MemoryMarshal.Cast<byte, ushort>(source);
        Span<float> widened = stackalloc float[512];
        int size = Elements.Size(to);
        long lost = -1;
        for (int at = 0; at < values.Length; at += widened.Length)
        {
            int length = Math.Min(widened.Length, values.Length - at);
            for (int i = 0; i < length; i++)
            {
                widened[i] = BitConverter.UInt32BitsToSingle((uint)values[at + i] << 16);
            }

            long lostHere = to == ElementKind.Float ? -1 : From<float>(MemoryMarshal.AsBytes(widened[..length]), target[(at * size)..], to);
            if (to == ElementKind.Float)
            {
                widened[..length].CopyTo(MemoryMarshal.Cast<byte, float>(target)[at..]);
            }

            lost = lost < 0 && lostHere >= 0 ? at + lostHere : lost;
        }

        return lost;
    }

    private static long ToBFloat16<TFrom>(ReadOnlySpan<TFrom> values, Span<byte> target)
        where TFrom : unmanaged, INumber<TFrom>
    {
        Span<ushort> results = MemoryMarshal.Cast<byte, ushort>(target);
        long lost = -1;
        for (int i = 0; i < values.Length; i++)
        {
            float value = float.CreateSaturating(values[i]);
            uint bits = BitConverter.SingleToUInt32Bits(value);
            results[i] = float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
            if (lost < 0 && !IsSame(values[i], BitConverter.UInt32BitsToSingle((uint)results[i] << 16)))
            {
                lost = i;
            }
        }

        return lost;
    }
}
