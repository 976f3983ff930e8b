namespace Trt.Utils;

/// <summary>
/// How much memory a serialized model takes when it is read. A message of two bytes becomes an object of hundreds, so that a small file of nothing but empty messages
/// could fill the memory; real models take a few times their size.
/// </summary>
internal static class MessageBudget
{
    private const long Free = 64 << 20;
    private const int PerByte = 32;
    private const int Deepest = 100; // the reader refuses more

    private enum Kind
    {
        Other,
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
        SparseTensor,
        ValueInfo,
        Type,
        TensorType,
        ElementType,
        Shape,
        Dimension,
        Function,
        Annotation,
        Entry,
    }

    /// <summary>Whether the messages of a model are in proportion to its size. What is damaged is for the reader to find.</summary>
    public static bool Allows(ReadOnlySpan<byte> model)
    {
        long left = Free + ((long)PerByte * model.Length);
        Spend(model, Kind.Model, ref left, 0);
        return left >= 0;
    }

    private static void Spend(ReadOnlySpan<byte> message, Kind kind, ref long left, int depth)
    {
        left -= Bytes(kind);
        int at = 0;
        while (at < message.Length && left >= 0)
        {
            if (!Varint(message, ref at, out ulong tag))
            {
                return;
            }

            ulong length = 0;
            switch (tag & 7)
            {
                case 0 when Varint(message, ref at, out _): continue;
                case 1: length = 8; break;
                case 2 when Varint(message, ref at, out length): break;
                case 5: length = 4; break;
                default: return;
            }

            if (length > (ulong)(message.Length - at))
            {
                return;
            }

            if ((tag & 7) == 2 && Child(kind, tag >> 3) is not Kind.Other and Kind child && depth < Deepest)
            {
                Spend(message.Slice(at, (int)length), child, ref left, depth + 1);
            }

            at += (int)length;
        }
    }

    /// <summary>About what an object with its empty lists takes.</summary>
    private static int Bytes(Kind kind) => kind switch
    {
        Kind.Graph or Kind.Function or Kind.Tensor => 700,
        Kind.Attribute => 600,
        Kind.Node => 350,
        Kind.ValueInfo or Kind.SparseTensor or Kind.Annotation => 150,
        _ => 80,
    };

    private static Kind Child(Kind kind, ulong field) => (kind, field) switch
    {
        (Kind.Model, 7) or (Kind.Attribute, 6 or 11) => Kind.Graph,
        (Kind.Model, 25) => Kind.Function,
        (Kind.Model, 8 or 14) or (Kind.Graph, 16) or (Kind.Node, 9) or (Kind.Tensor, 13 or 16) or (Kind.ValueInfo, 4) or (Kind.Function, 9 or 14) or (Kind.Annotation, 2) => Kind.Entry,
        (Kind.Graph, 1) or (Kind.Function, 7) => Kind.Node,
        (Kind.Graph, 5) or (Kind.Attribute, 5 or 10) or (Kind.SparseTensor, 1 or 2) => Kind.Tensor,
        (Kind.Graph, 11 or 12 or 13) or (Kind.Function, 12) => Kind.ValueInfo,
        (Kind.Graph, 14) => Kind.Annotation,
        (Kind.Graph, 15) or (Kind.Attribute, 22 or 23) => Kind.SparseTensor,
        (Kind.Node, 5) or (Kind.Function, 11) => Kind.Attribute,
        (Kind.Attribute, 14 or 15) or (Kind.ValueInfo, 2) or (Kind.ElementType, 1 or 2) => Kind.Type,
        (Kind.Type, 1 or 8) => Kind.TensorType,
        (Kind.Type, 4 or 5 or 9) => Kind.ElementType,
        (Kind.TensorType, 2) => Kind.Shape,
        (Kind.Shape, 1) => Kind.Dimension,
        _ => Kind.Other,
    };

    /// <summary>Reads a number of the wire format; false when the bytes end within it.</summary>
    public static bool Varint(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
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
