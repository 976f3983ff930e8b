using Google.Protobuf;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Reads the serialized form of models.</summary>
internal static class OnnxFile
{
    /// <summary>A protocol buffer ends here; larger models have their weights beside them.</summary>
    public const long Most = int.MaxValue;

    /// <param name="path">The file.</param>
    /// <param name="isOutline">Whether tensors stay without their elements.</param>
    public static ModelProto Read(string path, bool isOutline = false)
    {
        using MappedFile file = MappedFile.Open(path);
        if (file.Length > Most)
        {
            throw new OnnxFormatException(path, $"The file has {file.Length} bytes; a model has at most 2 GiB, larger weights must be external data.");
        }

        file.Acquire(file);
        try
        {
            ReadOnlySpan<byte> model = file.Span(0, file.Length);
            return Read(isOutline ? OnnxOutline.Of(model) : model, path);
        }
        finally
        {
            file.Release();
        }
    }

    public static ModelProto Read(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes.IsEmpty)
        {
            throw new OnnxFormatException(source, "It is empty.");
        }

        if (!MessageBudget.Allows(bytes))
        {
            throw new OnnxFormatException(source, "It consists of more messages than a model of its size can need, and would fill the memory.");
        }

        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OnnxFormatException(source, $"It is no ONNX model, or a damaged one: {error.Message}", error);
        }

        return model.Graph is not null ? model : throw new OnnxFormatException(source, "It holds no graph, so it is no ONNX model.");
    }

    public static ModelProto Read(Stream stream, string source)
    {
        using MemoryStream copy = new();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (copy.Length + read > Array.MaxLength)
            {
                throw new OnnxFormatException(source, "It has more than 2 GiB; larger weights must be external data.");
            }

            copy.Write(buffer, 0, read);
        }

        return Read(copy.GetBuffer().AsSpan(0, (int)copy.Length), source);
    }
}
