using System.Buffers;

namespace Trt.Utils;

/// <summary>Copies a serialized model without the elements of its tensors, so that a model of gigabytes can be looked at for the price of its nodes.</summary>
/// <remarks>Field numbers are those of onnx.proto. What is damaged is copied as it is, for the reader to find.</remarks>
internal static class OnnxOutline
{
    /// <summary>Elements up to here stay: they cost nothing, and shapes among them are worth showing.</summary>
    private const int KeptBytes = 64;

    private const int Deepest = 100; // the reader refuses more

    private enum Kind
    {
        Other,
        Model,
        Graph,
        Node,
        Function,
        Attribute,
        SparseTensor,
        Tensor,
    }

    /// <summary>The outline of a model.</summary>
    /// <param name="model">The serialized model; pages that hold elements are not touched.</param>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> model)
    {
        ArrayBufferWriter<byte> outline = new(Math.Min(model.Length, 1 << 16) + 1);
        Copy(model, Kind.Model, outline, 0);
        return outline.WrittenSpan;
    }

    private static void Copy(ReadOnlySpan<byte> message, Kind kind, ArrayBufferWriter<byte> outline, int depth)
    {
        int at = 0;
        while (at < message.Length)
        {
            int start = at;
            if (!TryField(message, ref at, out ulong tag, out int length))
            {
                outline.Write(message[start..]);
                return;
            }

            ReadOnlySpan<byte> content = message.Slice(at, length);
            at += length;
            ulong field = tag >> 3;
            bool isMessage = (tag & 7) == 2;
            if (kind == Kind.Tensor && isMessage && length > KeptBytes && field is 4 or 5 or 6 or 7 or 9 or 10 or 11)
            {
                continue;
            }

            if (isMessage && depth < Deepest && Child(kind, field) is var child and not Kind.Other)
            {
                ArrayBufferWriter<byte> inner = new();
                Copy(content, child, inner, depth + 1);
                Number(tag, outline);
                Number((ulong)inner.WrittenCount, outline);
                outline.Write(inner.WrittenSpan);
            }
            else
            {
                outline.Write(message[start..at]);
            }
        }
    }

    /// <summary>Reads a field's head; false when the message ends within the field or the field is of no known kind.</summary>
    private static bool TryField(ReadOnlySpan<byte> message, ref int at, out ulong tag, out int length)
    {
        length = 0;
        if (!MessageBudget.Varint(message, ref at, out tag))
        {
            return false;
        }

        ulong size = 0;
        switch (tag & 7)
        {
            case 0 when MessageBudget.Varint(message, ref at, out _): return true;
            case 1: size = 8; break;
            case 2 when MessageBudget.Varint(message, ref at, out size): break;
            case 5: size = 4; break;
            default: return false;
        }

        if (size > (ulong)(message.Length - at))
        {
            return false;
        }

        length = (int)size;
        return true;
    }

    private static Kind Child(Kind kind, ulong field) => (kind, field) switch
    {
        (Kind.Model, 7) or (Kind.Attribute, 6 or 11) => Kind.Graph,
        (Kind.Model, 25) => Kind.Function,
        (Kind.Graph, 1) or (Kind.Function, 7) => Kind.Node,
        (Kind.Node, 5) or (Kind.Function, 11) => Kind.Attribute,
        (Kind.Graph, 15) or (Kind.Attribute, 22 or 23) => Kind.SparseTensor,
        (Kind.Graph, 5) or (Kind.Attribute, 5 or 10) or (Kind.SparseTensor, 1 or 2) => Kind.Tensor,
        _ => Kind.Other,
    };

    private static void Number(ulong value, ArrayBufferWriter<byte> outline)
    {
        for (; value >= 0x80; value >>= 7)
        {
            outline.Write([(byte)(value | 0x80)]);
        }

        outline.Write([(byte)value]);
    }
}
