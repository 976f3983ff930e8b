using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>Shapes and values of a benchmark's inputs.</summary>
internal sealed class BenchInputs
{
    private readonly IReadOnlyDictionary<string, TorchTensor> loaded;
    private readonly int seed;

    /// <param name="engine">Whose inputs they are.</param>
    /// <param name="given">Shapes by name or pattern.</param>
    /// <param name="files">Files with values.</param>
    /// <param name="seed">For the values of the others.</param>
    /// <exception cref="UserError">A name, file, type or shape does not fit.</exception>
    public BenchInputs(ICudaEngine engine, IReadOnlyDictionary<string, long[]> given, IReadOnlyList<string> files, int seed)
    {
        this.seed = seed;
        using InferenceRunner runner = new(engine);
        foreach (string name in given.Keys)
        {
            if (!runner.Inputs.Any(input => ShapeText.Fits(name, input.Name)))
            {
                throw new UserError($"--shapes: the model has no input \"{name}\"; it has {string.Join(", ", runner.Inputs.Select(input => $"\"{input.Name}\""))}.");
            }
        }

        loaded = files.Count == 0 ? new Dictionary<string, TorchTensor>() : TensorFiles.Read(files, [.. runner.Inputs.Select(TensorSlot.Of)], given, "--load-inputs");
        Dictionary<string, IReadOnlyList<long>> shapes = new(StringComparer.Ordinal);
        foreach (TensorSpec input in runner.Inputs)
        {
            if (given.For(input.Name) is { } shape)
            {
                shapes[input.Name] = shape;
            }
            else if (loaded.TryGetValue(input.Name, out TorchTensor? tensor))
            {
                // Of a shape tensor the benchmark wants the values, not the extents.
                shapes[input.Name] = input.IsOnHost ? tensor.ConvertTo(TorchDType.Int64, ConversionRule.Exact).ToArray<long>() : tensor.Shape;
            }
        }

        Shapes = shapes;
    }

    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; }

    /// <summary>Whether an input's values come from a file.</summary>
    public bool IsLoaded(string input) => loaded.ContainsKey(input);

    public TorchTensor? Values(TensorSpec input, Dims shape) =>
        loaded.TryGetValue(input.Name, out TorchTensor? tensor) ? tensor
        : input.Format == TensorFormat.Linear && input.DataType is not (DataType.FP4 or DataType.Int4 or DataType.E8M0) ? RandomTensors.Of(input.Name, ElementType.Of(input.DataType, input.Name), shape.ToArray(), seed)
        : null;
}
