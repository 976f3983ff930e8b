using System.CommandLine;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>All options that say how an engine is built, for every command that takes models that are no plans yet.</summary>
/// <remarks>Our names are in kebab-case, trtexec's are aliases. Wrong values are errors of the command line, told all at once before the command begins.</remarks>
internal static class BuildGroup
{
    /// <summary>Options to begin with, which those of the command line change.</summary>
    public static Option<string?> Base { get; } = new("--options") { Description = "Options to begin with: a JSON file as --save-options writes it.", HelpName = "FILE" };

    /// <summary>The groups in the help's order.</summary>
    public static IReadOnlyList<OptionGroup> Groups { get; } =
    [
        ShapeOptions.Group, TypeOptions.Group, CalibrationOptions.Group, BorderOptions.Group, SearchOptions.Search, SearchOptions.Memory, PlanOptions.Group,
        DeviceOptions.Devices, DeviceOptions.Plugins, DeviceOptions.Parser, SafetyOptions.Group, RuntimeOptions.Group,
    ];

    /// <summary>The options themselves.</summary>
    public static IEnumerable<Option> All => Groups.SelectMany(group => group.Options).Select(option => option.Option).Append(Base);

    /// <summary>Whether a command takes them.</summary>
    public static bool IsIn(Command command) => command.Options.Contains(Base);

    /// <summary>Makes a command take them.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }

        GoneOptions.AddTo(command);
    }

    /// <summary>How engines are built; what has no effect is said on standard error.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="shapes">Shapes of the only profile where no other option gives any: those of trtexec's <c>--shapes</c>. Null: none.</param>
    /// <exception cref="UserError">Options contradict each other.</exception>
    public static BuildOptions Read(ParseResult parsed, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        SafetyOptions.Warn(parsed, Warn);
        RuntimeOptions.Warn(parsed, Warn);
        return CalibrationOptions.Apply(parsed, ShapeOptions.Apply(parsed, Settled(parsed), shapes, Warn));

        void Warn(string text) => parsed.InvocationConfiguration.Error.WriteLine($"trt: warning: {text}");
    }

    /// <summary>How plans are loaded.</summary>
    /// <param name="parsed">The command line.</param>
    public static EngineLoadOptions ReadLoad(ParseResult parsed) => RuntimeOptions.Read(parsed, Settled(parsed));

    /// <summary>Whether nothing is to be run: trtexec's <c>--skipInference</c>, or a plan that cannot run here.</summary>
    /// <param name="parsed">The command line.</param>
    public static bool SkipsInference(ParseResult parsed) =>
        RuntimeOptions.SkipsInference(parsed) || Settled(parsed) is { EngineCapability: EngineCapability.DLAStandalone } or { RuntimePlatform: RuntimePlatform.WindowsAmd64 };

    /// <summary>All but shapes and calibration, with what options imply.</summary>
    private static BuildOptions Settled(ParseResult parsed)
    {
        BuildOptions options = parsed.GetResult(Base) is not null && parsed.GetValue(Base) is { } file ? Saved(file) : new BuildOptions();
        options = Groups.SelectMany(group => group.Options).Aggregate(options, (changed, option) => option.Apply(parsed, changed));
        return SafetyOptions.Settle(PlanOptions.Settle(TypeOptions.Settle(options)));
    }

    private static BuildOptions Saved(string file)
    {
        try
        {
            return BuildOptions.FromJson(File.ReadAllText(file));
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--options={file}: {error.Message}", ExitCode.Usage);
        }
    }
}
