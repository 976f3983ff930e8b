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
    private readonly string? refusal;

    public SpanRun(ModelLayout layout, StageClock clock, bool convert)
    {
        this.layout = layout;
        this.clock = clock;
        this.convert = convert;
        if (layout.Inputs.Length != 1 || layout.Outputs.Length != 1)
        {
            refusal = $"The model has {layout.Inputs.Length} inputs and {layout.Outputs.Length} outputs: numbers in and out by themselves are for models of one each. Give a memory for each input and each output, in the model's order.";
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

        return SpanValues.Count(layout.Inputs[0], length, out sample);
    }

    /// <summary>How many of so many samples the next run takes.</summary>
    public int Next(int left, in Dims sample) => left == 1 || !layout.HasBatch ? 1 : Math.Min(left, !layout.IsSeparable ? left : layout.MaxRows(new ReadOnlySpan<Dims>(in sample)));

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

        SpanValues.Write(MemoryMarshal.AsBytes(values), Elements.KindOf(typeof(TIn)), TensorBytes.Of(input), rows, count, info, convert);
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

        return SpanValues.Read(bytes, info, output.Shape, MemoryMarshal.AsBytes(room), Elements.KindOf(typeof(TOut)));
    }

    /// <summary>A stage has ended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Mark(Stage stage, long start) => clock.Add(stage, start);

    /// <summary>A run has ended.</summary>
    public void CountRun(int samples) => clock.CountRun(samples);

    /// <summary>Now.</summary>
    public static long Now => Stopwatch.GetTimestamp();
}
