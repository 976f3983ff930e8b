using Trt.Interop;

namespace Trt.Lite;

/// <summary>The caller's numbers into an input's memory, and an output's into the caller's.</summary>
internal static class SpanValues
{
    /// <summary>Finds out how many samples so many numbers are, and the shape of one.</summary>
    /// <exception cref="ArgumentException">The numbers do not fill samples.</exception>
    /// <exception cref="InvalidOperationException">Several extents are open.</exception>
    public static int Count(InputInfo input, long length, out Dims sample)
    {
        sample = input.SampleShape;
        int open = -1;
        long known = 1;
        for (int axis = 0; axis < sample.NbDims; axis++)
        {
            if (sample[axis] >= 0)
            {
                known *= sample[axis];
            }
            else if (open < 0)
            {
                open = axis;
            }
            else
            {
                throw new InvalidOperationException($"Input \"{input.Name}\" leaves several extents open ({Shapes.Text(sample)} without batch), which numbers without a shape do not tell.");
            }
        }

        if (known <= 0 || length <= 0 || length % known != 0)
        {
            throw new ArgumentException($"Input \"{input.Name}\" is given {length} values without a shape; expected {input.Expected}.");
        }

        if (open < 0)
        {
            return checked((int)(length / known));
        }

        sample[open] = length / known;
        return 1;
    }

    /// <summary>Writes samples, and zeros for what the engine wants beyond them.</summary>
    /// <param name="values">The samples.</param>
    /// <param name="kind">What they are made of.</param>
    /// <param name="room">The input's memory.</param>
    /// <param name="rows">Samples of the run.</param>
    /// <param name="count">Samples that there are.</param>
    /// <param name="info">The input.</param>
    /// <param name="convert">Whether conversions may lose something.</param>
    /// <exception cref="ArgumentException">A number would be lost.</exception>
    public static void Write(ReadOnlySpan<byte> values, ElementKind kind, Span<byte> room, int rows, int count, InputInfo info, bool convert)
    {
        int used = values.Length;
        if (kind == Elements.KindOf(info.Type))
        {
            values.CopyTo(room);
        }
        else
        {
            used = room.Length / rows * count;
            InputConversion.Write(values, kind, room[..used], info, convert);
        }

        room[used..].Clear();
    }

    /// <summary>Reads values.</summary>
    /// <param name="bytes">The output's, of those samples that there are.</param>
    /// <param name="info">The output.</param>
    /// <param name="shape">What messages show.</param>
    /// <param name="room">Where to.</param>
    /// <param name="to">What they become.</param>
    /// <returns>How many values were written.</returns>
    /// <exception cref="ArgumentException">Too little room, or another type of values.</exception>
    public static int Read(ReadOnlySpan<byte> bytes, OutputInfo info, in Dims shape, Span<byte> room, ElementKind to)
    {
        ElementKind from = Elements.KindOf(info.Type);
        int values = bytes.Length / Elements.Size(from);
        int size = Elements.Size(to);
        if (values > room.Length / size)
        {
            throw new ArgumentException($"Output \"{info.Name}\" has {Shapes.Text(shape)} values, but there is room for {room.Length / size} more.", "output");
        }

        bool isSame = from == to || (from == ElementKind.BFloat16 && to == ElementKind.UInt16) || (from == ElementKind.Bits && to == ElementKind.UInt8);
        if (isSame)
        {
            bytes.CopyTo(room);
        }
        else if (!ElementCast.IsPossible(from, to))
        {
            throw new ArgumentException($"Output \"{info.Name}\" has elements of type {Elements.NameOf(from)}, which are not converted to {Elements.NameOf(to)}.", "output");
        }
        else if (ElementCast.Convert(bytes, from, room[..(values * size)], to) is >= 0 and long lost)
        {
            throw new ArgumentException($"Output \"{info.Name}\" has elements of type {Elements.NameOf(from)}; {Elements.NameOf(to)} does not hold the {ElementCast.Text(bytes, from, lost)} at {lost} exactly.", "output");
        }

        return values;
    }
}
