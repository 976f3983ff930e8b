using System.CommandLine;
using Trt.Cli.Options;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>The model that a benchmark is of: a plan, or what was built of something else, which can be loaded again and again.</summary>
internal sealed class BenchModel : IDisposable
{
    private static readonly Argument<string?> Model = new("MODEL") { Description = "A plan, an ONNX model, or weights of a known architecture.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> LoadEngine = InferenceOptions.Of<string?>("--load-engine --loadEngine", "PLAN", "The same as MODEL, for a plan.");
    private static readonly Option<string?> Onnx = InferenceOptions.Of<string?>("--onnx", "FILE", "The same as MODEL, for an ONNX model.");
    private static readonly Option<string?> SaveEngine = InferenceOptions.Of<string?>("--save-engine --saveEngine", "FILE", "Write the plan that was built.");

    private readonly Func<ICudaEngine> load;
    private readonly BuiltEngine? built;

    private BenchModel(string path, Func<ICudaEngine> load, BuiltEngine? built)
    {
        Path = path;
        this.load = load;
        this.built = built;
    }

    public static IReadOnlyList<Option> Options { get; } = [LoadEngine, Onnx, SaveEngine];

    public static Argument Argument => Model;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether it was built here.</summary>
    public bool IsBuilt => built is not null;

    /// <summary>The plan's length in bytes.</summary>
    public long PlanLength => built?.Length ?? new FileInfo(Path).Length;

    /// <summary>The file that the command line names.</summary>
    /// <exception cref="UserError">It names none or several.</exception>
    public static string Named(ParseResult parsed)
    {
        string[] named = [.. new[] { parsed.GetValue(Model), parsed.GetValue(LoadEngine), parsed.GetValue(Onnx) }.OfType<string>()];
        return named switch
        {
            [var one] => one,
            [] => throw new UserError("Name the model: trt bench MODEL, --load-engine=PLAN or --onnx=FILE.", ExitCode.Usage),
            _ => throw new UserError($"Several models are named: {string.Join(", ", named)}. Leave all but one out.", ExitCode.Usage),
        };
    }

    /// <summary>Opens a plan, or builds anything else.</summary>
    public static BenchModel Open(Session session, TensorRtLibrary library, ParseResult parsed, string path)
    {
        EngineLoadOptions options = BuildGroup.ReadLoad(parsed);
        string? save = parsed.GetValue(SaveEngine);
        if (ModelLoading.Kind(path) == Framework.Plan)
        {
            return save is null
                ? new BenchModel(path, () => EngineFile.Load(path, library, session.Logger, options), null)
                : throw new UserError($"--save-engine: {path} is a plan already.", ExitCode.Usage);
        }

        if (parsed.GetValue(LoadEngine) is not null)
        {
            throw new UserError($"--load-engine: {path} is no plan. Name it as MODEL, and it is built.");
        }

        BuildOptions build = BuildGroup.Read(parsed, InferenceOptions.ReadShapes(parsed)) with { ReadBack = false };
        BuiltEngine built = new EngineBuilder(library, session.Logger).Build(ModelLoading.Source(path, parsed.GetValue(CommonOptions.Architecture)), build, session.Progress, session.Cancellation);
        try
        {
            if (save is not null)
            {
                built.Save(save);
            }

            return new BenchModel(path, () => built.Load(options), built);
        }
        catch
        {
            built.Dispose();
            throw;
        }
    }

    /// <summary>Makes an engine, to be disposed by the caller.</summary>
    public ICudaEngine Load() => load();

    public void Dispose() => built?.Dispose();
}
