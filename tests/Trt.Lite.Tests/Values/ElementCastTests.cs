using System.Runtime.InteropServices;

namespace Trt.Lite.Tests.Values;

/// <summary>Conversions between element types: the values, and whether anything was lost.</summary>
public class ElementCastTests
{
    [Fact]
    public void Whole_numbers_are_kept_where_there_is_room()
    {
        Check<int, float>([0, -1, 16777216, 16777217, int.MaxValue], 3, [0, -1, 16777216, 16777216, 2147483648f]);
        Check<int, double>([int.MinValue, int.MaxValue], -1, [int.MinValue, int.MaxValue]);
        Check<long, double>([1L << 53, (1L << 53) + 1], 1, [9007199254740992, 9007199254740992]);
        Check<long, double>([long.MaxValue], 0, [9223372036854775808.0]);
        Check<long, int>([int.MaxValue, int.MinValue, 1L + int.MaxValue], 2, [int.MaxValue, int.MinValue, int.MaxValue]);
        Check<int, byte>([255, 256, -1], 1, [255, 255, 0]);
        Check<byte, sbyte>([127, 128], 1, [127, 127]);
        Check<sbyte, ulong>([5, -1], 1, [5UL, 0]);
        Check<ulong, long>([ulong.MaxValue], 0, [long.MaxValue]);
        Check<int, Half>([2048, 2049, 65504], 1, [(Half)2048, (Half)2048, (Half)65504]);
        Check<int, Half>([70000], 0, [Half.PositiveInfinity]);
        Check<ushort, float>([65535], -1, [65535]);
    }

    [Fact]
    public void Fractions_are_kept_where_there_are_bits()
    {
        Check<double, float>([0.5, 0.1], 1, [0.5f, 0.1f]);
        Check<double, float>([double.NaN, double.PositiveInfinity, 1e300], 2, [float.NaN, float.PositiveInfinity, float.PositiveInfinity]);
        Check<double, float>([1e-60], 0, [0]);
        Check<float, Half>([0.5f, 1.0001f], 1, [(Half)0.5f, (Half)1]);
        Check<Half, float>([(Half)0.1f, Half.Epsilon], -1, [(float)(Half)0.1f, (float)Half.Epsilon]);
        Check<float, int>([2, -3, 2.5f], 2, [2, -3, 2]);
        Check<float, int>([2147483648f], 0, [int.MaxValue]);
        Check<float, long>([9.223372e18f], 0, [long.MaxValue]);
        Check<float, int>([float.NaN], 0, [0]);
        Check<float, byte>([float.PositiveInfinity], 0, [255]);
        Check<float, ulong>([3e38f], 0, [ulong.MaxValue]);
        Check<double, int>([-0.0], -1, [0]);
    }

    [Fact]
    public void Truth_values_are_zero_and_one()
    {
        Check<bool, float>([true, false], -1, [1, 0]);
        Check<bool, long>([true, false], -1, [1, 0]);
        Check<float, bool>([0, 1, 2], 2, [false, true, true]);
        Check<int, bool>([1, -1], 1, [true, true]);
    }

    [Fact]
    public void Bfloat16_is_the_upper_half_of_a_float()
    {
        float[] values = [1, -2.5f, 1.00390625f, 1.01171875f, 3.3895314e38f, BitConverter.UInt32BitsToSingle(0x7FC00001), float.PositiveInfinity, 3.4028235e38f];
        ushort[] bits = new ushort[values.Length];
        long lost = ElementCast.Convert(MemoryMarshal.AsBytes(values.AsSpan()), ElementKind.Float, MemoryMarshal.AsBytes(bits.AsSpan()), ElementKind.BFloat16);

        // Halves go to the even neighbour: 1 + 1/256 to 1, 1 + 3/256 to 1 + 4/256; the greatest float becomes infinite.
        Assert.Equal([0x3F80, 0xC020, 0x3F80, 0x3F82, 0x7F80 - 1, 0x7FC0, 0x7F80, 0x7F80], bits);
        Assert.Equal(2, lost);

        double[] back = new double[values.Length];
        Assert.Equal(-1, ElementCast.Convert(MemoryMarshal.AsBytes(bits.AsSpan()), ElementKind.BFloat16, MemoryMarshal.AsBytes(back.AsSpan()), ElementKind.Double));
        Assert.Equal([1, -2.5, 1, 1.015625], back[..4]);
        int[] whole = new int[values.Length];
        Assert.Equal(1, ElementCast.Convert(MemoryMarshal.AsBytes(bits.AsSpan()), ElementKind.BFloat16, MemoryMarshal.AsBytes(whole.AsSpan()), ElementKind.Int32));
    }

    [Fact]
    public void Long_runs_tell_the_first_loss()
    {
        double[] values = [.. Enumerable.Range(0, 3000).Select(i => i == 2500 ? 0.5 : i)];
        Check<double, int>(values, 2500, [.. values.Select(value => (int)value)]);
        bool[] truths = [.. Enumerable.Range(0, 3000).Select(i => i % 3 == 0)];
        Check<bool, Half>(truths, -1, [.. truths.Select(truth => (Half)(truth ? 1 : 0))]);
        ushort[] bits = [.. Enumerable.Range(0, 2000).Select(i => (ushort)(i == 1900 ? 0x3F00 : 0x3F80))];
        byte[] ones = new byte[2000];
        Assert.Equal(1900, ElementCast.Convert(MemoryMarshal.AsBytes(bits.AsSpan()), ElementKind.BFloat16, ones, ElementKind.UInt8));
    }

    [Fact]
    public void There_is_no_way_into_or_out_of_bits_of_unknown_types_but_bytes()
    {
        Assert.True(ElementCast.IsPossible(ElementKind.UInt8, ElementKind.Bits));
        Assert.False(ElementCast.IsPossible(ElementKind.Float, ElementKind.Bits));
        Assert.False(ElementCast.IsPossible(ElementKind.Bits, ElementKind.Float));
        Assert.Throws<NotSupportedException>(() => ElementCast.Convert(new byte[4], ElementKind.Float, new byte[1], ElementKind.Bits));
    }

    private static void Check<TFrom, TTo>(TFrom[] values, long lost, TTo[] expected)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        TTo[] found = new TTo[values.Length];
        long at = ElementCast.Convert(MemoryMarshal.AsBytes(values.AsSpan()), Elements.KindOf(typeof(TFrom)), MemoryMarshal.AsBytes(found.AsSpan()), Elements.KindOf(typeof(TTo)));
        Assert.Equal(expected, found);
        Assert.Equal(lost, at);
    }
}
