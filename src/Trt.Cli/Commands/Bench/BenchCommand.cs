using System.CommandLine;
using Trt.Cli.Options;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary><c>trt bench MODEL</c>: how quick an engine is, as trtexec measures it.</summary>
internal static class BenchCommand
{
    public static Command Create(Session session)
    {
        OptionGroup[] groups =
        [
            Group("Model", [.. BenchModel.Options, CommonOptions.Architecture, CommonOptions.Library, .. LoadingOptions.All]),
            Group("How queries run", InferenceOptions.All),
            Group("What is reported", [.. ReportingOptions.All, .. DebugOptions.All]),
            Group("Checks of outputs", AccuracyOptions.All),
        ];
        GroupedCommand command = new("bench", "Measures an engine as trtexec does: latency, throughput, layers. Names in camel case are trtexec's; both stand for the same.")
        {
            Groups = groups,
            Examples =
            [
                ("trt bench model.plan", "With the defaults of TensorRT 11: no copies, CUDA graphs."),
                ("trt bench model.plan --include-data-transfers --dump-profile --html report.html", "With copies; layers and a timeline on a page."),
                ("trt bench model.onnx --shapes x:8x3x224x224 --fp16 --inf-streams 4", "Builds the model first; four contexts side by side."),
                ("trt bench model.plan --json > old.json", "To compare with later: --baseline old.json."),
                ("trt bench --loadEngine=model.plan --useCudaGraph --noDataTransfers --useSpinWait", "trtexec's way to write it."),
            ],
        };
        command.Arguments.Add(BenchModel.Argument);
        foreach (BuildOption option in groups.SelectMany(group => group.Options))
        {
            command.Options.Add(option.Option);
        }

        BuildGroup.AddTo(command);
        RefusedOptions.AddTo(command);
        command.SetAction(parsed => Run(session, parsed));
        return command;
    }

    private static OptionGroup Group(string title, IEnumerable<Option> options) => new(title, [.. options.Select(BuildOption.Of)]);

    private static int Run(Session session, ParseResult parsed)
    {
        string path = BenchModel.Named(parsed);
        if (LoadingOptions.WantsPlanVersion(parsed))
        {
            return LoadingOptions.PrintPlanVersion(session, path);
        }

        BenchmarkOptions options = InferenceOptions.Read(parsed) with { Percentiles = ReportingOptions.Percentiles(parsed), ProfileLayers = ReportingOptions.WantsLayers(parsed), Name = Path.GetFileName(path) };
        IReadOnlyList<ReferencePair> pairs = AccuracyOptions.ReadPairs(parsed);
        _ = AccuracyOptions.Read(parsed);
        bool isRun = !BuildGroup.SkipsInference(parsed);
        TensorRtLibrary library = Library(session, parsed, path, isRun);
        ChooseDevice(parsed, library);
        using BenchModel model = BenchModel.Open(session, library, parsed, path);
        if (!isRun)
        {
            return ExitCode.Success;
        }

        if (LoadingOptions.WantsLoadingTime(parsed))
        {
            return LoadingOptions.PrintLoadingTime(session, model);
        }

        using ICudaEngine engine = model.Load();
        InferenceOptions.ApplyBudget(parsed, library, engine);
        if (parsed.GetValue(ReportingOptions.DumpRefit) && !engine.IsRefittable)
        {
            throw new UserError("--dump-refit: the engine cannot be refitted. Build it with --refit.");
        }

        byte[]? baseline = parsed.GetValue(ReportingOptions.Baseline) is { } before ? File.ReadAllBytes(before) : null;
        DebugTensorFiles? debug = DebugOptions.Read(parsed, library);
        TimeStatistics? refits = LoadingOptions.Refit(session, parsed, model, library, engine);
        BenchInputs inputs = new(engine, InferenceOptions.ReadShapes(parsed), pairs[0].Inputs, options.Seed);
        options = options with { Shapes = inputs.Shapes, Values = inputs.Values, ObserveRun = debug is null ? null : context => DebugOptions.Watch(debug, library, engine, context) };
        BenchmarkReport report = EngineBenchmark.Run(engine, options, session.Cancellation) with { Library = library.ToString() };
        if (debug is not null)
        {
            DebugOptions.Finish(debug, path, parsed);
        }

        OutputLoss[] losses = [.. OutputLoss.Of(parsed, report, pairs[0]), .. pairs.Skip(1).SelectMany(pair => Check(session, parsed, engine, options, pair))];
        int answer = losses.Any(loss => loss.Fails) ? ExitCode.Failure : ExitCode.Success;
        BenchmarkComparison? comparison = Compare(parsed, baseline, report);
        BenchFiles.Write(parsed, engine, report, comparison);
        if (session.Json)
        {
            session.WriteJson(json => BenchmarkReportWriter.WriteSummary(report, json, more => BenchDumps.WriteJson(parsed, more, engine, report, comparison, losses, refits)));
            return answer;
        }

        BenchScreen screen = new(session.Screen);
        screen.Facts(report, inputs);
        BenchDumps.Print(session, parsed, engine, report);
        screen.Trace(report, parsed.GetValue(ReportingOptions.AvgRuns) ?? (session.Verbose ? 10 : 0));
        screen.Summary(report, comparison);
        screen.Checks(losses, refits);
        return answer;
    }

    /// <summary>A few runs with the inputs of another pair, whose outputs are checked.</summary>
    private static IEnumerable<OutputLoss> Check(Session session, ParseResult parsed, ICudaEngine engine, BenchmarkOptions options, ReferencePair pair)
    {
        BenchInputs inputs = new(engine, InferenceOptions.ReadShapes(parsed), pair.Inputs, options.Seed);
        BenchmarkOptions few = options with
        {
            Shapes = inputs.Shapes, Values = inputs.Values, ObserveRun = null, ProfileLayers = false, Streams = 1, Iterations = 1, WarmUp = TimeSpan.Zero, Duration = TimeSpan.Zero,
        };
        return OutputLoss.Of(parsed, EngineBenchmark.Run(engine, few, session.Cancellation), pair);
    }

    /// <summary>The library that the command line or the plan asks for; one that needs a GPU is refused where there is none, unless nothing is to be run.</summary>
    private static TensorRtLibrary Library(Session session, ParseResult parsed, string path, bool isRun)
    {
        string? choice = parsed.GetValue(CommonOptions.Library);
        return !isRun ? session.Library(choice, path)
            : choice is null && RuntimeOptions.Flavour(parsed) is { } flavour && flavour != Flavour.TensorRT ? TensorRt.Load(new TensorRtOptions { Flavour = flavour })
            : Runtimes.For(session, choice, path);
    }

    /// <summary>Makes the GPU that <c>--device</c> names the current one.</summary>
    private static void ChooseDevice(ParseResult parsed, TensorRtLibrary library)
    {
        if (!int.TryParse(parsed.GetValue<string?>("--device"), out int number) || library.Flavour == Flavour.Cpu || !CudaDriver.IsAvailable(out _))
        {
            return;
        }

        if (number >= Device.All.Count)
        {
            throw new UserError($"--device={number}: this machine has {Device.All.Count} GPUs, numbered from 0.");
        }

        Device.All[number].MakeCurrent();
    }

    private static BenchmarkComparison? Compare(ParseResult parsed, byte[]? baseline, BenchmarkReport report)
    {
        try
        {
            return baseline is null ? null : BenchmarkComparison.Read(baseline, report);
        }
        catch (FormatException error)
        {
            throw new UserError($"--baseline={parsed.GetValue(ReportingOptions.Baseline)}: {error.Message}");
        }
    }
}
