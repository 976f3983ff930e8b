using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>An output, and what is made of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="SampleShape">Its shape without batch; −1 is open.</param>
/// <param name="Kind">What is made of it.</param>
internal sealed record OutputPlan(string Name, DataType Type, Dims SampleShape, OutputKind Kind)
{
    /// <summary>Scores of so many classes are what ImageNet's models give; more are features until labels say otherwise.</summary>
    private const long MostGuessedClasses = 1001;

    private const long LeastSide = 8;

    private const string ScoreName = "score";
    private const string BoxName = "box";
    private static readonly int AnchorCount = new AnchorBoxOptions().Ratios.Length * new AnchorBoxOptions().Scales.Length;

    private static readonly (string Name, OutputKind Kind)[] Names =
    [
        ("raw", OutputKind.Raw), ("class", OutputKind.Class), ("argmax", OutputKind.Argmax), ("top-k", OutputKind.TopK), ("softmax", OutputKind.Softmax), ("sigmoid", OutputKind.Sigmoid),
        ("rows", OutputKind.Rows), ("mask", OutputKind.Mask), ("picture", OutputKind.Picture), ("heat", OutputKind.Heat), ("boxes", OutputKind.Boxes), ("anchors", OutputKind.Anchors),
    ];

    /// <summary>The words of the option.</summary>
    public static string Words => string.Join(", ", Names.Select(entry => entry.Name));

    /// <summary>Classes of which scores are given; 0 where it gives none.</summary>
    public long Classes => Kind is OutputKind.Class or OutputKind.Argmax or OutputKind.TopK or OutputKind.Softmax or OutputKind.Sigmoid ? SampleShape.Volume
        : Kind is OutputKind.Rows && SampleShape.NbDims > 0 ? SampleShape[SampleShape.NbDims - 1]
        : Kind is OutputKind.Anchors && Name.StartsWith(ScoreName, StringComparison.Ordinal) && SampleShape[0] > 0 ? SampleShape[0] / AnchorCount
        : 0;

    /// <summary>Whether several outputs make boxes together.</summary>
    public bool AreBoxes => Kind is OutputKind.Boxes or OutputKind.Anchors;

    /// <summary>Whether there is one best class to compare with a label.</summary>
    public bool HasBest => Kind is OutputKind.Class or OutputKind.Argmax or OutputKind.TopK or OutputKind.Softmax;

    /// <summary>Whether a picture comes of it.</summary>
    public bool IsPicture => Kind is OutputKind.Mask or OutputKind.Picture or OutputKind.Heat || AreBoxes;

    /// <summary>Decides for the outputs that are wanted.</summary>
    /// <param name="engine">The model.</param>
    /// <param name="wanted">Names; none: all.</param>
    /// <param name="texts">What the user says: a kind for all, or <c>output=kind</c>.</param>
    /// <param name="labels">How many labels there are; 0: unknown.</param>
    /// <param name="picturesWanted">Whether pictures are to be written.</param>
    /// <exception cref="UserError">A name or kind is none, or does not fit.</exception>
    public static IReadOnlyList<OutputPlan> Decide(Engine engine, IReadOnlyList<string> wanted, IReadOnlyList<string> texts, int labels, bool picturesWanted)
    {
        foreach (string unknown in wanted.Where(name => engine.Outputs.All(output => output.Name != name)))
        {
            throw new UserError($"--outputs {unknown}: the model has {string.Join(", ", engine.Outputs.Select(output => $"\"{output.Name}\""))}.");
        }

        TensorSpec[] specs = wanted.Count == 0 ? [.. engine.Outputs] : [.. wanted.Select(name => engine.Outputs.First(output => output.Name == name))];
        OutputKind? all = null;
        Dictionary<string, OutputKind> said = new(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int equals = text.LastIndexOf('=');
            OutputKind kind = KindOf(text[(equals + 1)..], text);
            if (equals < 0)
            {
                all = kind;
            }
            else
            {
                said[specs.Any(spec => spec.Name == text[..equals]) ? text[..equals] : throw new UserError($"--postprocess {text}: there is no such output; there are {string.Join(", ", specs.Select(spec => $"\"{spec.Name}\""))}.")] = kind;
            }
        }

        OutputPlan[] plans = [.. specs.Select(spec => new OutputPlan(spec.Name, spec.DataType, SampleOf(spec, engine), OutputKind.Raw))];
        if (all == OutputKind.Anchors || (all is null && said.Count == 0))
        {
            if (Levels(plans) is { } levels)
            {
                return levels;
            }

            if (all is not null)
            {
                throw new UserError($"--postprocess anchors: that is for outputs score_1, score_2, ... of [{AnchorCount} x classes, h, w] and box_1, box_2, ... of [{4 * AnchorCount}, h, w]; there are {string.Join(", ", plans.Select(plan => $"\"{plan.Name}\" of {Units.Shape(plan.SampleShape.ToArray())}"))}.");
            }
        }

        bool isOnlyMap = plans.Count(plan => plan.IsSpatial) == 1;
        return [.. plans.Select(plan => plan with { Kind = said.TryGetValue(plan.Name, out OutputKind own) ? own : all ?? plan.Guess(labels, isOnlyMap, picturesWanted) }).Select(plan => plan.Checked())];
    }

    /// <summary>For people.</summary>
    public string Describe(int top) => Kind switch
    {
        OutputKind.Class => $"scores of {Classes} classes, the most probable",
        OutputKind.Argmax => $"scores of {Classes} classes, the greatest",
        OutputKind.TopK => $"scores of {Classes} classes, the {top} greatest",
        OutputKind.Softmax => $"scores of {Classes} classes, the {top} most probable",
        OutputKind.Sigmoid => $"scores of {Classes} classes, each by itself",
        OutputKind.Rows => "the greatest of each row",
        OutputKind.Mask => "a class for each pixel",
        OutputKind.Picture => "a picture",
        OutputKind.Heat => "a map",
        OutputKind.Boxes => "boxes",
        OutputKind.Anchors => Classes > 0 ? $"scores of {Classes} classes for anchors" : "deltas for anchors",
        _ => "numbers",
    };

    /// <summary>The word of the option for a kind.</summary>
    public static string WordOf(OutputKind kind) => Names.First(entry => entry.Kind == kind).Name;

    private bool IsFloating => Type is DataType.Float or DataType.Half or DataType.BF16;

    /// <summary>Whether it is as wide and high as a small picture.</summary>
    private bool IsSpatial => SampleShape.NbDims is 2 or 3 && IsSide(SampleShape[SampleShape.NbDims - 1]) && IsSide(SampleShape[SampleShape.NbDims - 2]) && (SampleShape.NbDims == 3 || !IsFloating);

    private static bool IsSide(long extent) => extent is < 0 or >= LeastSide;

    private static OutputKind KindOf(string word, string text)
    {
        foreach ((string name, OutputKind kind) in Names)
        {
            if (name.Equals(word, StringComparison.OrdinalIgnoreCase) || name.Replace("-", string.Empty, StringComparison.Ordinal).Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        throw new UserError($"--postprocess {text}: what is wanted is one of {Words}, or OUTPUT=KIND.", ExitCode.Usage);
    }

    private static Dims SampleOf(TensorSpec spec, Engine engine) =>
        engine.HasBatch && spec.Shape.NbDims > 0 && spec.Shape[0] == engine.Inputs[0].Shape[0] ? new Dims(spec.Shape.AsSpan()[1..]) : spec.Shape;

    /// <summary>The form of RetinaNet's outputs as ODTK exports them: scores of all levels, then deltas; null when they are others.</summary>
    private static OutputPlan[]? Levels(OutputPlan[] plans)
    {
        OutputPlan[] scores = [.. Named(ScoreName)];
        OutputPlan[] boxes = [.. Named(BoxName)];
        bool fits = scores.Length > 0 && scores.Length == boxes.Length && scores.Length + boxes.Length == plans.Length && plans.All(plan => plan.SampleShape.NbDims == 3 && plan.IsFloating)
            && scores.Zip(boxes).All(pair => pair.First.SampleShape[0] % AnchorCount == 0 && pair.Second.SampleShape[0] == 4 * AnchorCount
                && pair.First.SampleShape[1] == pair.Second.SampleShape[1] && pair.First.SampleShape[2] == pair.Second.SampleShape[2]);
        return fits ? [.. scores.Concat(boxes).Select(plan => plan with { Kind = OutputKind.Anchors })] : null;

        IEnumerable<OutputPlan> Named(string prefix) => plans.Where(plan => plan.Name.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(plan => plan.Name.Length).ThenBy(plan => plan.Name, StringComparer.Ordinal);
    }

    private OutputKind Guess(int labels, bool isOnlyMap, bool picturesWanted)
    {
        int rank = SampleShape.NbDims;
        bool isFlat = rank >= 1 && SampleShape[0] > 1 && Enumerable.Range(1, rank - 1).All(axis => SampleShape[axis] == 1);
        if (IsFloating && isFlat && (SampleShape[0] <= MostGuessedClasses || SampleShape[0] == labels))
        {
            return OutputKind.Class;
        }

        if (IsSpatial && isOnlyMap)
        {
            long planes = rank == 3 ? SampleShape[0] : 1;
            return !IsFloating ? planes == 1 ? OutputKind.Mask : OutputKind.Raw
                : planes is 1 or 3 ? OutputKind.Picture
                : planes is > 1 and <= 256 ? OutputKind.Mask
                : picturesWanted ? OutputKind.Heat
                : OutputKind.Raw;
        }

        return picturesWanted && rank == 3 && IsFloating ? OutputKind.Heat : OutputKind.Raw;
    }

    private OutputPlan Checked()
    {
        string? problem = Kind switch
        {
            OutputKind.Mask or OutputKind.Heat when SampleShape.NbDims is not (2 or 3) => "that is for [classes, height, width] or [height, width]",
            OutputKind.Picture when SampleShape.NbDims is not (2 or 3) || (SampleShape.NbDims == 3 && SampleShape[0] is not (< 0 or 1 or 3 or 4)) => "that is for [1, 3 or 4, height, width] or [height, width]",
            OutputKind.Rows when SampleShape.NbDims < 1 => "that is for rows of scores",
            _ => null,
        };
        return problem is null ? this : throw new UserError($"--postprocess {WordOf(Kind)}: output \"{Name}\" is {Units.Shape(SampleShape.ToArray())} without batch; {problem}.");
    }
}
