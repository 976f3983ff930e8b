using System.CommandLine;
using System.CommandLine.Parsing;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about the shapes that an engine takes.</summary>
/// <remarks>The order on the command line counts behind <c>--profile</c>: the shapes that follow are of that profile.</remarks>
internal static class ShapeOptions
{
    private const string Shapes = "NAME:DxD,...";

    private static readonly BuildOption Min = Shape("--min-shapes --minShapes", "Smallest shapes of a profile's inputs.");
    private static readonly BuildOption Opt = Shape("--opt-shapes --optShapes", "Shapes of inputs that a profile is tuned for, as in image:1x3x224x224; alone they are the smallest and greatest, too. name:scalar has no axes, a shape tensor's numbers are its values, a name may have one *.");
    private static readonly BuildOption Max = Shape("--max-shapes --maxShapes", "Greatest shapes.");
    private static readonly BuildOption Number = BuildOption.Value("--profile", "N", string.Empty, "Begins profile N (0, 1, ... without gaps): the shapes that follow on the command line are its own.",
        (o, text) => OptionValue.Int(text, 0) >= 0 ? o : o, repeats: true);

    private static readonly BuildOption MinCalib = Shape("--min-shapes-calib --minShapesCalib", "Smallest shapes while calibrating.");
    private static readonly BuildOption OptCalib = Shape("--opt-shapes-calib --optShapesCalib", "Shapes that are calibrated with. Default: the profile of --calib-profile.");
    private static readonly BuildOption MaxCalib = Shape("--max-shapes-calib --maxShapesCalib", "Greatest shapes while calibrating.");

    public static OptionGroup Group { get; } = new("Shapes", [
        Opt,
        Min,
        Max,
        Number,
        BuildOption.Value("--batch", "N|MIN:OPT:MAX", "Batch", "Range of the batch, the first axis of inputs that leave it open.", (o, text) => o with { Batch = OptionValue.Extents(text) }),
        BuildOption.Value("--named-extents", "NAME=N|MIN:OPT:MAX,...", "NamedExtents", "Ranges of open axes by the names that the ONNX model gives them.",
            (o, text) => o with { NamedExtents = Named(o.NamedExtents, text) }, repeats: true),
        BuildOption.Value("--dynamic-extents", "N|MIN:OPT:MAX", "DynamicExtents", "Range of every other open axis. Default: 1, with a warning.", (o, text) => o with { DynamicExtents = OptionValue.Extents(text) }),
        OptCalib,
        MinCalib,
        MaxCalib,
    ]);

    /// <summary>Makes profiles of the shapes, in the order of the command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">What else it asks for.</param>
    /// <param name="otherwise">Shapes of the only profile where no other option gives any, or null.</param>
    /// <param name="warn">Hears what was filled in.</param>
    /// <exception cref="UserError">The profiles have gaps, or shapes that are not in order.</exception>
    public static BuildOptions Apply(ParseResult parsed, BuildOptions options, IReadOnlyDictionary<string, long[]>? otherwise, Action<string> warn)
    {
        SortedDictionary<int, ShapeTriple> profiles = [];
        ShapeTriple calibration = new();
        int current = 0;
        for (int i = 0; i + 1 < parsed.Tokens.Count; i++)
        {
            Token option = parsed.Tokens[i];
            string value = parsed.Tokens[i + 1].Value;
            if (option.Type != TokenType.Option || parsed.Tokens[i + 1].Type != TokenType.Argument)
            {
                continue;
            }

            if (Is(Number))
            {
                current = OptionValue.Int(value, 0);
                profiles.TryAdd(current, new ShapeTriple());
                continue;
            }

            foreach ((BuildOption of, ShapeTriple? triple, ShapePoint point) in new[]
            {
                (Min, null, ShapePoint.Min), (Opt, null, ShapePoint.Opt), (Max, null, ShapePoint.Max),
                (MinCalib, calibration, ShapePoint.Min), (OptCalib, calibration, ShapePoint.Opt), (MaxCalib, calibration, ShapePoint.Max),
            })
            {
                if (Is(of))
                {
                    (triple ?? Profile(current)).Add(point, ShapeText.Parse(value, option.Value));
                }
            }

            bool Is(BuildOption of) => of.Option.Name == option.Value || of.Option.Aliases.Contains(option.Value);
        }

        if (profiles.Count == 0 && otherwise is { Count: > 0 })
        {
            Profile(0).Add(ShapePoint.Opt, otherwise);
        }

        if (profiles.Count > 0 && profiles.Keys.Last() != profiles.Count - 1)
        {
            int missing = Enumerable.Range(0, profiles.Count).First(number => !profiles.ContainsKey(number));
            throw new UserError($"--profile={profiles.Keys.Last()}: there is no profile {missing}. Profiles count from 0 without gaps.", ExitCode.Usage);
        }

        options = profiles.Count > 0 ? options with { Profiles = [.. profiles.Select(profile => profile.Value.ToProfile($"profile {profile.Key}", warn))] } : options;
        return calibration.IsEmpty ? options : options with { CalibrationShapes = calibration.ToProfile("the calibration's profile", warn) };

        ShapeTriple Profile(int number) => profiles.TryGetValue(number, out ShapeTriple? known) ? known : profiles[number] = new ShapeTriple();
    }

    private static BuildOption Shape(string names, string description) =>
        BuildOption.Value(names, Shapes, names.Contains("Calib", StringComparison.Ordinal) ? "CalibrationShapes" : "Profiles", description, (o, text) => ShapeText.Parse(text, names.Split(' ')[0]) is null ? o : o, repeats: true);

    private static Dictionary<string, ExtentRange> Named(IReadOnlyDictionary<string, ExtentRange> before, string text)
    {
        Dictionary<string, ExtentRange> extents = new(before, StringComparer.Ordinal);
        foreach (string part in OptionValue.Names(text))
        {
            int equals = part.LastIndexOf('=');
            extents[equals > 0 ? part[..equals] : throw new FormatException($"\"{part}\" is not of the form NAME=N or NAME=MIN:OPT:MAX.")] = OptionValue.Extents(part[(equals + 1)..]);
        }

        return extents;
    }
}
