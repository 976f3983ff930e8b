using System.Buffers.Binary;
using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>An input or output of a benchmark's first stream, as it was after the last query.</summary>
public sealed class BenchmarkTensor
{
    private readonly long[] strides;
    private readonly int vectorAxis;
    private readonly int vectorLength;

    internal BenchmarkTensor(TensorSpec spec, in Dims shape, in Dims elementStrides, byte[] bytes)
    {
        Name = spec.Name;
        IsInput = spec.IsInput;
        DataType = spec.DataType;
        Format = spec.Format;
        Shape = shape;
        Bytes = bytes;
        vectorAxis = spec.VectorAxis;
        vectorLength = spec.VectorLength;
        strides = Format == TensorFormat.Linear ? Dense(shape) : elementStrides.ToArray();
    }

    /// <summary>A tensor without gaps and vectors.</summary>
    internal BenchmarkTensor(string name, DataType type, in Dims shape, byte[] bytes)
    {
        Name = name;
        DataType = type;
        Shape = shape;
        Bytes = bytes;
        vectorAxis = -1;
        vectorLength = 1;
        strides = Dense(shape);
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Whether it is an input.</summary>
    public bool IsInput { get; }

    /// <summary>The element type.</summary>
    public DataType DataType { get; }

    /// <summary>How the elements lie in <see cref="Bytes"/>.</summary>
    public TensorFormat Format { get; }

    /// <summary>The shape that the query gave it.</summary>
    public Dims Shape { get; }

    /// <summary>The memory's content, as the device had it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>How many elements it has, without those that fill vectors.</summary>
    public long Count => Shape.Volume;

    /// <summary>An element in the order of the shape, last axis fastest, whatever the layout in memory.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <returns>Its value; of whole numbers beyond 2⁵³ the nearest.</returns>
    public double Value(long index) => DataType == DataType.Int64 ? Integer(index) : Element(Place(index));

    /// <summary>An element as a number in text; "NaN", "Infinity" and "-Infinity" where it is none.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public string Text(long index) => DataType switch
    {
        DataType.Int64 => Integer(index).ToString(CultureInfo.InvariantCulture),
        DataType.Float or DataType.BF16 => ((float)Value(index)).ToString("R", CultureInfo.InvariantCulture),
        DataType.Half => ((Half)Value(index)).ToString("R", CultureInfo.InvariantCulture),
        _ => Value(index).ToString("R", CultureInfo.InvariantCulture),
    };

    private static long[] Dense(in Dims shape)
    {
        long[] dense = new long[shape.NbDims];
        long step = 1;
        for (int axis = dense.Length - 1; axis >= 0; axis--)
        {
            dense[axis] = step;
            step *= shape[axis];
        }

        return dense;
    }

    private long Integer(long index) => BinaryPrimitives.ReadInt64LittleEndian(Bytes.Span[checked((int)(Place(index) * 8))..]);

    /// <summary>Where an element lies in memory, in elements.</summary>
    private long Place(long index)
    {
        long place = 0, within = 0;
        for (int axis = strides.Length - 1; axis >= 0; axis--)
        {
            (index, long at) = Math.DivRem(index, Shape[axis]);
            if (axis == vectorAxis)
            {
                (at, within) = Math.DivRem(at, vectorLength);
            }

            place += at * strides[axis];
        }

        return vectorAxis < 0 ? place : (place * vectorLength) + within;
    }

    private double Element(long place)
    {
        ReadOnlySpan<byte> at = Bytes.Span[checked((int)(place * ElementTypes.Bits(DataType) / 8))..];
        return DataType switch
        {
            DataType.Float => BinaryPrimitives.ReadSingleLittleEndian(at),
            DataType.Half => (double)BinaryPrimitives.ReadHalfLittleEndian(at),
            DataType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
            DataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
            DataType.Int8 => (sbyte)at[0],
            DataType.FP8 => Small(at[0], 3, 7),
            DataType.E8M0 => at[0] == 255 ? double.NaN : Math.ScaleB(1, at[0] - 127),
            DataType.Int4 => ((at[0] >> (int)(place % 2 * 4) & 15) ^ 8) - 8,
            DataType.FP4 => Small((at[0] >> (int)(place % 2 * 4)) & 15, 1, 1),
            _ => at[0],
        };
    }

    /// <summary>E4M3 (bias 7, all bits set is NaN) or E2M1 (bias 1, no NaN).</summary>
    private static double Small(int bits, int mantissaBits, int bias)
    {
        int width = mantissaBits == 3 ? 8 : 4;
        int magnitude = bits & ((1 << (width - 1)) - 1);
        int exponent = magnitude >> mantissaBits, mantissa = magnitude & ((1 << mantissaBits) - 1);
        double value = width == 8 && magnitude == 127 ? double.NaN
            : exponent == 0 ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
            : Math.ScaleB((1 << mantissaBits) + mantissa, exponent - bias - mantissaBits);
        return bits >> (width - 1) != 0 ? -value : value;
    }
}
