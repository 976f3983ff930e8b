using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Expected bits come from the definitions of the formats, or from .NET's own conversions.</summary>
public class TorchConversionTests
{
    [Fact]
    public void Every_bit_pattern_of_the_narrow_types_survives_the_way_through_wider_ones()
    {
        byte[] halves = [.. Enumerable.Range(0, 65536).SelectMany(bits => BitConverter.GetBytes((ushort)bits))];
        foreach (TorchDType type in (TorchDType[])[TorchDType.Float16, TorchDType.BFloat16])
        {
            TorchTensor tensor = TorchTensor.FromBytes(halves, type);
            foreach (TorchDType wide in (TorchDType[])[TorchDType.Float32, TorchDType.Float64])
            {
                ushort[] back = Bits(tensor.ConvertTo(wide, ConversionRule.Exact).ConvertTo(type, ConversionRule.Exact));
                for (int bits = 0; bits < back.Length; bits++)
                {
                    bool isNaN = type == TorchDType.Float16 ? Half.IsNaN(BitConverter.UInt16BitsToHalf((ushort)bits)) : float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits << 16));
                    Assert.True(isNaN || back[bits] == bits, $"{type} {bits:x4} became {back[bits]:x4}");
                }
            }
        }

        byte[] bytes = [.. Enumerable.Range(0, 256).Select(bits => (byte)bits)];
        foreach (TorchDType type in (TorchDType[])[TorchDType.Float8E4M3FN, TorchDType.Float8E5M2])
        {
            TorchTensor tensor = TorchTensor.FromBytes(bytes, type);
            float[] values = tensor.ToFloat32();
            foreach (TorchDType wide in (TorchDType[])[TorchDType.Float16, TorchDType.BFloat16, TorchDType.Float32, TorchDType.Float64])
            {
                byte[] back = tensor.ConvertTo(wide, ConversionRule.Exact).ConvertTo(type, ConversionRule.Exact).ToArray<byte>();
                Assert.All(bytes, bits => Assert.True(float.IsNaN(values[bits]) || back[bits] == bits, $"{type} {bits:x2} became {back[bits]:x2}"));
            }
        }
    }

    [Fact]
    public void Rounding_is_to_the_nearest_with_ties_to_even()
    {
        Random random = new(1);
        double[] values = [.. Enumerable.Range(0, 20_000).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-20, 12)))];
        TorchTensor tensor = TorchTensor.FromArray(values);

        Assert.Equal(values.Select(value => (float)value), tensor.ConvertTo(TorchDType.Float32).ToArray<float>());
        Assert.Equal(values.Select(value => (Half)value), tensor.ConvertTo(TorchDType.Float16, ConversionRule.Lossy).ToArray<Half>());
        foreach (TorchDType type in (TorchDType[])[TorchDType.BFloat16, TorchDType.Float8E4M3FN, TorchDType.Float8E5M2])
        {
            // The nearest of all values that the type has, found by looking at every one.
            int patterns = type == TorchDType.BFloat16 ? 65536 : 256;
            byte[] all = [.. Enumerable.Range(0, patterns).SelectMany(bits => patterns == 256 ? [(byte)bits] : BitConverter.GetBytes((ushort)bits))];
            (double Value, int Bits)[] representable = [.. TorchTensor.FromBytes(all, type).ToFloat32().Select((value, bits) => ((double)value, bits)).Where(item => double.IsFinite(item.Item1)).OrderBy(item => item.Item1)];
            double[] sorted = [.. representable.Select(item => item.Value)];
            float[] rounded = tensor.ConvertTo(type, ConversionRule.Lossy).ToFloat32();
            for (int i = 0; i < values.Length; i++)
            {
                int above = Math.Clamp(~Array.BinarySearch(sorted, values[i]), 1, sorted.Length - 1);
                (double low, double high) = (values[i] - sorted[above - 1], sorted[above] - values[i]);
                double expected = low < high || (low == high && (representable[above - 1].Bits & 1) == 0) ? sorted[above - 1] : sorted[above];
                Assert.Equal(expected, rounded[i]);
            }
        }
    }

    [Theory]
    [InlineData(TorchDType.Float16, 65520.0, "beyond the range")]
    [InlineData(TorchDType.Float16, 2e-8, "too small")]
    [InlineData(TorchDType.BFloat16, 3.4e38, "beyond the range")]
    [InlineData(TorchDType.Float8E4M3FN, 465.0, "beyond the range")]
    [InlineData(TorchDType.Float8E4M3FN, double.PositiveInfinity, "beyond the range")]
    [InlineData(TorchDType.Float8E5M2, 61440.0, "beyond the range")]
    [InlineData(TorchDType.Float32, 1e39, "beyond the range")]
    [InlineData(TorchDType.Float32, 1e-46, "too small")]
    [InlineData(TorchDType.Int8, 128.0, "beyond the range")]
    [InlineData(TorchDType.Int8, 1.5, "no integer")]
    [InlineData(TorchDType.Int64, 9223372036854775808.0, "beyond the range")]
    [InlineData(TorchDType.UInt8, -1.0, "beyond the range")]
    [InlineData(TorchDType.Int32, double.NaN, "beyond the range")]
    [InlineData(TorchDType.Bool, 2.0, "no truth value")]
    public void A_value_that_would_be_lost_is_refused_unless_asked_for(TorchDType type, double value, string reason)
    {
        TorchTensor tensor = TorchTensor.FromArray([1.0, value, value]).WithName("w");

        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => tensor.ConvertTo(type));
        Assert.Contains("\"w\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("2 values", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains("ConversionRule.Lossy", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, tensor.ConvertTo(type, ConversionRule.Lossy).ElementCount);
    }

    [Fact]
    public void Lossy_values_saturate()
    {
        TorchTensor tensor = TorchTensor.FromArray([1e300, -1e300, 1e-300, double.NaN, 2.5]);

        Assert.Equal([65504, -65504, 0, float.NaN, 2.5f], tensor.ConvertTo(TorchDType.Float16, ConversionRule.Lossy).ToFloat32());
        Assert.Equal([448, -448, 0, float.NaN, 2.5f], tensor.ConvertTo(TorchDType.Float8E4M3FN, ConversionRule.Lossy).ToFloat32());
        Assert.Equal([long.MaxValue, long.MinValue, 0, 0, 2], tensor.ConvertTo(TorchDType.Int64, ConversionRule.Lossy).ToArray<long>());
        Assert.Equal([255, 0, 0, 0, 2], tensor.ConvertTo(TorchDType.UInt8, ConversionRule.Lossy).ToArray<byte>());
    }

    [Fact]
    public void Rounding_is_refused_where_exactness_is_asked_for()
    {
        TorchTensor tensor = TorchTensor.FromArray([0.1f, 0.5f]);

        Assert.Contains("1 value (such as 0.10000000149011612) is between", Assert.Throws<InvalidOperationException>(() => tensor.ConvertTo(TorchDType.Float16, ConversionRule.Exact)).Message, StringComparison.Ordinal);
        Assert.Equal(0.5f, tensor.Slice(0, 1, 1).ConvertTo(TorchDType.Float16, ConversionRule.Exact).ToFloat32()[0]);
        Assert.Same(tensor, tensor.ConvertTo(TorchDType.Float32));
        Assert.Throws<NotSupportedException>(() => tensor.ConvertTo(TorchDType.Complex64));
    }

    [Fact]
    public void Large_integers_are_rounded_once()
    {
        long[] values = [long.MaxValue, long.MinValue, (1L << 53) + 1, (1L << 24) + 1, (1L << 60) + (1L << 36) + 1, -(1L << 60) - (1L << 36) - 1, 0, -5];
        TorchTensor tensor = TorchTensor.FromArray(values);

        Assert.Equal(values.Select(value => (float)value), tensor.ConvertTo(TorchDType.Float32).ToArray<float>());
        Assert.Equal(values.Select(value => (double)value), tensor.ConvertTo(TorchDType.Float64).ToArray<double>());
        Assert.Throws<InvalidOperationException>(() => tensor.ConvertTo(TorchDType.Float64, ConversionRule.Exact));
        Assert.Throws<InvalidOperationException>(() => tensor.ConvertTo(TorchDType.UInt64));
        Assert.Equal([long.MaxValue, 0ul, (1ul << 53) + 1], tensor.ConvertTo(TorchDType.UInt64, ConversionRule.Lossy).ToArray<ulong>().Take(3));
    }

    [Fact]
    public void Denormals_are_counted_in_every_type_wherever_they_stand()
    {
        for (int length = 0; length < 40; length++)
        {
            for (int at = 0; at < length; at++)
            {
                float[] values = [.. Enumerable.Repeat(1f, length)];
                values[at] = float.Epsilon;
                TorchTensor tensor = TorchTensor.FromArray(values);
                Assert.Equal(1, tensor.CountDenormals());
                values[at] = -0f;
                Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), Negated(tensor, values, at).Select(BitConverter.SingleToUInt32Bits));
            }
        }

        Assert.Equal(2 * 1023, TorchTensor.FromBytes([.. Enumerable.Range(0, 65536).SelectMany(bits => BitConverter.GetBytes((ushort)bits))], TorchDType.Float16).CountDenormals());
        Assert.Equal(2 * 127, TorchTensor.FromBytes([.. Enumerable.Range(0, 65536).SelectMany(bits => BitConverter.GetBytes((ushort)bits))], TorchDType.BFloat16).CountDenormals());
        Assert.Equal(2, TorchTensor.FromArray([double.Epsilon, -1e-310, 2.2250738585072014e-308, 0, 1]).CountDenormals());
        Assert.Equal(0, TorchTensor.FromArray([1L, 2]).CountDenormals());

        static float[] Negated(TorchTensor tensor, float[] values, int at)
        {
            values[at] = -float.Epsilon;
            float[] cleared = tensor.RoundDenormals(out long rounded).ToArray<float>();
            Assert.Equal(1, rounded);
            values[at] = -0f;
            return cleared;
        }
    }

    private static ushort[] Bits(TorchTensor tensor) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(tensor.Bytes).ToArray();
}
