using System.Diagnostics;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Brings samples through one context: writes the prepared ones into its inputs, runs, and hands out the results. Used by one thread at a time.</summary>
/// <param name="layout">The model's inputs and outputs.</param>
/// <param name="clock">Measures.</param>
/// <param name="processing">Works on the device; null: the CPU does everything.</param>
/// <param name="parallelism">Threads.</param>
internal sealed class Lane(ModelLayout layout, StageClock clock, DeviceProcessing? processing, int parallelism)
{
    private readonly bool[] isMade = new bool[layout.Inputs.Length]; // by a kernel
    private readonly RunOutputs outputs = new([.. layout.Outputs.Select(output => output.Name)], [.. layout.Outputs.Select(output => output.Type)], [.. layout.Outputs.Select(output => output.HasBatch)]);
    private readonly ParallelSamples parallel = new(parallelism);
    private readonly SampleWindow window = new(layout, clock, new ParallelSamples(parallelism));
    private ISampleWork work = null!;
    private InferenceContext? context;
    private int rows;
    private long runStart;

    /// <summary>Runs all samples. A context is taken when the first are prepared.</summary>
    /// <param name="samples">The samples; what <see cref="ISampleWork.Fail"/> throws ends it.</param>
    /// <param name="runner">Runs them.</param>
    public void Process(ISampleWork samples, InferenceRunner runner)
    {
        work = samples;
        window.Begin(samples);
        try
        {
            while (window.Choose())
            {
                context ??= runner.Rent();
                if (!TryWrite())
                {
                    continue;
                }

                try
                {
                    context.Run();
                }
                catch (Exception error) when (error is not ObjectDisposedException)
                {
                    FailRun(error);
                    continue;
                }

                Collect();
            }
        }
        finally
        {
            End();
        }
    }

    /// <summary>Runs all samples without keeping a thread waiting for the device.</summary>
    /// <param name="samples">The samples; what <see cref="ISampleWork.Fail"/> throws ends it.</param>
    /// <param name="runner">Runs them.</param>
    /// <param name="runsHere">Whether this thread runs them where the device is the host, which has to be computed by some thread; otherwise that is the stream's.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    public async ValueTask ProcessAsync(ISampleWork samples, InferenceRunner runner, bool runsHere, CancellationToken cancellationToken)
    {
        work = samples;
        window.Begin(samples);
        try
        {
            while (window.Choose())
            {
                cancellationToken.ThrowIfCancellationRequested();
                context ??= await runner.RentAsync(cancellationToken).ConfigureAwait(false);
                if (!TryWrite())
                {
                    continue;
                }

                try
                {
                    if (runsHere && context.Device.IsHost)
                    {
                        context.Run();
                    }
                    else
                    {
                        await context.RunAsync(null, cancellationToken).ConfigureAwait(false);
                    }
                }
                catch (Exception error) when (error is not (ObjectDisposedException or OperationCanceledException))
                {
                    FailRun(error);
                    continue;
                }

                Collect();
            }
        }
        finally
        {
            End();
        }
    }

    /// <summary>Keeps nothing of the user's alive.</summary>
    private void End()
    {
        context?.Dispose();
        context = null;
        window.Clear();
        work = null!;
    }

    /// <summary>Writes the samples of the run into the inputs' memory.</summary>
    /// <returns>False when none is left to run.</returns>
    private bool TryWrite()
    {
        long start = Stopwatch.GetTimestamp();
        int count = window.Run.Count;
        rows = window.IsWhole ? count : layout.Padded(window.Shapes, count);
        try
        {
            for (int input = 0; input < layout.Inputs.Length; input++)
            {
                isMade[input] = processing?.TryWrite(context!, input, window, rows) == true;
                if (!isMade[input])
                {
                    Place(context!.Inputs[input], input);
                }
            }

            processing?.Prepare(context!);
        }
        catch (ArgumentException error)
        {
            FailRun(error);
            return false;
        }

        bool any = false;
        for (int row = 0; row < count; row++)
        {
            any |= TryWrite(window.Run[row], row);
        }

        if (any && rows > count)
        {
            ClearPadding(count);
        }

        runStart = clock.Add(Stage.Input, start);
        return any;
    }

    /// <summary>Gives an input its shape for the run, or the user's memory.</summary>
    private void Place(InferenceTensor tensor, int input)
    {
        InputInfo info = layout.Inputs[input];
        if (work.OnDevice(window.Run[0], input) is { } item)
        {
            if (item.Values.Memory.Device != context!.Device)
            {
                throw new ArgumentException($"Input \"{info.Name}\" is given memory of {item.Values.Memory.Device}, but the engine runs on {context.Device}.");
            }

            tensor.Bind(item.Values.Memory.Pointer, item.Values.Memory.ByteLength, item.Shape);
            return;
        }

        tensor.Unbind();
        tensor.Shape = info.HasBatch ? Shapes.With(rows, window.Shapes[input]) : window.Shapes[input];
    }

    private bool TryWrite(int sample, int row)
    {
        try
        {
            for (int input = 0; input < layout.Inputs.Length; input++)
            {
                if (!isMade[input] && window.Prepared(sample, input) is { } ready)
                {
                    Span<byte> bytes = TensorBytes.Of(context!.Inputs[input]);
                    int length = layout.Inputs[input].HasBatch ? bytes.Length / rows : bytes.Length;
                    ready.Write(bytes.Slice(row * length, length));
                }
            }

            return true;
        }
        catch (Exception error)
        {
            window.Fail(sample, error);
            return false;
        }
    }

    /// <summary>What an engine wants beyond the samples that there are gets zeros.</summary>
    private void ClearPadding(int count)
    {
        for (int input = 0; input < isMade.Length; input++)
        {
            if (!isMade[input])
            {
                Span<byte> bytes = TensorBytes.Of(context!.Inputs[input]);
                bytes[(bytes.Length / rows * count)..].Clear();
            }
        }
    }

    private void FailRun(Exception error)
    {
        foreach (int sample in window.Run)
        {
            if (window.IsReady(sample))
            {
                window.Fail(sample, error);
            }
        }
    }

    private void Collect()
    {
        long start = clock.Add(Stage.Run, runStart);
        int count = window.Run.Count;
        clock.CountRun(count);
        processing?.Done(context!);
        for (int output = 0; output < layout.Outputs.Length; output++)
        {
            InferenceTensor tensor = context!.Outputs[output];
            if (processing is null)
            {
                outputs.Set(output, tensor.Shape, TensorBytes.Of(tensor));
            }

            if (!window.IsWhole && layout.Outputs[output].HasBatch && tensor.Shape[0] != rows)
            {
                FailRun(new InvalidOperationException($"Output \"{tensor.Name}\" has shape {Shapes.Text(tensor.Shape)} after a run of {rows} samples, so that it cannot be told which part belongs to which: set EngineOptions.HasBatch to false, or give samples one by one."));
                return;
            }
        }

        processing?.Take(context!, window.IsWhole ? -1 : rows, outputs);
        parallel.ForEach(0, window.IsWhole ? 1 : count, this, static (lane, row) => lane.Collect(row));
        clock.Add(Stage.Postprocess, start);
    }

    private void Collect(int row)
    {
        int sample = window.Run[row];
        if (!window.IsReady(sample))
        {
            return;
        }

        try
        {
            work.Collect(sample, outputs, window.IsWhole || !layout.HasBatch ? -1 : row, window.PlacementOf(sample));
        }
        catch (Exception error)
        {
            window.Fail(sample, error);
        }
    }
}
