using System.Diagnostics;
using Trt.Interop;

namespace Trt.Lite;

/// <summary>The next samples of some work: prepared as many at a time as a run may have, and chosen for runs by their shapes.</summary>
internal sealed class SampleWindow(ModelLayout layout, StageClock clock, ParallelSamples parallel)
{
    private readonly int inputs = layout.Inputs.Length;
    private PreparedInput?[] prepared = [];
    private bool[] isReady = [];
    private ISampleWork work = null!;
    private int first;
    private int next;
    private int end;

    /// <summary>The samples of the run that was chosen.</summary>
    public List<int> Run { get; } = [];

    /// <summary>The shape that all of them have, for each input.</summary>
    public Dims[] Shapes { get; } = new Dims[layout.Inputs.Length];

    /// <summary>Whether the run's outputs as a whole are the result of all its samples.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Begins with the first sample.</summary>
    public void Begin(ISampleWork samples)
    {
        work = samples;
        (first, next, end) = (0, 0, 0);
    }

    /// <summary>Keeps nothing of the user's alive.</summary>
    public void Clear()
    {
        Array.Clear(prepared);
        work = null!;
    }

    /// <summary>What was prepared of a sample of the run; null: it is in device memory.</summary>
    public PreparedInput? Prepared(int sample, int input) => prepared[((sample - first) * inputs) + input];

    /// <summary>How many bytes an input's pictures have.</summary>
    /// <returns>False where a sample of the run is no picture.</returns>
    public bool TryMeasurePictures(int input, out long bytes)
    {
        bytes = 0;
        foreach (int sample in Run)
        {
            if (Prepared(sample, input)?.Picture is not { } picture)
            {
                return false;
            }

            bytes += picture.Data.Length;
        }

        return bytes <= 1 << 30;
    }

    /// <summary>Whether a sample of the run is still good.</summary>
    public bool IsReady(int sample) => isReady[sample - first];

    /// <summary>A sample of the run cannot be used.</summary>
    public void Fail(int sample, Exception reason)
    {
        isReady[sample - first] = false;
        work.Fail(sample, reason);
    }

    /// <summary>Where a sample's pixels went, if one of its inputs is a picture.</summary>
    public ImagePlacement? PlacementOf(int sample)
    {
        for (int input = 0; input < inputs; input++)
        {
            if (Prepared(sample, input)?.Placement is { } placement)
            {
                return placement;
            }
        }

        return null;
    }

    /// <summary>Chooses the samples of the next run, preparing more where there are too few.</summary>
    /// <returns>False when nothing is left.</returns>
    public bool Choose()
    {
        while (true)
        {
            Run.Clear();
            IsWhole = false;
            if (end - next < layout.MaxBatch && end < work.Count)
            {
                PrepareMore();
            }

            if (next == end)
            {
                return false;
            }

            ChooseRun();
            if (Run.Count > 0)
            {
                return true;
            }
        }
    }

    /// <summary>Prepares samples until there are as many as a run may have.</summary>
    private void PrepareMore()
    {
        long start = Stopwatch.GetTimestamp();
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
        parallel.ForEach(from, end, this, static (window, sample) => window.Prepare(sample));
        clock.Add(Stage.Preprocess, start);
    }

    private void Prepare(int sample)
    {
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
        int most = 0;
        for (; next < end; next++)
        {
            if (!IsReady(next))
            {
                continue;
            }

            int together = work.Together(next);
            if (Run.Count == 0)
            {
                for (int input = 0; input < inputs; input++)
                {
                    Shapes[input] = ShapeOf(next, input);
                }

                if (together > 0)
                {
                    TakeWhole(together);
                    return;
                }

                Run.Add(next);
                most = layout.IsSeparable && !IsOnDevice(next) ? layout.MaxRows(Shapes) : 1;
            }
            else if (Run.Count >= most || together > 0 || IsOnDevice(next) || !HasSameShapes(next))
            {
                return;
            }
            else
            {
                Run.Add(next);
            }
        }
    }

    private void TakeWhole(int count)
    {
        IsWhole = true;
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
                Run.Add(next);
            }
        }
    }

    private Dims ShapeOf(int sample, int input)
    {
        if (Prepared(sample, input) is { } ready)
        {
            return ready.Shape;
        }

        Dims shape = work.OnDevice(sample, input)!.Shape;
        return layout.Inputs[input].HasBatch ? Lite.Shapes.WithoutFirst(shape) : shape;
    }

    private bool HasSameShapes(int sample)
    {
        for (int input = 0; input < inputs; input++)
        {
            if (ShapeOf(sample, input) != Shapes[input])
            {
                return false;
            }
        }

        return true;
    }

    private bool IsOnDevice(int sample)
    {
        for (int input = 0; input < inputs; input++)
        {
            if (work.OnDevice(sample, input) is not null)
            {
                return true;
            }
        }

        return false;
    }
}
