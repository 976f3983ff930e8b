using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Trt.Utils;

/// <summary>Writes tensors as <c>.safetensors</c>; <see cref="TorchStateDict.Open"/> reads them.</summary>
public static class SafetensorsFile
{
    /// <summary>Data begins at a multiple of this, more than the format asks for, so that mapped tensors are aligned.</summary>
    private const int Alignment = 64;

    /// <summary>Writes a file. It appears under its name only when it is whole; tensors are written one by one from where they lie.</summary>
    /// <param name="path">The file; one of that name is replaced, even if it is the one that the tensors come from (where the system lets mapped files be replaced).</param>
    /// <param name="tensors">The tensors by name: all element types but the complex ones, any strides. Those that share memory are written each on its own.</param>
    /// <param name="metadata">Text to keep beside them; null for none.</param>
    /// <exception cref="NotSupportedException">A tensor is complex; nothing is written then.</exception>
    /// <exception cref="ArgumentException">A name is <c>__metadata__</c>, or the names take more than the 100 MB that the format allows.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it and says what to do.</exception>
    /// <exception cref="ObjectDisposedException">The file of a tensor has been disposed.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, TorchTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        TensorOutput.WriteFile(path, stream => Write(stream, tensors, metadata));
    }

    /// <summary>Writes to a stream, from its position on.</summary>
    /// <param name="stream">A writable stream, which stays open.</param>
    /// <param name="tensors">The tensors by name, as of the other overload.</param>
    /// <param name="metadata">Text to keep beside them; null for none.</param>
    /// <exception cref="NotSupportedException">A tensor is complex; nothing is written then.</exception>
    /// <exception cref="ArgumentException">A name is <c>__metadata__</c>, or the names take more than the 100 MB that the format allows.</exception>
    public static void Write(Stream stream, IReadOnlyDictionary<string, TorchTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);

        // Wide elements first, so that each is aligned to its size wherever the one before it ends.
        KeyValuePair<string, TorchTensor>[] ordered = [.. tensors.OrderByDescending(entry => entry.Value.DType.ByteSize())];
        stream.Write(Header(ordered, metadata));
        foreach ((_, TorchTensor tensor) in ordered)
        {
            TensorOutput.Write(stream, tensor);
        }
    }

    private static byte[] Header(KeyValuePair<string, TorchTensor>[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach ((string name, TorchTensor tensor) in tensors)
            {
                string type = SafetensorsDType.NameOf(tensor.DType)
                    ?? throw new NotSupportedException($"Tensor \"{PickleText.Shorten(name)}\" holds complex numbers ({tensor.DType.TorchName()}), which are not written. Leave it out, or write its real and imaginary parts.");
                if (name == SafetensorsHeader.MetadataKey)
                {
                    throw new ArgumentException($"A tensor is named {name}, which the format keeps for other things. Rename it.", nameof(tensors));
                }

                json.WriteStartObject(name);
                json.WriteString("dtype", type);
                WriteNumbers(json, "shape", tensor.Shape.AsSpan());
                WriteNumbers(json, "data_offsets", [offset, offset + tensor.ByteCount]);
                json.WriteEndObject();
                offset += tensor.ByteCount;
            }

            json.WriteEndObject();
        }

        int padded = (SafetensorsHeader.PrefixLength + text.WrittenCount + Alignment - 1) / Alignment * Alignment;
        if (padded - SafetensorsHeader.PrefixLength > SafetensorsHeader.LongestHeader)
        {
            throw new ArgumentException($"The header would take {padded} bytes, but the format allows {SafetensorsHeader.LongestHeader}. Write the tensors to several files.", nameof(tensors));
        }

        byte[] header = new byte[padded];
        BinaryPrimitives.WriteInt64LittleEndian(header, padded - SafetensorsHeader.PrefixLength);
        text.WrittenSpan.CopyTo(header.AsSpan(SafetensorsHeader.PrefixLength));
        header.AsSpan(SafetensorsHeader.PrefixLength + text.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
