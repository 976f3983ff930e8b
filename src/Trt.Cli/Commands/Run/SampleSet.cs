using System.Globalization;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>The samples that a model is run on, and what becomes of pictures among them.</summary>
internal sealed class SampleSet
{
    private readonly Engine engine;
    private readonly RunOptions options;
    private readonly PictureSettings pictures;
    private readonly int profile;

    private SampleSet(Engine engine, RunOptions options, PictureSettings pictures)
    {
        this.engine = engine;
        this.options = options;
        this.pictures = pictures;
        profile = options.Profile ?? 0;
    }

    public IReadOnlyList<Sample> Samples { get; private set; } = [];

    /// <summary>What makes values of pictures, by input.</summary>
    public Dictionary<string, Preprocessor> Preprocessors { get; } = new(StringComparer.Ordinal);

    /// <summary>Where an input's values come from, for people.</summary>
    public Dictionary<string, string> Origins { get; } = new(StringComparer.Ordinal);

    /// <summary>Matches what is given with the model's inputs.</summary>
    /// <param name="engine">The model.</param>
    /// <param name="sources">What is given; nothing: random values.</param>
    /// <param name="options">Shapes and seed of random values.</param>
    /// <param name="pictures">How pictures become values.</param>
    /// <exception cref="UserError">It does not fit.</exception>
    public static SampleSet Of(Engine engine, IReadOnlyList<InputSource> sources, RunOptions options, PictureSettings pictures)
    {
        SampleSet set = new(engine, options, pictures);
        Dictionary<string, List<Sample>> columns = new(StringComparer.Ordinal);
        if (sources.Count == 0)
        {
            foreach (TensorSpec input in engine.Inputs)
            {
                columns[input.Name] = set.Random(input);
            }
        }

        TensorSlot[] slots = [.. engine.Inputs.Select(set.Slot)];
        foreach (InputSource source in sources)
        {
            if (source.Pictures.Count > 0)
            {
                set.AddPictures(columns, source);
                continue;
            }

            foreach ((string input, TorchTensor tensor) in TensorFiles.Read([source.Text], slots, options.Shapes, convert: options.Converts))
            {
                List<Sample> rows = set.Rows(input, tensor);
                Column(columns, input).AddRange(rows);
                set.Origins[input] = $"{rows.Count} of {source.Text}";
            }
        }

        set.Samples = set.Join(columns);
        return set;
    }

    private static List<Sample> Column(Dictionary<string, List<Sample>> columns, string input)
    {
        if (!columns.TryGetValue(input, out List<Sample>? column))
        {
            columns[input] = column = [];
        }

        return column;
    }

    private static bool IsFloating(DataType type) => type is DataType.Float or DataType.Half or DataType.BF16;

    /// <summary>What is to be read from files: with a batch of any size, which is divided.</summary>
    private TensorSlot Slot(TensorSpec input)
    {
        TensorSlot slot = TensorSlot.Of(input);
        return engine.HasBatch ? slot with { Shape = [-1, .. slot.Shape.Skip(1)] } : slot;
    }

    private void AddPictures(Dictionary<string, List<Sample>> columns, InputSource source)
    {
        TensorSpec input = source.Input is { } name
            ? engine.Inputs.FirstOrDefault(known => known.Name == name) ?? throw new UserError($"--input {source.Text}: the model has no input \"{name}\"; it has {Names()}.")
            : engine.Inputs.Length == 1 ? engine.Inputs[0]
            : engine.Inputs.Where(TakesPictures).ToArray() is [TensorSpec only] ? only
            : throw new UserError($"--input {source.Text}: the model has several inputs, {Names()}: say which one is the picture, as in {engine.Inputs[0].Name}={source.Text}.");
        PictureTensor tensor;
        try
        {
            tensor = TensorOf(input);
        }
        catch (ArgumentException)
        {
            throw new UserError($"--input {source.Text}: input \"{input.Name}\" of {Units.Shape(input.Shape.ToArray())} takes no pictures of 1, 3 or 4 channels: give it arrays, as in {input.Name}=data.npy.");
        }

        if (!IsFloating(input.DataType) && input.DataType is not (DataType.UInt8 or DataType.Int32 or DataType.Int64 or DataType.Int8))
        {
            throw new UserError($"--input {source.Text}: input \"{input.Name}\" is {input.DataType}, which pixels are not.");
        }

        Preprocessors[input.Name] = pictures.Preprocessor(tensor, IsFloating(input.DataType));
        List<Sample> column = Column(columns, input.Name);
        column.AddRange(source.Pictures.Select(path => new Sample(path, path, source.Root is { } root ? Path.GetRelativePath(root, path) : null, path)));
        Origins[input.Name] = $"{column.Count} {(column.Count == 1 ? "picture" : "pictures")}: {pictures.Describe(tensor, IsFloating(input.DataType))}";
    }

    private bool TakesPictures(TensorSpec input)
    {
        try
        {
            TensorOf(input);
            return true;
        }
        catch (Exception error) when (error is ArgumentException or UserError)
        {
            return false;
        }
    }

    private PictureTensor TensorOf(TensorSpec input) => pictures.Tensor(input.Name, input.DataType, SampleShape(input.Shape), SampleShape(input.OptShape(profile)));

    private Dims SampleShape(Dims shape) => engine.HasBatch ? new Dims(shape.AsSpan()[1..]) : shape;

    private List<Sample> Random(TensorSpec input)
    {
        if (input.IsOnHost)
        {
            throw new UserError($"Input \"{input.Name}\" decides shapes, so that random values are of no use: give it with --input {input.Name}=FILE.");
        }

        long[]? said = options.Shapes.For(input.Name);
        long[] shape = said ?? input.OptShape(profile).ToArray();
        if (said is null && engine.HasBatch && input.Shape[0] < 0)
        {
            shape[0] = Math.Max(1, input.MinShape(profile)[0]);
        }

        TensorSlot slot = Slot(input);
        if (!slot.Takes(shape) || shape.Any(extent => extent < 0))
        {
            throw new UserError($"--shapes {input.Name}:{Units.Shape(shape)}: input \"{input.Name}\" is {Units.Shape(input.Shape.ToArray())}.");
        }

        Origins[input.Name] = string.Create(CultureInfo.InvariantCulture, $"random values, {Units.Shape(shape)}, seed {options.Seed}");
        return Rows(input.Name, RandomTensors.Of(input.Name, slot.Type, shape, options.Seed));
    }

    /// <summary>The samples of a tensor: its rows where the model has a batch.</summary>
    private List<Sample> Rows(string input, TorchTensor tensor) => tensor.DType switch
    {
        TorchDType.Float32 => Rows(input, tensor.ToArray<float>(), tensor.Shape),
        TorchDType.BFloat16 => Rows(input, tensor.ToFloat32(), tensor.Shape), // becomes bfloat16 again without loss
        TorchDType.Float16 => Rows(input, tensor.ToArray<Half>(), tensor.Shape),
        TorchDType.Int64 => Rows(input, tensor.ToArray<long>(), tensor.Shape),
        TorchDType.Int32 => Rows(input, tensor.ToArray<int>(), tensor.Shape),
        TorchDType.Int8 => Rows(input, tensor.ToArray<sbyte>(), tensor.Shape),
        TorchDType.UInt8 => Rows(input, tensor.ToArray<byte>(), tensor.Shape),
        TorchDType.Bool => Rows(input, tensor.ToArray<bool>(), tensor.Shape),
        _ => Rows(input, tensor.Bytes.ToArray(), tensor.Shape),
    };

    private List<Sample> Rows<T>(string input, T[] values, IReadOnlyList<long> shape)
        where T : unmanaged
    {
        if (!engine.HasBatch)
        {
            return [new Sample(input, null, null, Input.Of<T>(values, new Dims([.. shape])))];
        }

        long count = shape[0];
        if (count == 0)
        {
            throw new UserError($"Input \"{input}\" is given {Units.Shape(shape)}, which is no sample at all.");
        }

        int length = (int)(values.Length / count);
        Dims row = new([.. shape.Skip(1)]);
        List<Sample> rows = [];
        for (int i = 0; i < count; i++)
        {
            rows.Add(new Sample(string.Create(CultureInfo.InvariantCulture, $"{input}[{i}]"), null, null, Input.Of<T>(values.AsMemory(i * length, length), row)));
        }

        return rows;
    }

    /// <summary>The n-th of every input makes the n-th sample.</summary>
    private IReadOnlyList<Sample> Join(Dictionary<string, List<Sample>> columns)
    {
        if (engine.Inputs.FirstOrDefault(input => !columns.ContainsKey(input.Name)) is { } missing)
        {
            throw new UserError($"Input \"{missing.Name}\" ({missing.DataType} {Units.Shape(missing.Shape.ToArray())}) is not given: add --input {missing.Name}=FILE{(engine.Inputs.Length > 1 ? ", or an .npz file that has it" : string.Empty)}. Without any --input, values are random.");
        }

        if (engine.Inputs.Length == 1)
        {
            return columns[engine.Inputs[0].Name];
        }

        int count = columns[engine.Inputs[0].Name].Count;
        if (columns.FirstOrDefault(column => column.Value.Count != count) is { Value: { } other, Key: { } name })
        {
            throw new UserError($"Input \"{engine.Inputs[0].Name}\" is given {count} samples, but \"{name}\" {other.Count}: as many are wanted of each.");
        }

        List<Sample> joined = [];
        for (int i = 0; i < count; i++)
        {
            Sample first = columns.Values.Select(column => column[i]).FirstOrDefault(sample => sample.Picture is not null) ?? columns[engine.Inputs[0].Name][i];
            joined.Add(first with { Value = engine.Inputs.ToDictionary(input => input.Name, input => Input.Of(columns[input.Name][i].Value)) });
        }

        return joined;
    }

    private string Names() => string.Join(", ", engine.Inputs.Select(input => $"\"{input.Name}\""));
}
