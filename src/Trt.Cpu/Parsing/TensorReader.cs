using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Interop;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>Makes constants of the model's tensors. Raw data is used where it lies; what is stored otherwise is copied once.</summary>
/// <param name="external">Reads data that lies in files beside the model.</param>
/// <param name="warn">Hears of values that had to be changed.</param>
internal sealed class TensorReader(ExternalData external, Action<string> warn)
{
    /// <summary>Memory that the caller gave for initializers by name.</summary>
    public Dictionary<string, (nint Data, long Bytes)> Given { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensor as a constant.</summary>
    /// <exception cref="ImportRefusal">Its type is not TensorRT's, or its data does not fill its dimensions.</exception>
    public ConstantValues Read(TensorProto tensor, string? name = null)
    {
        name ??= tensor.Name;
        long count = Volume(tensor, name);
        if (OnnxTypes.ToTensorRt(tensor.DataType) is not { } type || type == DataType.FP4)
        {
            throw Refuse(name, $"its element type {tensor.DataType} is none of TensorRT's");
        }

        bool isDouble = tensor.DataType == OnnxTypes.Double;
        long bytes = type == DataType.Int4 ? (count + 1) / 2 : checked(count * (isDouble ? 8 : Types.Size(type)));
        long[] dims = [.. tensor.Dims];
        if (count == 0)
        {
            if (tensor.RawData.Length > 0 || TypedCount(tensor) > 0)
            {
                warn($"Initializer {name} has no elements, yet data of its own; the data is ignored.");
            }

            return new ConstantValues(name, dims, Weights.Empty(type));
        }

        Weights data = Locate(tensor, name, type, bytes, count);
        return new ConstantValues(name, dims, isDouble ? Narrowed(data, count, name) : new Weights(type, data.Values, count, data.Owner)) { IsOfModel = true };
    }

    private static long Volume(TensorProto tensor, string name)
    {
        if (tensor.Dims.Count > Dims.MaxDims)
        {
            throw Refuse(name, $"it has {tensor.Dims.Count} dimensions; TensorRT's tensors have at most {Dims.MaxDims}");
        }

        Int128 volume = 1;
        foreach (long dim in tensor.Dims)
        {
            volume *= dim;
            if (dim < 0 || volume > int.MaxValue * 16L)
            {
                throw Refuse(name, $"its dimensions [{string.Join(", ", tensor.Dims)}] are negative or ask for more elements than there can be");
            }
        }

        return (long)volume;
    }

    private static int TypedCount(TensorProto tensor) =>
        tensor.FloatData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count + tensor.StringData.Count;

    private static ImportRefusal Refuse(string name, string why) => new(ParseCode.InvalidGraph, $"Failed to import initializer {name}: {why}.");

    private static Weights Pinned(ReadOnlyMemory<byte> memory) => new PinnedMemory(memory).Weights;

    private static Weights Sized(string name, Weights data, long bytes) => data.Count == bytes
        ? data
        : throw Refuse(name, $"size mismatch, its data has {data.Count} bytes where dimensions and type need {bytes}");

    private Weights Locate(TensorProto tensor, string name, DataType type, long bytes, long count)
    {
        if (Given.TryGetValue(name, out (nint Data, long Bytes) given))
        {
            return Sized(name, new Weights(DataType.UInt8, given.Data, given.Bytes), bytes);
        }

        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return external.Read(tensor, name, bytes);
        }

        if (tensor.RawData.Length > 0)
        {
            return Sized(name, Pinned(tensor.RawData.Memory), bytes);
        }

        int typed = TypedCount(tensor);
        if (type == DataType.Int4 ? typed != (count + 1) / 2 && typed != count : typed != count)
        {
            throw Refuse(name, $"size mismatch, it has {typed} values where its dimensions need {count}");
        }

        return Weights.From(Typed(tensor, name, (int)bytes));
    }

    private static byte[] Typed(TensorProto tensor, string name, int bytes)
    {
        byte[] result = new byte[bytes];
        switch (tensor.DataType)
        {
            case OnnxTypes.Float when tensor.FloatData.Count > 0:
                MemoryMarshal.AsBytes<float>([.. tensor.FloatData]).CopyTo(result);
                break;
            case OnnxTypes.Double when tensor.DoubleData.Count > 0:
                MemoryMarshal.AsBytes<double>([.. tensor.DoubleData]).CopyTo(result);
                break;
            case OnnxTypes.Int64 when tensor.Int64Data.Count > 0:
                MemoryMarshal.AsBytes<long>([.. tensor.Int64Data]).CopyTo(result);
                break;
            case OnnxTypes.Int32 when tensor.Int32Data.Count > 0:
                MemoryMarshal.AsBytes<int>([.. tensor.Int32Data]).CopyTo(result);
                break;
            case OnnxTypes.Half or OnnxTypes.BFloat16 when tensor.Int32Data.Count > 0:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(result.AsSpan());
                for (int i = 0; i < shorts.Length; i++)
                {
                    shorts[i] = (ushort)tensor.Int32Data[i];
                }

                break;
            case OnnxTypes.UInt8 or OnnxTypes.Int8 or OnnxTypes.Bool or OnnxTypes.Float8E4M3 or OnnxTypes.Int4 when tensor.Int32Data.Count == bytes:
                for (int i = 0; i < bytes; i++)
                {
                    result[i] = (byte)tensor.Int32Data[i];
                }

                break;
            default:
                throw Refuse(name, "its data is in a field that does not belong to its type");
        }

        return result;
    }

    /// <summary>Doubles as floats; what is out of range becomes the greatest float.</summary>
    private unsafe Weights Narrowed(Weights doubles, long count, string name)
    {
        ReadOnlySpan<byte> source = new((void*)doubles.Values, checked((int)(count * 8)));
        float[] floats = new float[count];
        bool clamped = false;
        for (int i = 0; i < floats.Length; i++)
        {
            double value = MemoryMarshal.Read<double>(source[(i * 8)..]);
            bool outside = double.IsFinite(value) && Math.Abs(value) > float.MaxValue;
            floats[i] = outside ? float.CopySign(float.MaxValue, (float)value) : (float)value;
            if (outside)
            {
                clamped = true;
                warn(string.Create(CultureInfo.InvariantCulture, $"Weight {i} of {name} is {value}, outside of float's range; it becomes {floats[i]}."));
            }
        }

        if (clamped)
        {
            warn($"Values of {name} were outside of float's range and were clamped.");
        }

        GC.KeepAlive(doubles.Owner);
        return Weights.From(floats);
    }

    /// <summary>Managed memory that stays where it is as long as weights name it.</summary>
    private sealed unsafe class PinnedMemory
    {
        private readonly MemoryHandle handle;
        private readonly int length;

        public PinnedMemory(ReadOnlyMemory<byte> memory)
        {
            handle = memory.Pin();
            length = memory.Length;
        }

        ~PinnedMemory() => handle.Dispose();

        public Weights Weights => new(DataType.UInt8, (nint)handle.Pointer, length, this);
    }
}
