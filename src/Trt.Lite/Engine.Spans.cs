using System.Buffers;
using System.Runtime.CompilerServices;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <content>Calls that allocate nothing: numbers in, numbers out.</content>
public sealed partial class Engine
{
    /// <summary>Runs numbers and writes the output's. For models of one input and one output; nothing is allocated, and no processors are called.</summary>
    /// <typeparam name="TIn">The numbers' type; converted where it is not the input's.</typeparam>
    /// <typeparam name="TOut">The results' type; converted where it is not the output's.</typeparam>
    /// <param name="input">Any number of samples, last axis fastest; more than the engine's greatest batch are split.</param>
    /// <param name="output">Room for all results; what is beyond stays as it is.</param>
    /// <returns>How many values were written.</returns>
    /// <exception cref="ArgumentException">The numbers do not fill samples, would lose by conversion, or there is too little room.</exception>
    /// <exception cref="InvalidOperationException">The model has more inputs or outputs, or leaves several extents open.</exception>
    /// <exception cref="Interop.TensorRtException">The library refused; the message has its reason.</exception>
    public int Infer<TIn, TOut>(ReadOnlySpan<TIn> input, Span<TOut> output)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        using Use use = new(this);
        long begin = SpanRun.Now;
        int samples = spans.Count(input.Length, out Interop.Dims sample);
        int length = input.Length / samples;
        int written = 0;
        if (SpanBatches.Overlaps && spans.Next(samples, sample) < samples)
        {
            long total = Overlapped(input, output);
            spans.Mark(Stage.Total, begin);
            return checked((int)total);
        }

        using InferenceContext context = Runner.Rent();
        for (int done = 0; done < samples;)
        {
            int count = spans.Next(samples - done, sample);
            long start = SpanRun.Now;
            int rows = spans.Write(context, input.Slice(done * length, count * length), count, sample);
            start = spans.Mark(Stage.Input, start);
            context.Run();
            start = spans.Mark(Stage.Run, start);
            written += spans.Read(context, rows, count, output[written..]);
            spans.Mark(Stage.Postprocess, start);
            spans.CountRun(count);
            done += count;
        }

        spans.Mark(Stage.Total, begin);
        return written;
    }

    /// <summary>Runs the numbers of several inputs and writes those of several outputs. Nothing is allocated, and no processors are called.</summary>
    /// <typeparam name="TIn">The numbers' type; converted where it is not an input's.</typeparam>
    /// <typeparam name="TOut">The results' type; converted where it is not an output's.</typeparam>
    /// <param name="inputs">For each input, in the model's order, any number of samples, the same for all; more than the engine's greatest batch are split.</param>
    /// <param name="outputs">For each output, in the model's order, room for all results; what is beyond stays as it is.</param>
    /// <returns>How many samples there were.</returns>
    /// <exception cref="ArgumentException">The numbers do not fill samples, are not as many samples for each input, would lose by conversion, or there is too little room.</exception>
    /// <exception cref="InvalidOperationException">An input leaves several extents open.</exception>
    /// <exception cref="Interop.TensorRtException">The library refused; the message has its reason.</exception>
    public unsafe int Infer<TIn, TOut>(ReadOnlySpan<ReadOnlyMemory<TIn>> inputs, ReadOnlySpan<Memory<TOut>> outputs)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        using Use use = new(this);
        long begin = SpanRun.Now;
        Span<HostValues> given = stackalloc HostValues[inputs.Length];
        Span<HostValues> room = stackalloc HostValues[outputs.Length];
        MemoryHandle[] pins = ArrayPool<MemoryHandle>.Shared.Rent(inputs.Length + outputs.Length);
        try
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                pins[i] = inputs[i].Pin();
                given[i] = new HostValues(pins[i].Pointer, inputs[i].Length, Elements.KindOf(typeof(TIn)));
            }

            for (int i = 0; i < outputs.Length; i++)
            {
                pins[inputs.Length + i] = outputs[i].Pin();
                room[i] = new HostValues(pins[inputs.Length + i].Pointer, outputs[i].Length, Elements.KindOf(typeof(TOut)));
            }

            int samples = SpanBatches.Run(given, room, stackalloc long[outputs.Length]);
            spans.Mark(Stage.Total, begin);
            return samples;
        }
        finally
        {
            for (int i = 0; i < inputs.Length + outputs.Length; i++)
            {
                pins[i].Dispose();
                pins[i] = default;
            }

            ArrayPool<MemoryHandle>.Shared.Return(pins);
        }
    }

    /// <summary>Runs numbers and writes the output's, without keeping a thread waiting for the device. For models of one input and one output.</summary>
    /// <typeparam name="TIn">The numbers' type; converted where it is not the input's.</typeparam>
    /// <typeparam name="TOut">The results' type; converted where it is not the output's.</typeparam>
    /// <param name="input">Any number of samples, last axis fastest; not to be changed until the task is done.</param>
    /// <param name="output">Room for all results, written before the task is done.</param>
    /// <param name="cancellationToken">Ends the waiting for a context, and stops between two runs.</param>
    /// <returns>How many values were written.</returns>
    /// <inheritdoc cref="Infer{TIn, TOut}(ReadOnlySpan{TIn}, Span{TOut})" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> InferAsync<TIn, TOut>(ReadOnlyMemory<TIn> input, Memory<TOut> output, CancellationToken cancellationToken = default)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        using Use use = new(this);
        long begin = SpanRun.Now;
        int samples = spans.Count(input.Length, out Interop.Dims sample);
        int length = input.Length / samples;
        int written = 0;
        using InferenceContext context = await Runner.RentAsync(cancellationToken).ConfigureAwait(false);
        for (int done = 0; done < samples;)
        {
            int count = spans.Next(samples - done, sample);
            long start = SpanRun.Now;
            int rows = spans.Write(context, input.Span.Slice(done * length, count * length), count, sample);
            start = spans.Mark(Stage.Input, start);
            await context.RunAsync(null, cancellationToken).ConfigureAwait(false);
            start = spans.Mark(Stage.Run, start);
            written += spans.Read(context, rows, count, output.Span[written..]);
            spans.Mark(Stage.Postprocess, start);
            spans.CountRun(count);
            done += count;
        }

        spans.Mark(Stage.Total, begin);
        return written;
    }

    /// <summary>Runs memory of the device into memory of the device, without a copy. For models of one input and one output.</summary>
    /// <typeparam name="TIn">The input's element type.</typeparam>
    /// <typeparam name="TOut">The output's element type.</typeparam>
    /// <param name="input">As many samples as it has room for, at most the engine's greatest batch.</param>
    /// <param name="output">Room for the results.</param>
    /// <param name="stream">A stream behind whose work the run comes; null: one of the engine's. The run is done when the method returns.</param>
    /// <exception cref="ArgumentException">The memory does not fill samples, is of another type or device, or too small.</exception>
    /// <exception cref="InvalidOperationException">The model has more inputs or outputs, or leaves several extents open.</exception>
    /// <exception cref="Interop.TensorRtException">The library refused; the message has its reason.</exception>
    public void Infer<TIn, TOut>(DeviceMemory<TIn> input, DeviceMemory<TOut> output, CudaStream? stream = null)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        using Use use = new(this);
        long begin = SpanRun.Now;
        int samples = spans.Count(input.Length, out Interop.Dims sample);
        if (samples > 1 && !layout.HasBatch)
        {
            throw new ArgumentException($"Input \"{Inputs[0].Name}\" is given {input.Length} values, but the model has no batch: expected {layout.Inputs[0].Expected}.", nameof(input));
        }

        using InferenceContext context = Runner.Rent();
        context.Inputs[0].Bind(input, layout.HasBatch ? Shapes.With(samples, sample) : sample);
        context.Outputs[0].Bind(output);
        long start = spans.Mark(Stage.Input, begin);
        context.Run(stream);
        spans.Mark(Stage.Run, start);
        spans.CountRun(samples);
        spans.Mark(Stage.Total, begin);
    }

    private unsafe long Overlapped<TIn, TOut>(ReadOnlySpan<TIn> input, Span<TOut> output)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        fixed (TIn* numbers = input)
        fixed (TOut* results = output)
        {
            HostValues given = new(numbers, input.Length, Elements.KindOf(typeof(TIn)));
            HostValues room = new(results, output.Length, Elements.KindOf(typeof(TOut)));
            long written = 0;
            SpanBatches.Run(new ReadOnlySpan<HostValues>(in given), new ReadOnlySpan<HostValues>(in room), new Span<long>(ref written));
            return written;
        }
    }
}
