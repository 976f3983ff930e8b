using System.Collections.Immutable;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Where a model has its batch, and how many samples a run may have.</summary>
internal sealed class ModelLayout
{
    private readonly ImmutableArray<TensorSpec> inputs;
    private readonly int first;
    private readonly long[] leastRows;
    private readonly long[] mostRows;

    /// <param name="runner">Runs the model.</param>
    /// <param name="hasBatch">What the user says; null: what the shapes tell.</param>
    /// <param name="profile">The only profile to use; null: any.</param>
    /// <exception cref="ArgumentException">The user says that there is a batch, but the shapes cannot have one.</exception>
    public ModelLayout(InferenceRunner runner, bool? hasBatch, int? profile)
    {
        inputs = runner.Inputs;
        first = profile ?? 0;
        int count = profile is null ? runner.ProfileCount : 1;
        HasBatch = hasBatch ?? LooksBatched(runner);
        bool isOpen = inputs.Length > 0 && inputs.All(spec => spec.Shape.NbDims > 0 && spec.Shape[0] < 0);
        if (HasBatch && !isOpen && !HaveSameFirst(inputs))
        {
            throw new ArgumentException($"{runner.Name} cannot have a batch: the first axes of its inputs ({string.Join(", ", inputs.Select(spec => $"{spec.Name} {Shapes.Text(spec.Shape)}"))}) are not the same.");
        }

        Inputs = [.. inputs.Select(spec => new InputInfo(spec.Name, spec.DataType, HasBatch ? Shapes.WithoutFirst(spec.Shape) : spec.Shape, HasBatch))];
        Outputs = [.. runner.Outputs.Select(spec => new OutputInfo(spec.Name, spec.DataType, HasBatch && spec.Shape.NbDims > 0 && spec.Shape[0] == inputs[0].Shape[0]))];
        (leastRows, mostRows) = (new long[HasBatch ? count : 0], new long[HasBatch ? count : 0]);
        for (int i = 0; i < leastRows.Length; i++)
        {
            leastRows[i] = inputs.Max(spec => spec.MinShape(first + i)[0]);
            mostRows[i] = inputs.Min(spec => spec.MaxShape(first + i)[0]);
        }

        MaxBatch = !HasBatch ? 1 : isOpen ? MaxRows([]) : checked((int)inputs[0].Shape[0]);
        IsSeparable = HasBatch && Outputs.All(output => output.HasBatch) && !inputs.Any(spec => spec.IsOnHost);
    }

    /// <summary>The inputs in the engine's order.</summary>
    public ImmutableArray<InputInfo> Inputs { get; }

    /// <summary>The outputs in the engine's order.</summary>
    public ImmutableArray<OutputInfo> Outputs { get; }

    /// <summary>Whether the inputs' first axis is the batch.</summary>
    public bool HasBatch { get; }

    /// <summary>The most samples of a run, for the shapes that allow the most.</summary>
    public int MaxBatch { get; }

    /// <summary>Whether the outputs of a run of several samples can be told apart.</summary>
    public bool IsSeparable { get; }

    /// <summary>Compares what the user says of inputs with what they are, which matters for plans.</summary>
    /// <exception cref="ArgumentException">A name is no input's, or the input has other extents.</exception>
    public void Check(IDictionary<string, long[]> nodes)
    {
        foreach ((string name, long[] extents) in nodes)
        {
            TensorSpec spec = inputs.FirstOrDefault(input => input.Name == name)
                ?? throw new ArgumentException($"InputNodes names \"{name}\", which is no input of the model; it has {string.Join(", ", inputs.Select(input => input.Name))}.");
            Dims given = new(extents);
            if (!Shapes.Fits(given, spec.Shape) && !(spec.Shape.NbDims > 0 && Shapes.Fits(given, Shapes.WithoutFirst(spec.Shape))))
            {
                throw new ArgumentException($"InputNodes gives \"{name}\" {Shapes.Text(given)}; the engine has {Shapes.Text(HasBatch ? Shapes.WithoutFirst(spec.Shape) : spec.Shape)}{(HasBatch ? " without batch" : string.Empty)}.");
            }
        }
    }

    /// <summary>The most samples of these shapes in one run.</summary>
    /// <param name="shapes">A sample's shape for each input; empty: any.</param>
    public int MaxRows(ReadOnlySpan<Dims> shapes)
    {
        if (!HasBatch || inputs[0].Shape[0] >= 0)
        {
            return HasBatch ? checked((int)inputs[0].Shape[0]) : 1;
        }

        long most = 0;
        for (int i = 0; i < mostRows.Length; i++)
        {
            if (mostRows[i] > most && Allows(first + i, shapes))
            {
                most = mostRows[i];
            }
        }

        // Where no profile allows the shapes, the run itself says what is wrong with them.
        return (int)Math.Clamp(most, 1, int.MaxValue);
    }

    /// <summary>The number of samples with which a run can be made: the given one, or where the engine wants more, the fewest that it takes.</summary>
    public int Padded(ReadOnlySpan<Dims> shapes, int rows)
    {
        if (!HasBatch)
        {
            return rows;
        }

        if (inputs[0].Shape[0] >= 0)
        {
            return checked((int)inputs[0].Shape[0]);
        }

        long fewest = long.MaxValue;
        for (int i = 0; i < mostRows.Length; i++)
        {
            if (mostRows[i] >= rows && Math.Max(leastRows[i], rows) < fewest && Allows(first + i, shapes))
            {
                fewest = Math.Max(leastRows[i], rows);
            }
        }

        return fewest == long.MaxValue ? rows : (int)fewest;
    }

    private static bool HaveSameFirst(ImmutableArray<TensorSpec> specs) => specs.Length > 0 && specs.All(spec => spec.Shape.NbDims > 0 && spec.Shape[0] == specs[0].Shape[0]);

    /// <summary>Axis 0 is the batch where it is open in all inputs, or where all inputs and outputs have the same extent there that can only be a batch: 1, or any of pictures.</summary>
    private static bool LooksBatched(InferenceRunner runner)
    {
        ImmutableArray<TensorSpec> inputs = runner.Inputs;
        if (!HaveSameFirst(inputs) || inputs.Any(spec => spec.IsOnHost))
        {
            return false;
        }

        return inputs[0].Shape[0] < 0
            || (HaveSameFirst([.. inputs, .. runner.Outputs]) && inputs.All(spec => spec.Shape.NbDims >= (inputs[0].Shape[0] == 1 ? 2 : 4)));
    }

    private bool Allows(int index, ReadOnlySpan<Dims> shapes)
    {
        for (int i = 0; i < shapes.Length; i++)
        {
            Dims least = inputs[i].MinShape(index);
            Dims most = inputs[i].MaxShape(index);
            for (int axis = 0; axis < shapes[i].NbDims; axis++)
            {
                if (shapes[i][axis] < least[axis + 1] || shapes[i][axis] > most[axis + 1])
                {
                    return false;
                }
            }
        }

        return true;
    }
}
