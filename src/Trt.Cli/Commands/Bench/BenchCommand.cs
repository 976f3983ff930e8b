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
        Command command = new("bench", "Measures an engine: latency, throughput, layers. Example: trt bench model.plan --include-data-transfers --html report.html")
        {
            BenchModel.Argument,
        };
        foreach (Option option in (IEnumerable<Option>)[.. BenchModel.Options, CommonOptions.Library, CommonOptions.Architecture, .. LoadingOptions.All, .. InferenceOptions.All, .. AccuracyOptions.All, .. DebugOptions.All, .. ReportingOptions.All])
        {
            command.Options.Add(option);
        }

        BuildGroup.AddTo(command);
        RefusedOptions.AddTo(command);
        command.SetAction(parsed => Run(session, parsed));
        return command;
    }

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
        TensorRtLibrary library = session.Library(parsed.GetValue(CommonOptions.Library));
        ChooseDevice(parsed, library);
        using BenchModel model = BenchModel.Open(session, library, parsed, path);
        if (LoadingOptions.WantsLoadingTime(parsed))
        {
            return LoadingOptions.PrintLoadingTime(session, model);
        }

        using ICudaEngine engine = model.Load();
        InferenceOptions.ApplyBudget(parsed, library, engine);
        if (BuildGroup.SkipsInference(parsed))
        {
            return ExitCode.Success;
        }

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

    /// <summary>Makes the GPU that <c>--device</c> names the current one.</summary>
    private static void ChooseDevice(ParseResult parsed, TensorRtLibrary library)
    {
        if (BuildGroup.Read(parsed).Device is not { } number || library.Flavour == Flavour.Cpu || !CudaDriver.IsAvailable(out _))
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
