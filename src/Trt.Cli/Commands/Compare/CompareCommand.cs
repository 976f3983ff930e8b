using System.CommandLine;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt compare</c>: the same inputs on several runtimes, or in several models, and how far the outputs are apart.</summary>
internal sealed class CompareCommand
{
    private readonly Session session;
    private readonly Argument<string> model = new("MODEL") { Description = "ONNX model, weights, or plan." };
    private readonly Argument<string?> other = new("OTHER") { Description = "A second model or plan, which is run on the same inputs.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<string?> runtimes = new("--runtimes", "-r")
    {
        Description = "What runs the models, with commas between: onnx (ONNX Runtime), cpu, tensorrt, rtx, a library's path, each library with a precision if wanted (cpu:fp16, tensorrt:int8), or outputs.npz that were saved. The first is the reference. Default: onnx and the library; for two ONNX models onnx.",
        HelpName = "LIST",
    };

    private readonly Option<string?> reference = new("--reference") { Description = "Which of the runtimes is right, if not the first.", HelpName = "RUNTIME" };
    private readonly Option<bool> layers = new("--layers", "--per-layer") { Description = "Compare every tensor between the nodes, in the graph's order, and name the first that differs." };
    private readonly Option<string[]> mark = new("--mark") { Description = "Compare these tensors too, with commas between; all: as --layers.", HelpName = "NAMES" };

    // As Polygraphy writes it, with blanks between: mark all.
    private readonly Option<string[]> outputs = new("--onnx-outputs", "--trt-outputs") { Hidden = true, AllowMultipleArgumentsPerToken = true };
    private readonly Option<bool> validate = new("--validate") { Description = "Fail when outputs have NaN or infinities, and name the first tensor that has." };
    private readonly Option<bool> failFast = new("--fail-fast") { Description = "Stop at the first tensor that differs." };
    private readonly Option<bool> histogram = new("--histogram") { Description = "Show how values and differences are distributed." };
    private readonly Option<string?> saveOutputs = new("--save-outputs", "--save-results", "--exportOutput") { Description = "Write the reference's outputs into an .npz file, to be compared with later.", HelpName = "FILE" };
    private readonly Option<string?> architecture = new("--architecture") { Description = "The model builder for weights; without it recognised.", HelpName = "NAME" };
    private readonly SampleGroup samples = new();
    private readonly ToleranceGroup tolerances = new();

    private CompareCommand(Session session) => this.session = session;

    public static Command Create(Session session)
    {
        CompareCommand owner = new(session);
        Option[] own = [owner.runtimes, owner.reference, owner.layers, owner.mark, owner.validate, owner.failFast, owner.histogram, owner.saveOutputs, owner.architecture, CommonOptions.Library];
        Command command = CompareOptions.Command("compare", "Runs the same inputs on several runtimes or models and compares the outputs. Exit code 1 when they differ.", own, owner.samples, owner.tolerances,
        [
            ("trt compare model.onnx", "ONNX Runtime and the library that is found, on random inputs."),
            ("trt compare model.onnx --runtimes onnx,cpu:fp16 --layers --atol 1e-3", "Half precision, tensor by tensor."),
            ("trt compare good.onnx faulty.onnx --layers", "Two models; the first tensor that differs is named with its node."),
            ("trt compare model.onnx --runtimes golden.npz,tensorrt --input golden.npz", "Outputs of another program."),
            ("trt compare model.plan --library tensorrt/ --save-outputs golden.npz", "Outputs to be compared with later."),
        ]);
        command.Options.Add(owner.outputs);
        command.Arguments.Add(owner.model);
        command.Arguments.Add(owner.other);
        command.SetAction(owner.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CpuRuntime.Register();
        using ComparedModels compared = ComparedModels.Open(session, parsed.GetValue(model)!, parsed.GetValue(other), parsed.GetValue(architecture));
        Mark(parsed, compared);
        Func<string, ComparisonRule> rules = tolerances.Read(parsed);
        RunnerFactory factory = CompareOptions.Factory(session, parsed);
        if (parsed.GetValue(saveOutputs) is { } target)
        {
            OutputPath.Check(target, saveOutputs.Name);
        }

        IReadOnlyList<RunnerChoice> choices = Choices(parsed, compared);
        (IReadOnlyList<TensorSlot> slots, IReadOnlyDictionary<string, long[]>? usual) = compared.Slots(factory, choices);
        IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> inputs = samples.Make(session, parsed, slots, factory.Profiles, usual);
        IReadOnlyList<ComparedRunner> runners = compared.Runners(factory, choices, inputs);
        ComparedRunner right = parsed.GetValue(reference) is { } name
            ? runners.FirstOrDefault(runner => runner.Name == name) ?? throw new UserError($"--reference {name} is none of {string.Join(", ", runners.Select(runner => runner.Name))}.", ExitCode.Usage)
            : runners[0];
        if (runners.Count < 2 && parsed.GetValue(saveOutputs) is null && !parsed.GetValue(validate))
        {
            throw new UserError("There is one runner only, and nothing to compare it with. Name a second runtime or model, or ask for --save-outputs or --validate.", ExitCode.Usage);
        }

        CompareRun run = new(runners, right, new GraphOrder(compared.First.Onnx), rules) { Validates = parsed.GetValue(validate), MakesHistograms = parsed.GetValue(histogram), StopsAtFirst = parsed.GetValue(failFast) };
        List<IReadOnlyDictionary<string, OnnxTensor>> kept = [];
        run.Execute(inputs, parsed.GetValue(saveOutputs) is null ? null : kept.Add, session.Cancellation);
        if (parsed.GetValue(saveOutputs) is { } path)
        {
            SampleFile.Write(path, kept);
        }

        if (session.Json)
        {
            session.WriteJson(json => CompareJson.Write(json, run, runners, right));
        }
        else
        {
            bool canMark = compared.All.All(each => each.Onnx is not null) && !parsed.GetValue(layers);
            CompareText.Write(session.Screen, run, runners, right, parsed.GetValue(histogram), hint: canMark);
        }

        return run.Passed ? ExitCode.Success : ExitCode.Failure;
    }

    private IReadOnlyList<RunnerChoice> Choices(ParseResult parsed, ComparedModels compared)
    {
        if (parsed.GetValue(runtimes) is { } text)
        {
            return RunnerChoice.Parse(text);
        }

        RunnerChoice onnx = new("onnx", "onnx", null);
        if (compared.All.Count > 1 && compared.All.All(each => each.Onnx is not null))
        {
            return [onnx];
        }

        // A plan says which kind of library it needs.
        ComparedModel decides = compared.All.FirstOrDefault(each => each.Onnx is null) ?? compared.First;
        RunnerChoice found = RunnerChoice.Default(Runtimes.For(session, parsed.GetValue(CommonOptions.Library), decides.Path));
        return compared.All.Any(each => each.Onnx is not null) ? [onnx, found] : [found];
    }

    private void Mark(ParseResult parsed, ComparedModels compared)
    {
        string[] names = [.. (parsed.GetValue(mark) ?? []).Concat(parsed.GetValue(outputs) ?? []).SelectMany(ShapeText.Entries)];
        bool all = parsed.GetValue(layers) || names.Contains("all");
        names = [.. names.Where(name => name is not "all" and not "mark")];
        if (!all && names.Length == 0)
        {
            return;
        }

        foreach (ComparedModel each in compared.All)
        {
            if (each.Onnx is null)
            {
                throw new UserError($"{each.Path} is a plan, whose outputs cannot be changed any more. Compare the model that it was built from.");
            }

            each.Change(onnx =>
            {
                if (all)
                {
                    onnx.MarkAllOutputs();
                }
                else
                {
                    onnx.MarkOutputs(names);
                }
            });
        }
    }
}
