using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>An array of the test data: dimensions and numbers, whatever its element type.</summary>
/// <param name="Dims">Extents.</param>
/// <param name="Values">Elements in row order.</param>
/// <param name="Packed">Its bytes, for types that numbers are not converted to.</param>
internal sealed record OnnxArray(long[] Dims, double[] Values, byte[] Packed)
{
    /// <summary>The sizes that 4-bit floats can have: 1 bit of mantissa, 2 of exponent.</summary>
    private static readonly double[] Float4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

    /// <summary>Reads what ONNX wrote.</summary>
    public static OnnxArray Of(TensorProto tensor)
    {
        long count = tensor.Dims.Aggregate(1L, (product, dim) => product * dim);
        byte[] raw = tensor.RawData.ToByteArray();
        double[] values = tensor.DataType switch
        {
            1 => raw.Length > 0 ? Numbers<float>(raw, value => value) : [.. tensor.FloatData.Select(value => (double)value)],
            2 => Numbers<byte>(Bytes(tensor, raw), value => value),
            3 => Numbers<sbyte>(Bytes(tensor, raw), value => value),
            6 => raw.Length > 0 ? Numbers<int>(raw, value => value) : [.. tensor.Int32Data.Select(value => (double)value)],
            7 => raw.Length > 0 ? Numbers<long>(raw, value => value) : [.. tensor.Int64Data.Select(value => (double)value)],
            9 => Numbers<byte>(Bytes(tensor, raw), value => value),
            10 => raw.Length > 0 ? Numbers<Half>(raw, value => (double)value) : [.. tensor.Int32Data.Select(value => (double)BitConverter.UInt16BitsToHalf((ushort)value))],
            11 => raw.Length > 0 ? Numbers<double>(raw, value => value) : [.. tensor.DoubleData],
            16 => raw.Length > 0 ? Numbers<ushort>(raw, FromBFloat16) : [.. tensor.Int32Data.Select(value => FromBFloat16((ushort)value))],
            17 => Array.ConvertAll(Bytes(tensor, raw), FromFloat8),
            22 => Nibbles(Bytes(tensor, raw), count, FromInt4),
            23 => Nibbles(Bytes(tensor, raw), count, FromFloat4),
            _ => throw new NotSupportedException($"test data of ONNX's element type {tensor.DataType}"),
        };
        return values.Length == count ? new OnnxArray([.. tensor.Dims], values, Bytes(tensor, raw)) : throw new InvalidDataException($"{values.Length} values where dims need {count}");
    }

    /// <summary>Bytes of the numbers in one of TensorRT's types.</summary>
    public byte[] ToBytes(DataType type) => type switch
    {
        DataType.Float => Bytes(value => (float)value),
        DataType.Half => Bytes(value => (Half)value),
        DataType.BF16 => Bytes(value => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16)),
        DataType.Int32 => Bytes(value => (int)value),
        DataType.Int64 => Bytes(value => (long)value),
        DataType.Int8 => Bytes(value => (sbyte)value),
        DataType.UInt8 or DataType.Bool => Bytes(value => (byte)value),
        _ => Packed,
    };

    /// <summary>Numbers out of bytes in one of TensorRT's types.</summary>
    public static double[] FromBytes(byte[] bytes, DataType type, long count) => type switch
    {
        DataType.Int4 => Nibbles(bytes, count, FromInt4),
        DataType.FP4 => Nibbles(bytes, count, FromFloat4),
        DataType.Float => Numbers<float>(bytes, value => value),
        DataType.Half => Numbers<Half>(bytes, value => (double)value),
        DataType.BF16 => Numbers<ushort>(bytes, FromBFloat16),
        DataType.Int32 => Numbers<int>(bytes, value => value),
        DataType.Int64 => Numbers<long>(bytes, value => value),
        DataType.Int8 => Numbers<sbyte>(bytes, value => value),
        DataType.UInt8 or DataType.Bool => Numbers<byte>(bytes, value => value),
        DataType.FP8 => Array.ConvertAll(bytes, FromFloat8),
        _ => throw new NotSupportedException($"results of type {type}"),
    };

    public static long Size(DataType type, long count) => type switch
    {
        DataType.Float or DataType.Int32 => count * 4,
        DataType.Half or DataType.BF16 => count * 2,
        DataType.Int64 => count * 8,
        DataType.Int4 or DataType.FP4 => (count + 1) / 2,
        _ => count,
    };

    private static byte[] Bytes(TensorProto tensor, byte[] raw) => raw.Length > 0 ? raw : [.. tensor.Int32Data.Select(value => (byte)value)];

    private static double FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>E4M3 without infinities: bias 7, exponent 15 with mantissa 7 is not a number.</summary>
    private static double FromFloat8(byte bits)
    {
        int exponent = (bits >> 3) & 15;
        int mantissa = bits & 7;
        double size = exponent == 0 ? mantissa * Math.Pow(2, -9) : exponent == 15 && mantissa == 7 ? double.NaN : (8 + mantissa) * Math.Pow(2, exponent - 10);
        return bits >= 128 ? -size : size;
    }

    private static double FromInt4(int nibble) => nibble >= 8 ? nibble - 16 : nibble;

    private static double FromFloat4(int nibble) => nibble >= 8 ? -Float4[nibble - 8] : Float4[nibble];

    /// <summary>Two to a byte, the lower half first.</summary>
    private static double[] Nibbles(byte[] bytes, long count, Func<int, double> value)
    {
        double[] values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = value((bytes[i / 2] >> (i % 2 * 4)) & 15);
        }

        return values;
    }

    private static double[] Numbers<T>(byte[] bytes, Converter<T, double> convert)
        where T : unmanaged => Array.ConvertAll(MemoryMarshal.Cast<byte, T>(bytes).ToArray(), convert);

    private byte[] Bytes<T>(Converter<double, T> convert)
        where T : unmanaged => MemoryMarshal.AsBytes(Array.ConvertAll(Values, convert).AsSpan()).ToArray();
}
