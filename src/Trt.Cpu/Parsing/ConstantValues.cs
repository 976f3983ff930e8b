using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Cpu.Parsing;

/// <summary>Constant values of the model: an initializer, a Constant node, or what was computed from such.</summary>
/// <param name="name">Name of the layer that it becomes.</param>
/// <param name="dims">Extents.</param>
/// <param name="weights">The values, kept alive by their owner.</param>
internal sealed class ConstantValues(string name, long[] dims, Weights weights)
{
    /// <summary>Name of the layer that it becomes when a tensor is needed; the same as the initializer's.</summary>
    public string Name { get; set; } = name;

    public long[] Dims { get; } = dims;

    public Weights Weights { get; } = weights;

    public DataType Type => Weights.Type;

    public long Count => Weights.Count;

    /// <summary>Whether it stands in the model as it is; such values can be refitted by their name.</summary>
    public bool IsOfModel { get; set; }

    /// <summary>Its layer's output, once there is one.</summary>
    public ITensor? Tensor { get; set; }

    public static ConstantValues Of(long[] values, long[]? dims = null, string name = "ONNXTRT_ShapeTensorFromDims") => new(name, dims ?? [values.Length], Weights.From(values));

    public static ConstantValues Of(int[] values, long[]? dims = null, string name = "ONNXTRT_Constant") => new(name, dims ?? [values.Length], Weights.From(values));

    public static ConstantValues Of(float[] values, long[]? dims = null, string name = "ONNXTRT_Constant") => new(name, dims ?? [values.Length], Weights.From(values));

    public static ConstantValues Of(bool[] values, long[]? dims = null, string name = "ONNXTRT_Constant") => new(name, dims ?? [values.Length], Weights.From(values));

    /// <summary>Numbers in an element type: rounded to it, kept in range for integers.</summary>
    public static unsafe ConstantValues Of(ReadOnlySpan<double> values, long[] dims, DataType type, string name = "ONNXTRT_Constant")
    {
        int size = Types.Size(type);
        byte[] bytes = new byte[Math.Max(1, values.Length * size)];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> place = bytes.AsSpan(i * size);
            switch (type)
            {
                case DataType.Float: MemoryMarshal.Write(place, (float)values[i]); break;
                case DataType.Half: MemoryMarshal.Write(place, (Half)values[i]); break;
                case DataType.BF16: MemoryMarshal.Write(place, Bits.ToBFloat16((float)values[i])); break;
                case DataType.Int32: MemoryMarshal.Write(place, int.CreateSaturating(values[i])); break;
                case DataType.Int64: MemoryMarshal.Write(place, long.CreateSaturating(values[i])); break;
                case DataType.Int8: MemoryMarshal.Write(place, sbyte.CreateSaturating(values[i])); break;
                case DataType.UInt8: place[0] = byte.CreateSaturating(values[i]); break;
                case DataType.Bool: place[0] = values[i] != 0 ? (byte)1 : (byte)0; break;
                default: throw new ImportRefusal(Interop.NvOnnxParser.ErrorCode.UnsupportedNode, $"Constant {name} cannot be computed in type {Types.Name(type)}.");
            }
        }

        Weights held = Weights.From(bytes);
        return new ConstantValues(name, dims, new Weights(type, held.Values, values.Length, held.Owner));
    }

    /// <summary>The same values with other extents, for reshapes of constants.</summary>
    public ConstantValues Reshaped(long[] dims) => new(Name, dims, Weights);

    /// <summary>The values as integers; fractions are cut off.</summary>
    public long[] ToIntegers() => Type switch
    {
        DataType.Int64 => Span<long>().ToArray(),
        DataType.Int32 => Array.ConvertAll(Span<int>().ToArray(), value => (long)value),
        DataType.Int8 => Array.ConvertAll(Span<sbyte>().ToArray(), value => (long)value),
        DataType.UInt8 or DataType.Bool => Array.ConvertAll(Span<byte>().ToArray(), value => (long)value),
        _ => Array.ConvertAll(ToNumbers(), long.CreateSaturating),
    };

    /// <summary>The values as floats.</summary>
    public float[] ToFloats() => Type == DataType.Float ? Span<float>().ToArray() : Array.ConvertAll(ToNumbers(), value => (float)value);

    /// <summary>The values as doubles.</summary>
    public double[] ToNumbers() => Type switch
    {
        DataType.Float => Array.ConvertAll(Span<float>().ToArray(), value => (double)value),
        DataType.Half => Array.ConvertAll(Span<Half>().ToArray(), value => (double)value),
        DataType.BF16 => Array.ConvertAll(Span<ushort>().ToArray(), value => (double)Bits.FromBFloat16(value)),
        DataType.Int64 or DataType.Int32 or DataType.Int8 or DataType.UInt8 or DataType.Bool => Array.ConvertAll(ToIntegers(), value => (double)value),
        _ => throw new ImportRefusal(Interop.NvOnnxParser.ErrorCode.UnsupportedNode, $"Constant {Name} has type {Types.Name(Type)}, whose values cannot be read as numbers."),
    };

    private unsafe ReadOnlySpan<T> Span<T>()
        where T : unmanaged => new((void*)Weights.Values, checked((int)Count));
}
