using System.Collections.Concurrent;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Pre- and post-processing on the device of an engine. Contexts are used by one thread at a time, and so is the memory that each has here.</summary>
internal sealed class DeviceProcessing : IDisposable
{
    private readonly ConcurrentDictionary<(InferenceContext Context, int Tensor), PictureMemory> pictures = new();
    private readonly ConcurrentDictionary<(InferenceContext Context, int Tensor), ScoreMemory> scores = new();
    private readonly ConcurrentDictionary<(InferenceContext Context, int Tensor), DetectionMemory> boxes = new();
    private readonly (AnchorBoxPostprocessor Post, int[] Outputs)[] detections;
    private readonly ImageTransform?[] transforms;
    private readonly Postprocessor?[] reductions;
    private readonly InferenceRunner runner;
    private readonly ModelLayout layout;

    /// <exception cref="NotSupportedException">The GPU is too old for the kernels, or the driver.</exception>
    public DeviceProcessing(InferenceRunner runner, ModelLayout layout, Processors processors)
    {
        this.runner = runner;
        this.layout = layout;
        transforms = new ImageTransform?[layout.Inputs.Length];
        for (int i = 0; i < transforms.Length; i++)
        {
            transforms[i] = processors.Readers[i].Transform is { } options ? new ImageTransform(options, runner.Device) : null;
        }

        detections = layout.IsSeparable ? processors.Detections : [];
        reductions = layout.IsSeparable ? processors.Reductions : new Postprocessor?[layout.Outputs.Length];
    }

    /// <summary>Makes an input's values of the pictures of a run.</summary>
    /// <returns>False where not all of its samples are pictures that a kernel can take.</returns>
    public bool TryWrite(InferenceContext context, int input, SampleWindow window, int rows)
    {
        if (transforms[input] is not { } transform || !window.TryMeasurePictures(input, out long bytes))
        {
            return false;
        }

        InferenceTensor tensor = context.Inputs[input];
        Dims shape = Shapes.With(rows, window.Shapes[input]);
        PictureMemory memory = pictures.GetOrAdd((context, input), static (_, device) => new PictureMemory(device), runner.Device);
        memory.Begin(rows, Elements.Bytes(tensor.Spec.DataType, shape.Volume), bytes);
        for (int row = 0; row < window.Run.Count; row++)
        {
            memory.Add(row, window.Prepared(window.Run[row], input)!.Picture!);
        }

        memory.Enqueue(transform, context.Stream);
        tensor.Bind(memory.Tensor, Elements.Bytes(tensor.Spec.DataType, shape.Volume), shape);
        return true;
    }

    /// <summary>Before a run: outputs that are reduced on the device stay there.</summary>
    public void Prepare(InferenceContext context)
    {
        for (int i = 0; i < reductions.Length; i++)
        {
            if (reductions[i] is not null)
            {
                context.Outputs[i].KeepOnDevice = true;
            }
        }

        foreach ((AnchorBoxPostprocessor _, int[] chosen) in detections)
        {
            foreach (int output in chosen)
            {
                context.Outputs[output].KeepOnDevice = true;
            }
        }
    }

    /// <summary>After a run: the outputs' values, or what kernels have made of them.</summary>
    /// <param name="context">The context.</param>
    /// <param name="rows">Samples that the run had; below 0: its outputs as a whole are the result.</param>
    /// <param name="outputs">Gets them.</param>
    public void Take(InferenceContext context, int rows, RunOutputs outputs)
    {
        foreach ((AnchorBoxPostprocessor post, int[] chosen) in detections)
        {
            DetectionMemory memory = boxes.GetOrAdd((context, chosen[0]), static (_, made) => new DetectionMemory(made.Device, made.Options, made.Outputs), (runner.Device, post.Options, Outputs: chosen));
            if (rows > 0 && memory.TryTake(context, rows))
            {
                foreach (int output in chosen)
                {
                    outputs.SetDetections(output, memory);
                }
            }
            else
            {
                foreach (int output in chosen)
                {
                    Take(context, output, isWhole: true, outputs);
                }
            }
        }

        for (int output = 0; output < layout.Outputs.Length; output++)
        {
            if (!IsDetected(output))
            {
                Take(context, output, rows < 0, outputs);
            }
        }
    }

    /// <summary>A run is done.</summary>
    public void Done(InferenceContext context)
    {
        for (int i = 0; i < transforms.Length; i++)
        {
            if (pictures.TryGetValue((context, i), out PictureMemory? memory))
            {
                memory.Done();
            }
        }
    }

    public void Dispose()
    {
        foreach (PictureMemory memory in pictures.Values)
        {
            memory.Dispose();
        }

        foreach (ScoreMemory memory in scores.Values)
        {
            memory.Dispose();
        }

        foreach (DetectionMemory memory in boxes.Values)
        {
            memory.Dispose();
        }

        Array.ForEach(transforms, transform => transform?.Dispose());
    }

    private bool IsDetected(int output)
    {
        foreach ((AnchorBoxPostprocessor _, int[] chosen) in detections)
        {
            if (chosen.AsSpan().Contains(output))
            {
                return true;
            }
        }

        return false;
    }

    private void Take(InferenceContext context, int output, bool isWhole, RunOutputs outputs)
    {
        InferenceTensor tensor = context.Outputs[output];
        if (!isWhole && reductions[output] is { } post && layout.Outputs[output].HasBatch && tensor.Shape.NbDims > 0
            && post.ReductionOf(Shapes.WithoutFirst(tensor.Shape)) is { } reduction && reduction.Takes(tensor.Spec.DataType, tensor.Shape[0]) && tensor.Spec.Format == TensorFormat.Linear)
        {
            ScoreMemory memory = scores.GetOrAdd((context, output), static (_, device) => new ScoreMemory(device), runner.Device);
            memory.Take(context, tensor, reduction, output, outputs);
            return;
        }

        outputs.Set(output, tensor.Shape, TensorBytes.Of(tensor));
    }
}
