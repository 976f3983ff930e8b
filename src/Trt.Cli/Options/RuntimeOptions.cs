using System.CommandLine;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about the runtime that loads a plan.</summary>
internal static class RuntimeOptions
{
    private static readonly BuildOption UseRuntime = BuildOption.Value("--use-runtime --useRuntime", "full|lean|dispatch", "library", "The library that loads plans; lean and dispatch ones cannot build. Default: full.",
        (o, text) => Flavours(text) == Interop.Flavour.TensorRT ? o : o with { VersionCompatible = true });

    private static readonly BuildOption LeanDll = Text("--lean-dll-path --leanDLLPath", "FILE", "The lean runtime's library to load for plans of another release.");
    private static readonly BuildOption TempDir = Text("--tempdir", "FOLDER", "Folder for temporary files. Default: the system's.");
    private static readonly BuildOption TempControls = BuildOption.Value("--tempfile-controls --tempfileControls", "in_memory:allow|deny,temporary:allow|deny", string.Empty,
        "Which temporary files with code are allowed. Default: both.", (o, text) => Controls(text) is null ? o : o);

    private static readonly BuildOption AsyncReader = BuildOption.Flag("--async-file-reader --asyncFileReader", string.Empty, "No effect: plans are mapped into memory, not read.", (o, _) => o);
    private static readonly BuildOption Skip = BuildOption.Flag("--skip-inference --skipInference", string.Empty, "Stop after the build.", (o, _) => o);

    public static OptionGroup Group { get; } = new("Runtime that loads the plan", [UseRuntime, LeanDll, TempDir, TempControls, AsyncReader, Skip]);

    /// <summary>The flavour that --use-runtime asks for, or null.</summary>
    public static Flavour? Flavour(ParseResult parsed) => UseRuntime.Text(parsed) is { } text ? Flavours(text) : null;

    /// <summary>Whether nothing is to be run.</summary>
    public static bool SkipsInference(ParseResult parsed) => Skip.IsOn(parsed);

    /// <summary>How plans are loaded.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="build">What it says of builds.</param>
    public static EngineLoadOptions Read(ParseResult parsed, BuildOptions build) => new()
    {
        AllowHostCode = build.VersionCompatible,
        LeanRuntime = LeanDll.Text(parsed),
        TemporaryDirectory = TempDir.Text(parsed),
        TempfileControls = TempControls.Text(parsed) is { } controls ? Controls(controls) : null,
        DLACore = build.DLACore,
        MaxThreads = build.MaxThreads,
        DynamicPlugins = build.DynamicPlugins,
    };

    /// <summary>What has no effect, in a sentence each.</summary>
    public static void Warn(ParseResult parsed, Action<string> warn)
    {
        if (parsed.GetResult(AsyncReader.Option) is { Implicit: false })
        {
            warn("--async-file-reader: no effect, plans are mapped into memory.");
        }
    }

    private static BuildOption Text(string names, string value, string description) => BuildOption.Value(names, value, string.Empty, description, (o, _) => o);

    private static Flavour Flavours(string text) => OptionValue.Choice(text, ("full", Interop.Flavour.TensorRT), ("lean", Interop.Flavour.LeanRuntime), ("dispatch", Interop.Flavour.DispatchRuntime));

    private static IReadOnlyList<TempfileControlFlag> Controls(string text)
    {
        HashSet<TempfileControlFlag> allowed = [TempfileControlFlag.AllowInMemoryFiles, TempfileControlFlag.AllowTemporaryFiles];
        foreach ((string name, string value) in OptionValue.Pairs(text, "in_memory:allow or temporary:deny"))
        {
            TempfileControlFlag control = OptionValue.Choice(name, ("in_memory", TempfileControlFlag.AllowInMemoryFiles), ("temporary", TempfileControlFlag.AllowTemporaryFiles));
            if (OptionValue.Choice(value, ("allow", true), ("deny", false)))
            {
                allowed.Add(control);
            }
            else
            {
                allowed.Remove(control);
            }
        }

        return [.. allowed.Order()];
    }
}
