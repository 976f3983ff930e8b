using Trt.Interop;

namespace Trt.Cpu;

/// <content>Inputs and outputs whose memory is not laid out in rows: nodes between the memory and the tensor.</content>
internal sealed partial class Lowering
{
    /// <summary>A tensor out of the memory of an input.</summary>
    private OnnxValue FromMemory(OnnxValue memory, VectorFormat format, Dims dims)
    {
        int rank = dims.NbDims;
        int channel = format.Channel(rank);
        OnnxValue value = Node("Transpose", memory.Type, [memory], Attr.Ints("perm", format.FromMemoryOrder(rank)));
        if (format.SplitsChannels)
        {
            value = Node("Reshape", value.Type, [value, Joined(value, channel, 2, [format.Padded(dims[channel])])], Attr.Int("allowzero", 1));
        }

        return format.Padded(dims[channel]) == dims[channel]
            ? value
            : Node("Slice", value.Type, [value, Integers(0), Integers(dims[channel]), Integers(channel)]);
    }

    /// <summary>The memory of an output out of a tensor.</summary>
    private OnnxValue ToMemory(OnnxValue value, VectorFormat format, Dims dims)
    {
        int rank = dims.NbDims;
        int channel = format.Channel(rank);
        long missing = format.Padded(dims[channel]) - dims[channel];
        if (missing > 0)
        {
            OnnxValue shape = Joined(value, channel, 1, [missing]);
            OnnxValue zeros = Cast(Node("Expand", DataType.Float, [Number(0, DataType.Float), shape]), value.Type);
            value = Node("Concat", value.Type, [value, zeros], Attr.Int("axis", channel));
        }

        if (format.SplitsChannels)
        {
            value = Node("Reshape", value.Type, [value, Joined(value, channel, 1, [format.Padded(dims[channel]) / format.Width, format.Width])], Attr.Int("allowzero", 1));
        }

        return Node("Transpose", value.Type, [value], Attr.Ints("perm", format.ToMemoryOrder(rank)));
    }

    /// <summary>The shape of a value with other numbers in the place of some axes.</summary>
    private OnnxValue Joined(OnnxValue value, int at, int count, ReadOnlySpan<long> numbers)
    {
        OnnxValue middle = Integers(numbers);
        OnnxValue behind = Node("Shape", DataType.Int64, [value], Attr.Int("start", at + count));
        return at == 0
            ? Node("Concat", DataType.Int64, [middle, behind], Attr.Int("axis", 0))
            : Node("Concat", DataType.Int64, [Node("Shape", DataType.Int64, [value], Attr.Int("start", 0), Attr.Int("end", at)), middle, behind], Attr.Int("axis", 0));
    }
}
