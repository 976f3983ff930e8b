using System.CommandLine;
using System.Text.RegularExpressions;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt reduce</c>: the smallest part of a model that still differs, or still fails.</summary>
internal sealed class ReduceCommand
{
    private readonly Session session;
    private readonly Argument<string> model = new("MODEL") { Description = "The ONNX model." };
    private readonly Option<string> output = new("--output", "-o") { Description = "The part's file; beside it NAME.inputs.npz with its inputs, and NAME.against.onnx.", HelpName = "FILE", Required = true };
    private readonly Option<string?> against = new("--against") { Description = "An ONNX model with the same tensors, which is reduced alike: the part is where both differ.", HelpName = "MODEL" };
    private readonly Option<string?> failOn = new("--fail-on") { Description = "What counts as failure: compare (default), parse, build or run.", HelpName = "STEP" };

    private readonly Option<string?> check = new("--check")
    {
        Description = "A program that decides by its exit code, 0 for a part that does not fail. {} is the part's file, {inputs} its inputs as .npz, {against} the other model's part. It is started without a shell.",
        HelpName = "COMMAND",
    };

    private readonly Option<int?> failCode = new("--fail-code") { Description = "The exit code of --check that means failure; without it any but 0.", HelpName = "N" };
    private readonly Option<string?> failText = new("--fail-regex") { Description = "What the message of a failed parse, build or run must contain, as a regular expression; without it failures of the same kind count.", HelpName = "PATTERN" };
    private readonly Option<string?> runtimes = new("--runtimes", "-r") { Description = "What is compared, as for trt compare: onnx and the library; with --against onnx. Else the one that must fail.", HelpName = "LIST" };
    private readonly SampleGroup samples = new();
    private readonly ToleranceGroup tolerances = new(checkIsCommand: true);

    private ReduceCommand(Session session) => this.session = session;

    public static Command Create(Session session)
    {
        ReduceCommand owner = new(session);
        Option[] own = [owner.output, owner.against, owner.runtimes, owner.failOn, owner.failText, owner.check, owner.failCode, CommonOptions.Library];
        Command command = CompareOptions.Command("reduce", "Finds the smallest part of a model on which runtimes or two models still differ, or which still fails.", own, owner.samples, owner.tolerances,
        [
            ("trt reduce model.onnx -o small.onnx --runtimes onnx,cpu:fp16 --atol 1e-3", "Where half precision is off."),
            ("trt reduce good.onnx --against faulty.onnx -o small.onnx", "The same part of two models, where they differ."),
            ("trt reduce model.onnx -o small.onnx --fail-on build --library tensorrt/", "What a builder cannot build."),
            ("trt reduce model.onnx -o small.onnx --check \"trt build {} --library tensorrt/\"", "The same in a process of its own, for what would end this one."),
        ]);
        command.Arguments.Add(owner.model);
        command.SetAction(owner.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CpuRuntime.Register();
        OutputPath.Check(parsed.GetValue(output)!, output.Name);
        using OnnxModel whole = Open(parsed.GetValue(model)!);
        using OnnxModel? other = parsed.GetValue(against) is { } path ? Open(path) : null;
        RunnerFactory factory = CompareOptions.Factory(session, parsed, isQuiet: !session.Verbose);
        ReductionCheck check = Check(parsed, factory, other is not null);
        IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> inputs = samples.Make(session, parsed, [.. whole.Inputs.Select(TensorSlot.Of)], factory.Profiles);
        using IDisposable? ends = check as IDisposable;
        for (int i = 0; i < inputs.Count; i++)
        {
            using OnnxReducer reducer = Reducer(whole, other, inputs[i], needsValues: check is CompareCheck);
            using OnnxReduction? result = reducer.Reduce(check.Fails, new Told(session), session.Cancellation);
            if (result is not null)
            {
                ReduceReport report = ReduceReport.Save(result, check, parsed.GetValue(output)!);
                report.Write(session, parsed.GetValue(model)!);
                return ExitCode.Success;
            }
        }

        string why = check is CompareCheck { LastRefusal: { } refusal } ? $": it could not be run: {refusal}" : ", so that there is nothing to reduce";
        throw new UserError($"{parsed.GetValue(model)} does not {(check is CompareCheck ? "differ beyond the tolerances" : "fail")}{(inputs.Count > 1 ? $" on any of {inputs.Count} samples" : "")}{why}.");
    }

    private static OnnxModel Open(string path) => ModelLoading.Kind(path) == Lite.Framework.Onnx
        ? OnnxModel.Load(path)
        : throw new UserError($"{path} is no ONNX model; only these can be taken apart.");

    /// <summary>Values inside are ONNX Runtime's; what it cannot run is reduced without them where that will do.</summary>
    private OnnxReducer Reducer(OnnxModel whole, OnnxModel? other, IReadOnlyDictionary<string, OnnxTensor> inputs, bool needsValues)
    {
        try
        {
            return new OnnxReducer(whole, inputs, other);
        }
        catch (OnnxRuntimeException error) when (!needsValues)
        {
            session.Error.WriteLine($"trt: ONNX Runtime does not run the model, so that parts have no values of their inputs: {error.Message}");
            return new OnnxReducer(whole, null, other);
        }
    }

    private ReductionCheck Check(ParseResult parsed, RunnerFactory factory, bool hasOther)
    {
        string? step = parsed.GetValue(failOn), command = parsed.GetValue(check);
        if (command is not null)
        {
            return step is null
                ? new CommandCheck(command.Trim().Length > 0 ? command : throw new UserError("--check names no program.", ExitCode.Usage), parsed.GetValue(failCode), session)
                : throw new UserError("--check decides alone; leave --fail-on out.", ExitCode.Usage);
        }

        string? library = parsed.GetValue(CommonOptions.Library);
        RunnerChoice[] given = parsed.GetValue(runtimes) is { } text ? [.. RunnerChoice.Parse(text)] : [];
        if (given.FirstOrDefault(choice => choice.IsSaved) is { } saved)
        {
            throw new UserError($"--runtimes {saved.Text}: saved outputs tell nothing of a part of the model. Compare with a runtime, or with --against.", ExitCode.Usage);
        }

        RunnerChoice onnx = new("onnx", "onnx", null);
        switch (step)
        {
            case null or "compare":
                IReadOnlyList<RunnerChoice> compared = given.Length > 0 ? given : hasOther ? [onnx] : [onnx, RunnerChoice.Default(session.Library(library))];
                return compared.Count > 1 || hasOther
                    ? new CompareCheck(factory, compared, tolerances.Read(parsed), session.Cancellation)
                    : throw new UserError("One runtime alone cannot be compared: name two with --runtimes, or another model with --against.", ExitCode.Usage);
            case "parse" or "build" or "run":
                RunnerChoice one = given.Length switch
                {
                    0 => RunnerChoice.Default(session.Library(library)),
                    1 => given[0],
                    _ => throw new UserError($"--fail-on {step} asks one runtime; --runtimes names {given.Length}.", ExitCode.Usage),
                };
                return new BuildCheck(step, session, factory, one, library, Pattern(parsed.GetValue(failText)));
            default:
                throw new UserError($"--fail-on {step} is none of compare, parse, build and run.", ExitCode.Usage);
        }
    }

    private static Regex? Pattern(string? text)
    {
        try
        {
            return text is null ? null : new Regex(text, RegexOptions.NonBacktracking);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new UserError($"--fail-regex is no regular expression: {error.Message}", ExitCode.Usage);
        }
    }

    private sealed class Told(Session session) : IProgress<OnnxReductionTry>
    {
        public void Report(OnnxReductionTry value)
        {
            if (session.Verbose)
            {
                session.Error.WriteLine($"try {value.Number} ({value.Phase}): {value.NodeCount} nodes {(value.Fails ? "fail" : "do not fail")}");
            }
        }
    }
}
