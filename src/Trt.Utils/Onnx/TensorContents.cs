using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Trt.Interop;
using Trt.Onnx;
using Location = Trt.Onnx.TensorProto.Types.DataLocation;

namespace Trt.Utils;

/// <summary>Contents of a model's tensors, wherever they lie. Raw and external data is not copied.</summary>
/// <param name="source">The model's path, for messages.</param>
/// <param name="files">Files of external data.</param>
internal sealed unsafe class TensorContents(string source, ExternalFiles files)
{
    public ExternalFiles Files => files;

    public string Source => source;

    /// <summary>Whether the model was opened without the elements of its tensors.</summary>
    public bool IsOutline { get; init; }

    /// <summary>Makes a serialized tensor of one in memory.</summary>
    public static TensorProto Write(string name, OnnxTensor tensor)
    {
        TensorProto proto = new() { Name = name, DataType = (int)tensor.ElementType };
        proto.Dims.Add(tensor.Dims);
        if (tensor.ElementType == OnnxElementType.String)
        {
            proto.StringData.Add(tensor.Strings.Select(ByteString.CopyFromUtf8));
        }
        else
        {
            proto.RawData = ByteString.CopyFrom(tensor.AsBytes());
            GC.KeepAlive(tensor);
        }

        return proto;
    }

    /// <summary>The tensor's elements.</summary>
    /// <exception cref="OnnxFormatException">Its data is missing, does not fill its dimensions, or lies where it may not be read.</exception>
    /// <exception cref="InvalidOperationException">The model was opened without its elements.</exception>
    public OnnxTensor Read(TensorProto tensor)
    {
        CheckIsWhole();
        OnnxElementType type = (OnnxElementType)tensor.DataType;
        long[] dims = [.. tensor.Dims];
        if (type == OnnxElementType.String)
        {
            long count = Volume(tensor);
            return count == tensor.StringData.Count
                ? OnnxTensor.FromStrings([.. tensor.StringData.Select(text => text.ToStringUtf8())], dims)
                : throw Refuse(tensor, $"has {tensor.StringData.Count} texts where its dimensions need {count}");
        }

        long bytes = Bytes(tensor);
        if (bytes == 0)
        {
            return new OnnxTensor(type, dims, 0);
        }

        if (tensor.DataLocation == Location.External)
        {
            return External(tensor, type, dims, bytes);
        }

        if (tensor.RawData.Length > 0)
        {
            return tensor.RawData.Length == bytes
                ? OnnxTensor.FromBytes(type, dims, tensor.RawData.Memory)
                : throw Refuse(tensor, $"has {tensor.RawData.Length} bytes where its dimensions need {bytes}");
        }

        return OnnxTensor.FromBytes(type, dims, Typed(tensor, type, bytes));
    }

    /// <exception cref="InvalidOperationException">The model was opened without the elements of its tensors.</exception>
    public void CheckIsWhole()
    {
        if (IsOutline)
        {
            throw new InvalidOperationException($"{source} was opened without the elements of its tensors. Open it with Load.");
        }
    }

    /// <summary>How many elements the dimensions ask for.</summary>
    public long Volume(TensorProto tensor)
    {
        long volume = 1;
        foreach (long dim in tensor.Dims)
        {
            volume = dim < 0 ? dim : TensorShape.Multiply(volume, dim);
            if (volume is < 0 or long.MaxValue)
            {
                throw Refuse(tensor, $"has dimensions [{string.Join(", ", tensor.Dims)}], which are negative or ask for more elements than there can be");
            }
        }

        return volume;
    }

    /// <summary>How many bytes the dimensions ask for.</summary>
    public long Bytes(TensorProto tensor)
    {
        OnnxElementType type = (OnnxElementType)tensor.DataType;
        if (type.BitSize() == 0)
        {
            throw Refuse(tensor, $"has the element type {tensor.DataType}, which is none of ONNX's");
        }

        long bits = TensorShape.Multiply(Volume(tensor), type.BitSize());
        return bits < long.MaxValue ? (long)(((ulong)bits + 7) / 8) : throw Refuse(tensor, "is larger than memory can be");
    }

    /// <summary>Value of a key of the external data; null where it has none.</summary>
    public static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

    private OnnxTensor External(TensorProto tensor, OnnxElementType type, long[] dims, long bytes)
    {
        if (Entry(tensor, "location") is not { } location)
        {
            throw Refuse(tensor, "has external data, but no location says in which file");
        }

        long offset = Number(tensor, "offset") ?? 0;
        if (Number(tensor, "length") is { } length && length != bytes)
        {
            throw Refuse(tensor, $"has {length} bytes of external data where its dimensions need {bytes}");
        }

        MappedFile file = files.Open(tensor.Name, location);
        return offset >= 0 && offset <= file.Length - bytes
            ? new OnnxTensor(type, dims, (nint)file.At(offset), file)
            : throw Refuse(tensor, $"has its data at offset {offset} with {bytes} bytes, outside of {location}, which has {file.Length} bytes");
    }

    private long? Number(TensorProto tensor, string key) => Entry(tensor, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number
        : throw Refuse(tensor, $"has external data whose {key} is \"{text}\", which is no number");

    private byte[] Typed(TensorProto tensor, OnnxElementType type, long bytes)
    {
        int count = type switch
        {
            OnnxElementType.Float or OnnxElementType.Complex64 => tensor.FloatData.Count * 4,
            OnnxElementType.Double or OnnxElementType.Complex128 => tensor.DoubleData.Count * 8,
            OnnxElementType.Int64 => tensor.Int64Data.Count * 8,
            OnnxElementType.UInt64 => tensor.Uint64Data.Count * 8,
            OnnxElementType.UInt32 => tensor.Uint64Data.Count * 4,
            OnnxElementType.Int32 => tensor.Int32Data.Count * 4,
            OnnxElementType.Half or OnnxElementType.BFloat16 or OnnxElementType.Int16 or OnnxElementType.UInt16 => tensor.Int32Data.Count * 2,
            _ => tensor.Int32Data.Count,
        };

        // Before 4-bit types were packed two to a byte, some writers stored one in each number.
        bool unpacked = type.BitSize() == 4 && count != bytes && count == Volume(tensor);
        if (count != bytes && !unpacked)
        {
            throw Refuse(tensor, count == 0 ? "has no data" : "has data in a field of another type, or another number of elements than its dimensions need");
        }

        byte[] result = new byte[bytes];
        switch (type)
        {
            case OnnxElementType.Float or OnnxElementType.Complex64: Copy(tensor.FloatData, result); break;
            case OnnxElementType.Double or OnnxElementType.Complex128: Copy(tensor.DoubleData, result); break;
            case OnnxElementType.Int64: Copy(tensor.Int64Data, result); break;
            case OnnxElementType.UInt64: Copy(tensor.Uint64Data, result); break;
            case OnnxElementType.UInt32: Narrow(tensor.Uint64Data, MemoryMarshal.Cast<byte, uint>(result.AsSpan()), value => (uint)value); break;
            case OnnxElementType.Int32: Copy(tensor.Int32Data, result); break;
            case OnnxElementType.Half or OnnxElementType.BFloat16 or OnnxElementType.Int16 or OnnxElementType.UInt16:
                Narrow(tensor.Int32Data, MemoryMarshal.Cast<byte, ushort>(result.AsSpan()), value => (ushort)value);
                break;
            case var _ when unpacked:
                for (int i = 0; i < tensor.Int32Data.Count; i++)
                {
                    result[i / 2] |= (byte)((tensor.Int32Data[i] & 15) << (i % 2 * 4));
                }

                break;
            default: Narrow(tensor.Int32Data, result, value => (byte)value); break;
        }

        return result;
    }

    private static void Copy<T>(RepeatedField<T> values, byte[] result)
        where T : unmanaged
    {
        Span<T> target = MemoryMarshal.Cast<byte, T>(result.AsSpan());
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = values[i];
        }
    }

    private static void Narrow<TFrom, TTo>(RepeatedField<TFrom> values, Span<TTo> target, Func<TFrom, TTo> convert)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = convert(values[i]);
        }
    }

    private OnnxFormatException Refuse(TensorProto tensor, string problem) => new(source, $"Tensor \"{tensor.Name}\" {problem}.");
}
