using System.CommandLine;
using System.Globalization;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Options that say what models are run on.</summary>
internal sealed class SampleGroup
{
    private readonly Option<string[]> input = new("--input", "--load-inputs", "--loadInputs")
    {
        Description = "Values: x=data.npy, all.npz (further samples as x@1, x@2), x:raw.bin; or a folder whose files are one sample each: .npz, .npy, or pictures. Others are random.",
        HelpName = "FILE|FOLDER",
    };

    private readonly Option<string?> shapes = new("--shapes", "--input-shapes") { Description = "Shapes where the model leaves them open, as x:1x3x224x224,y:scalar; 1 for extents that nothing says.", HelpName = "SPEC" };
    private readonly Option<int?> samples = new("--samples", "--iterations") { Description = "Number of samples (1, or as many as --input has).", HelpName = "N" };
    private readonly Option<int> seed = new("--seed") { Description = "Seed of random values.", DefaultValueFactory = _ => RandomTensors.DefaultSeed };
    private readonly Option<string[]> range = new("--val-range") { Description = "Range of random values, for all or one input: 0:1, ids:0:99. Without it as trtexec: floats -1 to 1, integers -128 to 127.", HelpName = "[NAME:]MIN:MAX" };
    private readonly Option<string?> save = new("--save-inputs") { Description = "Write the inputs into an .npz file, for another run.", HelpName = "FILE" };

    public IReadOnlyList<Option> Options => [input, shapes, samples, seed, range, save];

    /// <summary>Shapes that the user gave.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes(ParseResult parsed) => parsed.GetValue(shapes) is { } text ? ShapeText.Parse(text, "--shapes") : new Dictionary<string, long[]>();

    /// <summary>Makes all samples.</summary>
    /// <param name="session">Hears what was decided in the user's place.</param>
    /// <param name="parsed">The options.</param>
    /// <param name="slots">The model's inputs.</param>
    /// <param name="profiles">Profiles of the build options.</param>
    /// <param name="usual">Shapes for what is open and not given, by input; null for those that a profile is tuned for.</param>
    public IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> Make(Session session, ParseResult parsed, IReadOnlyList<TensorSlot> slots, IReadOnlyList<ShapeProfile> profiles, IReadOnlyDictionary<string, long[]>? usual = null)
    {
        IReadOnlyDictionary<string, long[]> given = Shapes(parsed);
        if (given.Keys.FirstOrDefault(name => !slots.Any(slot => ShapeText.Fits(name, slot.Name))) is { } stranger)
        {
            throw new UserError($"--shapes: the model has no input \"{stranger}\"; it has {string.Join(", ", slots.Select(slot => $"\"{slot.Name}\""))}.");
        }

        if (parsed.GetValue(save) is { } target)
        {
            OutputPath.Check(target, save.Name);
        }

        usual ??= Tuned(profiles, slots);
        List<IReadOnlyDictionary<string, TorchTensor>> read = [.. Read(parsed.GetValue(input) ?? [], slots, given, PictureGroup.Read(parsed))];
        int count = parsed.GetValue(samples) ?? Math.Max(read.Count, 1);
        if (count < 1 || (read.Count > 1 && count > read.Count))
        {
            throw new UserError(count < 1 ? "--samples must be 1 or more." : $"--samples {count}: --input has {read.Count}.", Cli.ExitCode.Usage);
        }

        List<IReadOnlyDictionary<string, OnnxTensor>> result = [];
        for (int i = 0; i < count; i++)
        {
            IReadOnlyDictionary<string, TorchTensor>? values = read.Count == 0 ? null : read[Math.Min(i, read.Count - 1)];
            Dictionary<string, OnnxTensor> sample = new(StringComparer.Ordinal);
            foreach (TensorSlot slot in slots)
            {
                sample[slot.Name] = Tensors.ToOnnx(values is not null && values.TryGetValue(slot.Name, out TorchTensor? tensor) ? tensor : Random(session, parsed, slot, Shape(session, slot, given, usual, i == 0), i));
            }

            result.Add(sample);
        }

        if (parsed.GetValue(save) is { } path)
        {
            SampleFile.Write(path, result);
        }

        return result;
    }

    private static IEnumerable<IReadOnlyDictionary<string, TorchTensor>> Read(string[] texts, IReadOnlyList<TensorSlot> slots, IReadOnlyDictionary<string, long[]> shapes, PictureSettings pictures)
    {
        if (texts is [var folder] && Directory.Exists(folder))
        {
            string[] files = [.. Directory.EnumerateFiles(folder).Where(file => CalibrationData.IsPicture(file) || Path.GetExtension(file).ToUpperInvariant() is ".NPZ" or ".NPY").Order(StringComparer.Ordinal)];
            return files.Length > 0
                ? files.Select(file => CalibrationData.IsPicture(file) ? Pictures.Read(file, slots, pictures) : TensorFiles.Read([file], slots, shapes))
                : throw new UserError($"--input {folder}: there are no .npz, .npy, .png, .jpg, .pgm or .ppm files in this folder.");
        }

        if (texts is [var one] && CalibrationData.IsPicture(one))
        {
            return [Pictures.Read(one, slots, pictures)];
        }

        if (texts is [var archive] && archive.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) && File.Exists(archive))
        {
            SampleFile file = SampleFile.Read(archive);
            if (file.Count > 1)
            {
                return Enumerable.Range(0, file.Count).Select(i => Fit(file.Sample(i), slots, archive));
            }
        }

        return texts.Length == 0 ? [] : [TensorFiles.Read(texts, slots, shapes)];
    }

    /// <summary>The shapes that the first profile of the build options is tuned for.</summary>
    private static Dictionary<string, long[]>? Tuned(IReadOnlyList<ShapeProfile> profiles, IReadOnlyList<TensorSlot> slots)
    {
        if (profiles is not [var profile, ..])
        {
            return null;
        }

        Dictionary<string, long[]> shapes = new(StringComparer.Ordinal);
        foreach (TensorSlot slot in slots)
        {
            if (profile.TryGet(slot.Name, out ShapeRange? range) && slot.Takes(range.Opt.ToArray()))
            {
                shapes[slot.Name] = [.. range.Opt];
            }
        }

        return shapes;
    }

    private static Dictionary<string, TorchTensor> Fit(IReadOnlyDictionary<string, OnnxTensor> sample, IReadOnlyList<TensorSlot> slots, string path)
    {
        Dictionary<string, TorchTensor> values = new(StringComparer.Ordinal);
        foreach (TensorSlot slot in slots)
        {
            if (sample.TryGetValue(slot.Name, out OnnxTensor? tensor))
            {
                values[slot.Name] = slot.Takes(tensor.Dims)
                    ? Tensors.ToTorch(tensor, slot.Name).ConvertTo(slot.Type, ConversionRule.Exact)
                    : throw new UserError($"--input {path}: input \"{slot.Name}\" is {Units.Shape(slot.Shape)}, but the file has {Units.Shape(tensor.Dims)}.");
            }
        }

        return values;
    }

    private static long[] Shape(Session session, TensorSlot slot, IReadOnlyDictionary<string, long[]> given, IReadOnlyDictionary<string, long[]>? usual, bool isFirst)
    {
        if ((given.For(slot.Name) ?? usual?.GetValueOrDefault(slot.Name)) is { } shape)
        {
            return slot.Takes(shape) ? shape : throw new UserError($"--shapes: input \"{slot.Name}\" is {Units.Shape(slot.Shape)} and cannot be {Units.Shape(shape)}.");
        }

        long[] known = [.. slot.Shape.Select(extent => extent < 0 ? 1 : extent)];
        if (isFirst && slot.Shape.Any(extent => extent < 0))
        {
            session.Error.WriteLine($"trt: input \"{slot.Name}\" is {Units.Shape(slot.Shape)}: taken as {Units.Shape(known)}; --shapes {slot.Name}:… says otherwise.");
        }

        return known;
    }

    private TorchTensor Random(Session session, ParseResult parsed, TensorSlot slot, long[] shape, int sample)
    {
        int number = unchecked(parsed.GetValue(seed) + (sample * 7919)); // a prime, so that samples of near seeds differ
        string? text = (parsed.GetValue(range) ?? []).LastOrDefault(entry => entry.Count(c => c == ':') == 1 || ShapeText.Fits(entry[..Cut(entry)], slot.Name));
        if (text is null)
        {
            return RandomTensors.Of(slot.Name, slot.Type, shape, number);
        }

        string[] bounds = (text.Count(c => c == ':') == 1 ? text : text[(Cut(text) + 1)..]).Split(':');
        if (bounds.Length != 2 || !double.TryParse(bounds[0], CultureInfo.InvariantCulture, out double min) || !double.TryParse(bounds[1], CultureInfo.InvariantCulture, out double max) || !(min <= max))
        {
            throw new UserError($"--val-range {text}: what is wanted is MIN:MAX or NAME:MIN:MAX with MIN at most MAX.", Cli.ExitCode.Usage);
        }

        // Uniform over the range, both ends included for integers.
        bool isWhole = slot.Type is not (TorchDType.Float64 or TorchDType.Float32 or TorchDType.Float16 or TorchDType.BFloat16);
        TorchTensor unit = RandomTensors.Of(slot.Name, TorchDType.Float32, shape, number);
        double[] values = Array.ConvertAll(unit.ToFloat32(), value => (value + 1) / 2.0);
        values = Array.ConvertAll(values, value => isWhole ? Math.Min(Math.Floor(min + (value * (max - min + 1))), max) : min + (value * (max - min)));
        return TorchTensor.FromArray(values, shape).WithName(slot.Name).ConvertTo(slot.Type, ConversionRule.Lossy);
    }

    /// <summary>Where the name of a range ends: the last colon but one.</summary>
    private static int Cut(string entry) => Math.Max(entry.LastIndexOf(':', Math.Max(entry.LastIndexOf(':') - 1, 0)), 0);
}
