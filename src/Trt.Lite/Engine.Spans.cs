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
        using InferenceContext context = Runner.Rent();
        context.Inputs[0].Bind(input, layout.HasBatch ? Shapes.With(samples, sample) : sample);
        context.Outputs[0].Bind(output);
        long start = spans.Mark(Stage.Input, begin);
        context.Run(stream);
        spans.Mark(Stage.Run, start);
        spans.CountRun(samples);
        spans.Mark(Stage.Total, begin);
    }
}
