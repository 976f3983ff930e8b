using System.CommandLine;
using System.CommandLine.Parsing;
using Trt.Cli.Building;
using Trt.Cli.Options;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt build MODEL -o x.plan</c>: makes a plan of a model.</summary>
internal static class BuildCommand
{
    private static readonly Argument<string?> Model = ModelArgument();

    private static readonly BuildOption Onnx = Text("--onnx", "FILE", "The model, as trtexec names it.");
    private static readonly BuildOption Plan = Text("--output -o --save-engine --saveEngine", "FILE", "The plan to write; FILE.json beside it says what made it. Without it the plan is built and thrown away.");
    private static readonly BuildOption Architecture = Text("--architecture", "NAME", "What the weights are of. Default: recognised by their names.");
    private static readonly BuildOption Shapes = BuildOption.Value("--shapes", "NAME:DxD,...", string.Empty, "Shapes of the only profile, as with --opt-shapes alone.", (o, text) => ShapeText.Parse(text, "--shapes") is null ? o : o);
    private static readonly BuildOption SavedOptions = Text("--save-options", "FILE", "Write the options as JSON, to be read by --options.");
    private static readonly BuildOption DryRun = Switch("--dry-run --check", "Build nothing; say what the library would refuse, all at once.");
    private static readonly BuildOption LoadedPlan = Text("--load-engine --loadEngine", "FILE", "The plan that --get-plan-version-only looks at. (trt refit exchanges the weights of a plan.)");
    private static readonly BuildOption PlanVersion = Switch("--get-plan-version-only --getPlanVersionOnly", "Print which release made the plan of --load-engine; nothing is loaded.");
    private static readonly BuildOption RefitSource = Text("--refit-from-onnx --refitFromOnnx", "FILE", "After the build, take the weights of this ONNX file; the plan gets --refit. Needs a library that runs plans here.");

    public static Command Create(Session session)
    {
        OptionGroup files = new("Files", [Onnx, Plan, Architecture, BuildOption.Of(BuildGroup.Base), SavedOptions, DryRun, LoadedPlan, PlanVersion, RefitSource, BuildOption.Of(CommonOptions.Library)]);
        GroupedCommand command = new("build", "Builds a plan of a model. Names in camel case are trtexec's; both stand for the same.")
        {
            Groups = [files, .. BuildGroup.Groups.Select(group => group.Title == ShapeOptions.Group.Title ? group with { Options = [.. group.Options, Shapes] } : group)],
            Examples =
            [
                ("trt build model.onnx -o model.plan", "With the library that is found; the CPU runtime where there is none."),
                ("trt build model.onnx -o model.plan --fp16 --batch 1:8:32", "Half precision; batches of 1 to 32, tuned for 8."),
                ("trt build model.onnx -o model.plan --min-shapes x:1x3x64x64 --opt-shapes x:4x3x512x512 --max-shapes x:8x3x1024x1024", "One profile; for several, --profile 0 and --profile 1 stand before their shapes."),
                ("trt build model.onnx -o model.plan --int8 --calibrate pictures/", "8-bit integers, with ranges found from pictures."),
                ("trt build --onnx=model.onnx --saveEngine=model.plan --fp16 --memPoolSize=workspace:2G", "trtexec's way to write it."),
                ("trt build model.onnx --library /opt/tensorrt-rtx -o model.plan --compute-capabilities 8.6,8.9", "TensorRT-RTX, also on a machine without a GPU."),
                ("trt build model.onnx --dry-run --strip-weights --vc", "What the library that is found would refuse."),
            ],
        };
        command.Arguments.Add(Model);
        foreach (BuildOption option in files.Options.Where(option => option.Option != BuildGroup.Base).Append(Shapes))
        {
            command.Options.Add(option.Option);
        }

        BuildGroup.AddTo(command);
        ElsewhereOptions.AddTo(command);
        command.SetAction(parsed => Run(session, parsed));
        return command;
    }

    private static int Run(Session session, ParseResult parsed)
    {
        if (PlanVersion.IsOn(parsed))
        {
            return PrintVersion(session, LoadedPlan.Text(parsed) ?? throw new UserError("--get-plan-version-only: it goes with --load-engine, which names the plan.", ExitCode.Usage));
        }

        BuildOptions options = BuildGroup.Read(parsed, Shapes.Text(parsed) is { } shapes ? ShapeText.Parse(shapes, "--shapes") : null);
        if (SavedOptions.Text(parsed) is { } target)
        {
            Save(session, options, target);
        }

        if (RuntimeOptions.Flavour(parsed) is { } flavour and not Flavour.TensorRT)
        {
            throw new UserError($"--use-runtime: {(flavour == Flavour.LeanRuntime ? "a lean" : "a dispatch")} runtime builds nothing. Leave it out here; trt run and trt bench load plans with it.", ExitCode.Usage);
        }

        string? refit = RefitSource.Text(parsed);
        if (refit is not null && !File.Exists(refit))
        {
            throw new UserError($"--refit-from-onnx={refit}: there is no such file.");
        }

        BuildRequest request = new(parsed, Source(parsed, dryRun: DryRun.IsOn(parsed)), Architecture.Text(parsed), Plan.Text(parsed), refit);
        TensorRtLibrary library = session.Library(parsed.GetValue(CommonOptions.Library));
        BuildRun run = new(session, library, request, refit is not null && options.Refit == RefitKind.None ? options with { Refit = RefitKind.All } : options);
        return DryRun.IsOn(parsed) ? run.Check() : run.Build();
    }

    private static string? Source(ParseResult parsed, bool dryRun)
    {
        string? positional = parsed.GetValue(Model), onnx = Onnx.Text(parsed);
        if (LoadedPlan.Text(parsed) is { } plan)
        {
            throw new UserError($"--load-engine={plan}: a plan is built already. trt inspect shows it, trt run and trt bench run it, trt refit exchanges its weights.", ExitCode.Usage);
        }

        if (positional is not null && onnx is not null)
        {
            throw new UserError($"{positional} and --onnx={onnx} are two models. Name one.", ExitCode.Usage);
        }

        if (Plan.Text(parsed) is { } target && (positional ?? onnx) is { } model && Path.GetFullPath(target) == Path.GetFullPath(model))
        {
            throw new UserError($"--output={target}: that is the model. Give the plan a name of its own.", ExitCode.Usage);
        }

        return positional ?? onnx ?? (dryRun ? null : throw new UserError("There is no model to build. Name it: trt build model.onnx -o model.plan", ExitCode.Usage));
    }

    private static int PrintVersion(Session session, string plan)
    {
        PlanHead head = PlanHead.Read(plan);
        if (head.Format == PlanFormat.Unknown)
        {
            throw new UserError($"{plan} is no plan of a known form. {head.Problem}".TrimEnd());
        }

        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("plan", plan);
                json.WriteString("producer", head.Producer);
                json.WriteString("release", head.Release?.ToString());
                json.WriteEndObject();
            });
        }
        else
        {
            session.Output.WriteLine(head.Producer);
        }

        return ExitCode.Success;
    }

    private static void Save(Session session, BuildOptions options, string target)
    {
        File.WriteAllText(target, options.ToJson() + "\n");
        if (options.Calibration is not null)
        {
            session.Error.WriteLine($"trt: warning: --save-options={target}: the data of --calibrate is not in it; name it again beside --options.");
        }
    }

    private static Argument<string?> ModelArgument()
    {
        Argument<string?> model = new("MODEL") { Description = "ONNX file, or weights (.pth, .pt, .safetensors, ...) of an architecture that is known.", Arity = ArgumentArity.ZeroOrOne };
        model.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', _, ..] word }])
            {
                result.AddError(NearestOption.Answer(((CommandResult)result.Parent!).Command, word));
            }
        });
        return model;
    }

    private static BuildOption Text(string names, string value, string description) => BuildOption.Value(names, value, string.Empty, description, (o, _) => o);

    private static BuildOption Switch(string names, string description) => BuildOption.Flag(names, string.Empty, description, (o, _) => o);
}
