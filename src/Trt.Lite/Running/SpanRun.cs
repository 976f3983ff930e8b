using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Numbers in, numbers out, of a model with one input and one output: the short way, without any object.</summary>
internal sealed class SpanRun
{
    private readonly ModelLayout layout;
    private readonly StageClock clock;
    private readonly bool convert;
    private readonly int openAxis = -1;
    private readonly long known = 1;
    private readonly string? refusal;

    public SpanRun(ModelLayout layout, StageClock clock, bool convert)
    {
        this.layout = layout;
        this.clock = clock;
        this.convert = convert;
        if (layout.Inputs.Length != 1 || layout.Outputs.Length != 1)
        {
            refusal = $"The model has {layout.Inputs.Length} inputs and {layout.Outputs.Length} outputs: numbers in and out by themselves are for models of one each.";
            return;
        }

        Dims sample = layout.Inputs[0].SampleShape;
        for (int axis = 0; axis < sample.NbDims; axis++)
        {
            if (sample[axis] >= 0)
            {
                known *= sample[axis];
            }
            else if (openAxis < 0)
            {
                openAxis = axis;
            }
            else
            {
                refusal = $"Input \"{layout.Inputs[0].Name}\" leaves several extents open ({Shapes.Text(sample)} without batch), which numbers without a shape do not tell.";
            }
        }
    }

    /// <summary>Finds out how many samples there are, and the shape of one.</summary>
    /// <exception cref="ArgumentException">The numbers do not fill samples.</exception>
    public int Count(long length, out Dims sample)
    {
        if (refusal is not null)
        {
            throw new InvalidOperationException(refusal);
        }

        InputInfo input = layout.Inputs[0];
        sample = input.SampleShape;
        if (known > 0 && length > 0 && length % known == 0)
        {
            if (openAxis >= 0)
            {
                sample[openAxis] = length / known;
                return 1;
            }

            if (layout.HasBatch || length == known)
            {
                return checked((int)(length / known));
            }
        }

        throw new ArgumentException($"Input \"{input.Name}\" is given {length} values without a shape; expected {input.Expected}.");
    }

    /// <summary>How many of so many samples the next run takes.</summary>
    public int Next(int left, in Dims sample) => left == 1 ? 1 : Math.Min(left, !layout.IsSeparable ? left : layout.MaxRows(new ReadOnlySpan<Dims>(in sample)));

    /// <summary>Writes samples into the input's memory.</summary>
    /// <returns>How many the run has, with what the engine wants beyond.</returns>
    public int Write<TIn>(InferenceContext context, ReadOnlySpan<TIn> values, int count, in Dims sample)
        where TIn : unmanaged
    {
        InputInfo info = layout.Inputs[0];
        InferenceTensor input = context.Inputs[0];
        int rows = layout.IsSeparable ? layout.Padded(new ReadOnlySpan<Dims>(in sample), count) : count;
        Dims shape = info.HasBatch ? Shapes.With(rows, sample) : sample;
        if (input.Shape != shape)
        {
            input.Shape = shape;
        }

        Span<byte> room = TensorBytes.Of(input);
        ElementKind kind = Elements.KindOf(typeof(TIn));
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        if (kind == Elements.KindOf(info.Type))
        {
            bytes.CopyTo(room);
            room = room[bytes.Length..];
        }
        else
        {
            int used = room.Length / rows * count;
            InputConversion.Write(bytes, kind, room[..used], info, convert);
            room = room[used..];
        }

        room.Clear();
        return rows;
    }

    /// <summary>Reads the results of the run's samples.</summary>
    /// <returns>How many values were written.</returns>
    /// <exception cref="ArgumentException">Too little room, or another type of values.</exception>
    public int Read<TOut>(InferenceContext context, int rows, int count, Span<TOut> room)
        where TOut : unmanaged
    {
        InferenceTensor output = context.Outputs[0];
        OutputInfo info = layout.Outputs[0];
        ReadOnlySpan<byte> bytes = TensorBytes.Of(output);
        if (rows != count && info.HasBatch)
        {
            bytes = bytes[..(bytes.Length / rows * count)];
        }

        ElementKind from = Elements.KindOf(info.Type);
        ElementKind to = Elements.KindOf(typeof(TOut));
        int values = bytes.Length / Elements.Size(from);
        if (values > room.Length)
        {
            throw new ArgumentException($"Output \"{info.Name}\" has {Shapes.Text(output.Shape)} values, but there is room for {room.Length} more.", "output");
        }

        bool isSame = from == to || (from == ElementKind.BFloat16 && to == ElementKind.UInt16) || (from == ElementKind.Bits && to == ElementKind.UInt8);
        if (isSame)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(room));
        }
        else if (!ElementCast.IsPossible(from, to))
        {
            throw new ArgumentException($"Output \"{info.Name}\" has elements of type {Elements.NameOf(from)}, which are not converted to {Elements.NameOf(to)}.", "output");
        }
        else if (ElementCast.Convert(bytes, from, MemoryMarshal.AsBytes(room[..values]), to) is >= 0 and long lost)
        {
            throw new ArgumentException($"Output \"{info.Name}\" has elements of type {Elements.NameOf(from)}; {Elements.NameOf(to)} does not hold the {ElementCast.Text(bytes, from, lost)} at {lost} exactly.", "output");
        }

        return values;
    }

    /// <summary>A stage has ended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Mark(Stage stage, long start) => clock.Add(stage, start);

    /// <summary>A run has ended.</summary>
    public void CountRun(int samples) => clock.CountRun(samples);

    /// <summary>Now.</summary>
    public static long Now => Stopwatch.GetTimestamp();
}
