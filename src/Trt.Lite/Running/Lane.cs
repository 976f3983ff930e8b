using System.Diagnostics;
using System.Runtime.CompilerServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Brings samples through one context: prepares them, fills runs with those of equal shapes, runs, and hands out the results. Used by one thread at a time.</summary>
internal sealed class Lane(ModelLayout layout, StageClock clock, int parallelism)
{
    private readonly RunOutputs outputs = new([.. layout.Outputs.Select(output => output.Name)], [.. layout.Outputs.Select(output => output.Type)], [.. layout.Outputs.Select(output => output.HasBatch)]);
    private readonly Dims[] shapes = new Dims[layout.Inputs.Length];
    private readonly List<int> run = [];
    private readonly ParallelSamples parallel = new(parallelism);
    private PreparedInput?[] prepared = [];
    private bool[] isReady = [];
    private ISampleWork work = null!;
    private InferenceContext? context;
    private int first;
    private int next;
    private int end;
    private int rows;
    private bool isWhole;
    private long runStart;

    /// <summary>Runs all samples. A context is taken when the first are prepared.</summary>
    /// <param name="samples">The samples; what <see cref="ISampleWork.Fail"/> throws ends it.</param>
    /// <param name="runner">Runs them.</param>
    public void Process(ISampleWork samples, InferenceRunner runner)
    {
        Begin(samples);
        try
        {
            while (Choose())
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
    /// <param name="cancellationToken">Stops between two runs.</param>
    public async ValueTask ProcessAsync(ISampleWork samples, InferenceRunner runner, CancellationToken cancellationToken)
    {
        Begin(samples);
        try
        {
            while (Choose())
            {
                cancellationToken.ThrowIfCancellationRequested();
                context ??= await runner.RentAsync(cancellationToken).ConfigureAwait(false);
                if (!TryWrite())
                {
                    continue;
                }

                try
                {
                    await context.RunAsync(null, cancellationToken).ConfigureAwait(false);
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

    private void Begin(ISampleWork samples)
    {
        work = samples;
        (first, next, end) = (0, 0, 0);
    }

    /// <summary>Keeps nothing of the user's alive.</summary>
    private void End()
    {
        context?.Dispose();
        context = null;
        Array.Clear(prepared);
        work = null!;
    }

    /// <summary>Chooses the samples of the next run, preparing more where there are too few.</summary>
    /// <returns>False when nothing is left.</returns>
    private bool Choose()
    {
        while (true)
        {
            run.Clear();
            isWhole = false;
            if (end - next < layout.MaxBatch && end < work.Count)
            {
                PrepareMore();
            }

            if (next == end)
            {
                return false;
            }

            ChooseRun();
            if (run.Count > 0)
            {
                return true;
            }
        }
    }

    /// <summary>Prepares samples until there are as many as a run may have.</summary>
    private void PrepareMore()
    {
        long start = Stopwatch.GetTimestamp();
        int inputs = layout.Inputs.Length;
        int kept = end - next;
        int wanted = Math.Min(work.Count - next, layout.MaxBatch);
        if (isReady.Length < wanted)
        {
            Array.Resize(ref prepared, wanted * inputs);
            Array.Resize(ref isReady, wanted);
        }

        // Samples that are prepared but whose shapes did not fit into the last run come first.
        prepared.AsSpan((next - first) * inputs, kept * inputs).CopyTo(prepared);
        isReady.AsSpan(next - first, kept).CopyTo(isReady);
        first = next;
        int from = end;
        end = next + wanted;
        parallel.ForEach(from, end, this, static (lane, sample) => lane.Prepare(sample));
        clock.Add(Stage.Preprocess, start);
    }

    private void Prepare(int sample)
    {
        int inputs = layout.Inputs.Length;
        int at = (sample - first) * inputs;
        isReady[sample - first] = false;
        try
        {
            for (int input = 0; input < inputs; input++)
            {
                prepared[at + input] = work.OnDevice(sample, input) is null ? work.Prepare(sample, input) : null;
            }

            isReady[sample - first] = true;
        }
        catch (Exception error)
        {
            work.Fail(sample, error);
        }
    }

    /// <summary>Takes the next samples that are ready and have equal shapes, up to the engine's maximum.</summary>
    private void ChooseRun()
    {
        int inputs = layout.Inputs.Length;
        int most = 0;
        for (; next < end; next++)
        {
            int at = next - first;
            if (!isReady[at])
            {
                continue;
            }

            int together = work.Together(next);
            if (run.Count == 0)
            {
                for (int input = 0; input < inputs; input++)
                {
                    shapes[input] = ShapeOf(at, input);
                }

                if (together > 0)
                {
                    TakeWhole(together);
                    return;
                }

                run.Add(next);
                most = layout.IsSeparable && !IsOnDevice(next) ? layout.MaxRows(shapes) : 1;
            }
            else if (run.Count >= most || together > 0 || IsOnDevice(next) || !HasSameShapes(at))
            {
                return;
            }
            else
            {
                run.Add(next);
            }
        }
    }

    private void TakeWhole(int count)
    {
        isWhole = true;
        if (count > layout.MaxBatch)
        {
            int sample = next;
            next += count;
            end = Math.Max(end, next);
            work.Fail(sample, new ArgumentException($"{count} samples have to be in one run, since they are device memory or the model's outputs cannot be told apart, but it takes at most {layout.MaxBatch}."));
        }
        else if (next + count > end)
        {
            end = next; // not all of them are prepared: they begin the next window
        }
        else
        {
            for (int last = next + count; next < last; next++)
            {
                run.Add(next);
            }
        }
    }

    private Dims ShapeOf(int at, int input) => prepared[(at * layout.Inputs.Length) + input]?.Shape ?? SampleShape(work.OnDevice(first + at, input)!, input);

    private Dims SampleShape(DeviceItem item, int input) => layout.Inputs[input].HasBatch ? Shapes.WithoutFirst(item.Shape) : item.Shape;

    private bool HasSameShapes(int at)
    {
        for (int input = 0; input < shapes.Length; input++)
        {
            if (ShapeOf(at, input) != shapes[input])
            {
                return false;
            }
        }

        return true;
    }

    private bool IsOnDevice(int sample)
    {
        for (int input = 0; input < layout.Inputs.Length; input++)
        {
            if (work.OnDevice(sample, input) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the samples of the run into the inputs' memory.</summary>
    /// <returns>False when none is left to run.</returns>
    private bool TryWrite()
    {
        long start = Stopwatch.GetTimestamp();
        int count = run.Count;
        rows = isWhole ? count : layout.Padded(shapes, count);
        try
        {
            for (int input = 0; input < layout.Inputs.Length; input++)
            {
                InferenceTensor tensor = context!.Inputs[input];
                if (work.OnDevice(run[0], input) is { } item)
                {
                    tensor.Bind(item.Values.Memory.Pointer, item.Values.Memory.ByteLength, item.Shape);
                    continue;
                }

                tensor.Unbind();
                tensor.Shape = layout.Inputs[input].HasBatch ? Shapes.With(rows, shapes[input]) : shapes[input];
            }
        }
        catch (ArgumentException error)
        {
            FailRun(error);
            return false;
        }

        bool any = false;
        for (int row = 0; row < count; row++)
        {
            any |= TryWrite(run[row], row);
        }

        if (any && rows > count)
        {
            ClearPadding(count);
        }

        runStart = clock.Add(Stage.Input, start);
        return any;
    }

    private bool TryWrite(int sample, int row)
    {
        int inputs = layout.Inputs.Length;
        int at = sample - first;
        try
        {
            for (int input = 0; input < inputs; input++)
            {
                if (prepared[(at * inputs) + input] is { } ready)
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
            isReady[at] = false;
            work.Fail(sample, error);
            return false;
        }
    }

    /// <summary>What an engine wants beyond the samples that there are gets zeros.</summary>
    private void ClearPadding(int count)
    {
        foreach (InferenceTensor tensor in context!.Inputs)
        {
            Span<byte> bytes = TensorBytes.Of(tensor);
            bytes[(bytes.Length / rows * count)..].Clear();
        }
    }

    private void FailRun(Exception error)
    {
        foreach (int sample in run)
        {
            if (isReady[sample - first])
            {
                work.Fail(sample, error);
            }
        }
    }

    private void Collect()
    {
        clock.Add(Stage.Run, runStart);
        clock.CountRun(run.Count);
        long start = Stopwatch.GetTimestamp();
        for (int output = 0; output < layout.Outputs.Length; output++)
        {
            InferenceTensor tensor = context!.Outputs[output];
            outputs.Set(output, tensor.Shape, TensorBytes.Of(tensor));
            if (!isWhole && layout.Outputs[output].HasBatch && tensor.Shape[0] != rows)
            {
                FailRun(new InvalidOperationException($"Output \"{tensor.Name}\" has shape {Shapes.Text(tensor.Shape)} after a run of {rows} samples, so that it cannot be told which part belongs to which: set EngineOptions.HasBatch to false, or give samples one by one."));
                return;
            }
        }

        parallel.ForEach(0, isWhole ? 1 : run.Count, this, static (lane, row) => lane.Collect(row));
        clock.Add(Stage.Postprocess, start);
    }

    private void Collect(int row)
    {
        int sample = run[row];
        int at = sample - first;
        if (!isReady[at])
        {
            return;
        }

        try
        {
            work.Collect(sample, outputs, isWhole || !layout.HasBatch ? -1 : row, PlacementOf(at));
        }
        catch (Exception error)
        {
            isReady[at] = false;
            work.Fail(sample, error);
        }
    }

    private ImagePlacement? PlacementOf(int at)
    {
        for (int input = 0; input < layout.Inputs.Length; input++)
        {
            if (prepared[(at * layout.Inputs.Length) + input]?.Placement is { } placement)
            {
                return placement;
            }
        }

        return null;
    }
}
