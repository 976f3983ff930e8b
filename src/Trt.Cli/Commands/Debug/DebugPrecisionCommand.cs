using System.CommandLine;
using System.Globalization;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt debug precision</c>: which layers have to stay in 32 bits.</summary>
internal sealed class DebugPrecisionCommand
{
    private readonly Session session;
    private readonly Argument<string> model = new("MODEL") { Description = "ONNX model, or weights." };
    private readonly Option<string> precision = new("--precision") { Description = "What the other layers may compute in: fp16, bf16, int8, fp8, several as fp16+int8. Default: fp16.", HelpName = "TYPES", DefaultValueFactory = _ => "fp16" };
    private readonly Option<string?> runtimes = new("--runtimes", "-r") { Description = "The library that builds: cpu, tensorrt, rtx, or a path. Default: that of --library.", HelpName = "RUNTIME" };
    private readonly Option<string> reference = new("--reference") { Description = "What is right: onnx (ONNX Runtime), fp32 (the same library in 32 bits), or an .npz file of outputs. Default: onnx.", HelpName = "REFERENCE", DefaultValueFactory = _ => "onnx" };

    private readonly Option<string> mode = new("--mode")
    {
        Description = "minimal (default): a set of which no layer can be left out. bisect: the layers up to one, the fewest builds. linear: leaves out layer after layer, one build each.",
        HelpName = "MODE",
        DefaultValueFactory = _ => "minimal",
    };

    private readonly Option<string> direction = new("--direction", "--dir") { Description = "forward: from the inputs; reverse: from the outputs. Default: forward.", HelpName = "WAY", DefaultValueFactory = _ => "forward" };
    private readonly Option<int> most = new("--max-builds") { Description = "End the search after so many builds, with the layers that are known to be enough. Default: 200.", DefaultValueFactory = _ => 200 };
    private readonly Option<string?> save = new("--save-options") { Description = "Write the build options that were found as JSON, for trt build --options.", HelpName = "FILE" };
    private readonly Option<string?> architecture = new("--architecture") { Description = "The model builder for weights; without it recognised.", HelpName = "NAME" };
    private readonly SampleGroup samples = new();
    private readonly ToleranceGroup tolerances = new();

    private DebugPrecisionCommand(Session session) => this.session = session;

    public static Command Create(Session session)
    {
        DebugPrecisionCommand owner = new(session);
        Option[] own = [owner.precision, owner.runtimes, owner.reference, owner.mode, owner.direction, owner.most, owner.save, owner.architecture, CommonOptions.Library];
        Command command = CompareOptions.Command("precision", "Finds the layers that have to stay in 32 bits for the outputs to be within the tolerances, and gives the options that keep them so.", own, owner.samples, owner.tolerances,
        [
            ("trt debug precision model.onnx --precision fp16 --atol 1e-2 --rtol 1e-2", "Half precision, compared with ONNX Runtime on random inputs."),
            ("trt debug precision model.onnx --precision int8 --runtimes tensorrt --input data/ --check cosine", "8-bit integers, calibrated with and compared on the samples of a folder."),
        ]);
        command.Arguments.Add(owner.model);
        command.SetAction(owner.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CpuRuntime.Register();
        string how = OneOf(parsed, mode, "minimal", "bisect", "linear"), way = OneOf(parsed, direction, "forward", "reverse");
        if (parsed.GetValue(save) is { } target)
        {
            OutputPath.Check(target, save.Name);
        }

        Precision wanted = RunnerChoice.PrecisionOf(parsed.GetValue(precision)!) is { } known and not Precision.FP32 ? known : throw new UserError($"--precision {parsed.GetValue(precision)}: what is wanted is fp16, bf16, int8, fp8, or several with plus signs between.", ExitCode.Usage);
        string? library = parsed.GetValue(CommonOptions.Library);
        RunnerChoice choice = Choice(parsed, library) with { Precision = wanted };
        using ComparedModel compared = ComparedModel.Open(parsed.GetValue(model)!, parsed.GetValue(architecture));
        if (compared.Onnx is null)
        {
            throw new UserError($"{compared.Path} is a plan, whose types were chosen when it was built. Name the model that it was built from.");
        }

        RunnerFactory factory = CompareOptions.Factory(session, parsed, isQuiet: !session.Verbose);
        IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> inputs = samples.Make(session, parsed, [.. compared.Onnx.Inputs.Select(TensorSlot.Of)], factory.Profiles);
        using PrecisionTrial trial = new(factory, compared, choice.Load(session, library), choice, inputs, Wanted(parsed, factory, compared, choice, inputs), tolerances.Read(parsed));
        PrecisionAnswer answer = new PrecisionSearch(trial, choice, session, parsed.GetValue(most)).Find(how, way == "reverse");
        if (parsed.GetValue(save) is { } path)
        {
            File.WriteAllText(path, answer.Options.ToJson());
        }

        answer.Write(session);
        return ExitCode.Success;
    }

    private RunnerChoice Choice(ParseResult parsed, string? library)
    {
        if (parsed.GetValue(runtimes) is not { } text)
        {
            return RunnerChoice.Default(session.Library(library));
        }

        return RunnerChoice.Parse(text) is [{ IsLibrary: true, Precision: null } one]
            ? one
            : throw new UserError($"--runtimes {text}: one library is wanted that builds: cpu, tensorrt, rtx, or a path. --precision says the types.", ExitCode.Usage);
    }

    /// <summary>The right outputs of each sample.</summary>
    private IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> Wanted(ParseResult parsed, RunnerFactory factory, ComparedModel compared, RunnerChoice choice, IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> inputs)
    {
        string text = parsed.GetValue(reference)!;
        using ComparedRunner runner = text == "fp32"
            ? factory.Open("fp32", compared, choice with { Precision = Precision.FP32 }, inputs)
            : RunnerChoice.Parse(text) switch
            {
                [{ IsOnnx: true } onnx] => factory.Open("onnx", compared, onnx, inputs),
                [{ IsSaved: true } saved] => new SavedRunner(text, SampleFile.Read(saved.Target)),
                _ => throw new UserError($"--reference {text}: what is wanted is onnx, fp32 or an .npz file.", ExitCode.Usage),
            };
        return [.. inputs.Select((sample, i) => runner.Run(i, sample, session.Cancellation))];
    }

    private static string OneOf(ParseResult parsed, Option<string> option, params string[] words)
    {
        string text = parsed.GetValue(option)!.ToLowerInvariant();
        return words.Contains(text) ? text : throw new UserError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} {text}: what is wanted is {string.Join(" or ", words)}."), ExitCode.Usage);
    }
}
