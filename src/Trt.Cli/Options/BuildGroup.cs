using System.CommandLine;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>All options that say how an engine is built, for every command that takes models that are no plans yet.</summary>
/// <remarks>Our names are in kebab-case, trtexec's are aliases. Wrong values are errors of the command line, told all at once before the command begins.</remarks>
internal static class BuildGroup
{
    /// <summary>Options to begin with, which those of the command line change.</summary>
    private static readonly Option<string?> Base = new("--options") { Description = "Options to begin with: a JSON file as --save-options writes it.", HelpName = "FILE" };

    /// <summary>The groups in the help's order.</summary>
    public static IReadOnlyList<OptionGroup> Groups { get; } =
    [
        ShapeOptions.Group, TypeOptions.Group, CalibrationOptions.Group, BorderOptions.Group, SearchOptions.Search, SearchOptions.Memory, PlanOptions.Group,
        DeviceOptions.Devices, DeviceOptions.Plugins, DeviceOptions.Parser, SafetyOptions.Group, RuntimeOptions.Group,
    ];

    /// <summary>Makes a command take them.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Base);
        foreach (BuildOption option in Groups.SelectMany(group => group.Options))
        {
            command.Options.Add(option.Option);
        }

        GoneOptions.AddTo(command);
    }

    /// <summary>How engines are built; what has no effect is said on standard error.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="shapes">Shapes of the only profile where no other option gives any: those of trtexec's <c>--shapes</c>. Null: none.</param>
    /// <exception cref="UserError">Options contradict each other.</exception>
    public static BuildOptions Read(ParseResult parsed, IReadOnlyDictionary<string, long[]>? shapes = null) => Read(parsed, shapes, text => parsed.InvocationConfiguration.Error.WriteLine($"trt: warning: {text}"));

    /// <summary>How plans are loaded.</summary>
    /// <param name="parsed">The command line.</param>
    public static EngineLoadOptions ReadLoad(ParseResult parsed) => RuntimeOptions.Read(parsed, Read(parsed, null, _ => { }));

    /// <summary>Whether nothing is to be run: trtexec's <c>--skipInference</c>, or a plan that cannot run here.</summary>
    /// <param name="parsed">The command line.</param>
    public static bool SkipsInference(ParseResult parsed) =>
        RuntimeOptions.SkipsInference(parsed) || Read(parsed, null, _ => { }) is { EngineCapability: EngineCapability.DLAStandalone } or { RuntimePlatform: RuntimePlatform.WindowsAmd64 };

    private static BuildOptions Read(ParseResult parsed, IReadOnlyDictionary<string, long[]>? shapes, Action<string> warn)
    {
        BuildOptions options = parsed.GetResult(Base) is not null && parsed.GetValue(Base) is { } file ? Saved(file) : new BuildOptions();
        foreach (BuildOption option in Groups.SelectMany(group => group.Options))
        {
            options = option.Apply(parsed, options);
        }

        SafetyOptions.Warn(parsed, warn);
        RuntimeOptions.Warn(parsed, warn);
        return SafetyOptions.Settle(PlanOptions.Settle(TypeOptions.Settle(ShapeOptions.Apply(parsed, options, shapes, warn))));
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
