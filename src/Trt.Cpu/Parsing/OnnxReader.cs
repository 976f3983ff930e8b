using Google.Protobuf;
using Trt.Interop.NvOnnxParser;
using Trt.Onnx;

namespace Trt.Cpu.Parsing;

/// <summary>Reads the serialized form of a model.</summary>
internal static class OnnxReader
{
    private const string Failed = "Failed to parse the ONNX model";

    /// <summary>The model in a block of bytes. A zero byte or the end of a group where a field should begin ends it, as for NVIDIA's parser.</summary>
    public static ModelProto Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes[..End(bytes)]);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new ImportRefusal(ErrorCode.ModelDeserializeFailed, $"{Failed}: {error.Message}", func: "deserializeOnnxModel");
        }
    }

    /// <summary>As much of the model as can be read.</summary>
    public static ModelProto ReadWhatCanBeRead(ReadOnlySpan<byte> bytes)
    {
        ModelProto model = new();
        try
        {
            model.MergeFrom(bytes[..End(bytes)]);
        }
        catch (InvalidProtocolBufferException)
        {
            // What came before the damage is in the model. The node that is damaged counts as one, as for NVIDIA's parser.
            if (model.Graph is { } graph && NodesBegun(bytes) > graph.Node.Count)
            {
                graph.Node.Add(new NodeProto());
            }
        }

        return model;
    }

    /// <summary>The model in a file, which is read without a copy of the whole.</summary>
    public static unsafe ModelProto ReadFile(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length == 0)
            {
                return new ModelProto();
            }

            if (stream.Length > int.MaxValue)
            {
                throw new ImportRefusal(ErrorCode.ModelDeserializeFailed, $"{Failed}: {path} has {stream.Length} bytes; a model file has at most 2 GiB, more must be external data.", func: "deserializeOnnxModel");
            }

            using NativeBlob blob = new(stream.Length);
            Span<byte> bytes = blob.Span(0, (int)stream.Length);
            stream.ReadExactly(bytes);
            return Read(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImportRefusal(ErrorCode.InvalidValue, $"Input file cannot be read: {error.Message}", func: "parseFromFile");
        }
    }

    /// <summary>Where the outermost message ends: all bytes, or before a zero or an end of a group in a field's place.</summary>
    private static int End(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            int start = at;
            if (!Varint(bytes, ref at, out ulong tag))
            {
                return bytes.Length;
            }

            if (tag == 0 || (tag & 7) == 4)
            {
                return start;
            }

            ulong length = 0;
            switch (tag & 7)
            {
                case 0 when Varint(bytes, ref at, out _): continue;
                case 1: length = 8; break;
                case 2 when Varint(bytes, ref at, out length): break;
                case 5: length = 4; break;
                default: return bytes.Length;    // not to be skipped: the reader says what is wrong
            }

            if (length > (ulong)(bytes.Length - at))
            {
                return bytes.Length;
            }

            at += (int)length;
        }

        return bytes.Length;
    }

    /// <summary>How many nodes of the graph begin in what may be the front part of a model.</summary>
    private static int NodesBegun(ReadOnlySpan<byte> model)
    {
        const int graphField = 7;
        const int nodeField = 1;
        int nodes = 0;
        foreach ((int field, Range range) in Blocks(model))
        {
            if (field == graphField)
            {
                nodes += Blocks(model[range]).Count(block => block.Field == nodeField);
            }
        }

        return nodes;
    }

    /// <summary>The fields of a message that have a length; the last may be cut off, what cannot be understood ends the list.</summary>
    private static List<(int Field, Range Range)> Blocks(ReadOnlySpan<byte> message)
    {
        List<(int, Range)> blocks = [];
        int at = 0;
        while (at < message.Length && Varint(message, ref at, out ulong tag))
        {
            ulong length = 0;
            switch (tag & 7)
            {
                case 0 when Varint(message, ref at, out _): continue;
                case 1: length = 8; break;
                case 2 when Varint(message, ref at, out length): break;
                case 5: length = 4; break;
                default: return blocks;
            }

            int end = (int)Math.Min((ulong)message.Length, (ulong)at + Math.Min(length, int.MaxValue));
            if ((tag & 7) == 2)
            {
                blocks.Add(((int)(tag >> 3), at..end));
            }

            at = end;
        }

        return blocks;
    }

    private static bool Varint(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
