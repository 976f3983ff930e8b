using System.CommandLine;
using System.Globalization;
using Trt.Cli.Commands.Run;
using Trt.Cli.Options;
using Trt.Lite;

namespace Trt.Cli.Commands;

/// <summary><c>trt run MODEL --input images/</c>: a model's answers to pictures, arrays or random values.</summary>
internal static class RunCommand
{
    private static readonly Argument<string[]> Files = new("MODEL [INPUT...]")
    {
        Description = "A plan, an ONNX model, or weights of a known architecture; further files are inputs, as after --input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Model = new("--onnx", "--load-engine", "--loadEngine") { Description = "The model, as trtexec names it.", HelpName = "FILE" };

    private static readonly Option<string[]> Input = new("--input", "-i", "--load-inputs", "--loadInputs")
    {
        Description = "A folder of pictures, a pattern (*.png), a picture, arrays (.npz, .npy, .safetensors), or bare bytes (x:data.bin); x= before it says which input it is for. Repeatable. Without any: random values.",
        HelpName = "[x=]FILE|FOLDER",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Shapes = new("--shapes") { Description = "Shapes of inputs that the model leaves open, as in x:1x3x224x224.", HelpName = "NAME:SHAPE,..." };
    private static readonly Option<bool> Convert = new("--convert") { Description = "Round and limit the values of files where an input's type does not hold them." };
    private static readonly Option<int> Seed = new("--seed") { Description = "Of random values. Default: 1.", HelpName = "N", DefaultValueFactory = _ => RandomTensors.DefaultSeed };
    private static readonly Option<string[]> Outputs = new("--outputs") { Description = "The outputs that are wanted, with commas between. Default: all.", HelpName = "NAME,...", DefaultValueFactory = _ => [] };

    private static readonly Option<string[]> Postprocess = new("--postprocess")
    {
        Description = $"What is made of outputs: {OutputPlan.Words}. Guessed from the shapes without it. Repeatable with OUTPUT=KIND.",
        HelpName = "[OUTPUT=]KIND",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Labels = new("--labels") { Description = "Names of the classes, a line each.", HelpName = "FILE" };
    private static readonly Option<int?> Top = new("--top") { Description = "How many classes are shown. Default: 1, of top-k and softmax 5.", HelpName = "K" };
    private static readonly Option<float?> Threshold = new("--threshold") { Description = "The least score of sigmoid (0.5), boxes and anchors (0.25) and of masks with one plane (0.5).", HelpName = "T" };
    private static readonly Option<float?> Overlap = new("--overlap") { Description = "Boxes of a class that overlap more than this are one. Default: 0.45, of anchors 0.5.", HelpName = "T" };

    private static readonly Option<string[]> BoxForm = new("--box-form")
    {
        Description = "How boxes lie: corners (default), centre (x, y of the middle, width, height), corner-size; and transposed, normalised, objectness. Several with commas between, as in centre,transposed.",
        HelpName = "WORD,...",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> Truth = new("--truth")
    {
        Description = "Where the right classes are, for the accuracy: names (the part of files' names before _ or -), folders, auto (default: either, where it tells all), none.",
        HelpName = "WHERE",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<bool> All = new("--all", "--dump-output", "--dumpOutput") { Description = "Show all values of raw outputs, not only their range." };
    private static readonly Option<string[]> Output = new("--output", "-o") { Description = "Where results go besides the screen: values into an .npz file, the document of --json into a .json file, pictures (masks, maps, boxes) into a folder. Repeatable.", HelpName = "FILE|FOLDER", DefaultValueFactory = _ => [] };
    private static readonly Option<int?> MaxBatch = new("--max-batch") { Description = "Most samples of a run, where the model leaves it open. Default: as many as there are, up to 32.", HelpName = "N" };
    private static readonly Option<int?> Profile = new("--use-profile", "--useProfile") { Description = "The only optimization profile to use.", HelpName = "N" };
    private static readonly Option<string?> Cache = new("--cache") { Description = "A folder where built engines are kept for the next time.", HelpName = "FOLDER" };

    public static Command Create(Session session)
    {
        Command command = new("run", "Runs a model on pictures, arrays or random values. Examples: trt run model.onnx --input images/; trt run model.plan --input x=data.npy -o out.npz; trt run unet.onnx photo.jpg -o masks/");
        command.Arguments.Add(Files);
        foreach (Option option in new Option[] { Input, Shapes, Convert, Seed, Outputs, Postprocess, Labels, Top, Threshold, Overlap, BoxForm, Truth, All, Output, MaxBatch, Profile, Cache, Model })
        {
            command.Options.Add(option);
        }

        PictureGroup.AddTo(command);
        PrecisionOption.AddTo(command);
        command.Options.Add(CommonOptions.Architecture);
        command.Options.Add(CommonOptions.Library);
        BuildGroup.AddTo(command);
        command.SetAction(parsed => new RunWork(session, parsed, Read(parsed)).Run());
        return command;
    }

    private static RunOptions Read(ParseResult parsed)
    {
        string[] files = parsed.GetValue(Files) ?? [];
        string? named = parsed.GetValue(Model);
        string model = named ?? files.FirstOrDefault() ?? throw new UserError("No model is named: trt run MODEL --input FILE", ExitCode.Usage);
        string[] postprocess = parsed.GetValue(Postprocess)!;
        string[] form = [.. parsed.GetValue(BoxForm)!.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries))];
        string[] targets = parsed.GetValue(Output)!;
        bool showsSeveral = postprocess.Any(text => text.EndsWith("top-k", StringComparison.OrdinalIgnoreCase) || text.EndsWith("topk", StringComparison.OrdinalIgnoreCase) || text.EndsWith("softmax", StringComparison.OrdinalIgnoreCase));
        return new RunOptions
        {
            Model = model,
            Inputs = [.. parsed.GetValue(Input)!, .. files.Skip(named is null ? 1 : 0)],
            Shapes = parsed.GetValue(Shapes) is { } shapes ? ShapeText.Parse(shapes, Shapes.Name) : new Dictionary<string, long[]>(),
            Seed = parsed.GetValue(Seed),
            Outputs = [.. parsed.GetValue(Outputs)!.SelectMany(ShapeText.Entries)],
            Postprocess = postprocess,
            Labels = parsed.GetValue(Labels) is { } labels ? ReadLabels(labels) : null,
            Top = AtLeast(parsed.GetValue(Top), 1, Top) ?? (showsSeveral ? 5 : 1),
            Threshold = parsed.GetValue(Threshold),
            Overlap = parsed.GetValue(Overlap),
            BoxFormat = Has("centre", "center") ? BoxFormat.CentreAndSize : Has("corner-size") ? BoxFormat.CornerAndSize : BoxFormat.Corners,
            BoxesAreTransposed = Has("transposed"),
            BoxesAreNormalised = Has("normalised", "normalized"),
            BoxesHaveObjectness = Has("objectness"),
            Truth = parsed.GetValue(Truth)!.ToLowerInvariant() is "auto" or "names" or "folders" or "none" ? parsed.GetValue(Truth)!.ToLowerInvariant() : throw new UserError($"--truth {parsed.GetValue(Truth)}: there are names, folders, auto and none.", ExitCode.Usage),
            All = parsed.GetValue(All),
            Npz = Target(".npz"),
            JsonFile = Target(".json"),
            PictureFolder = Folder(),
            Converts = parsed.GetValue(Convert),
            MaxBatch = AtLeast(parsed.GetValue(MaxBatch), 1, MaxBatch),
            Profile = AtLeast(parsed.GetValue(Profile), 0, Profile),
            Cache = parsed.GetValue(Cache),
            Architecture = parsed.GetValue(CommonOptions.Architecture),
            Library = parsed.GetValue(CommonOptions.Library),
        };

        bool Has(params string[] words)
        {
            string? unknown = form.FirstOrDefault(word => word.ToLowerInvariant() is not ("corners" or "centre" or "center" or "corner-size" or "transposed" or "normalised" or "normalized" or "objectness"));
            return unknown is null ? form.Any(word => words.Contains(word, StringComparer.OrdinalIgnoreCase)) : throw new UserError($"--box-form {unknown}: there are corners, centre, corner-size, transposed, normalised and objectness.", ExitCode.Usage);
        }

        string? Target(string ending) => targets.LastOrDefault(target => Path.GetExtension(target).Equals(ending, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(target));

        string? Folder()
        {
            string? folder = targets.LastOrDefault(target => Target(".npz") != target && Target(".json") != target);
            return folder is null || Directory.Exists(folder) || Path.EndsInDirectorySeparator(folder) || Path.GetExtension(folder).Length == 0
                ? folder
                : throw new UserError($"-o {folder}: values go into an .npz file, the document into a .json file, pictures into a folder (with / at its end, when its name has a dot).", ExitCode.Usage);
        }
    }

    private static int? AtLeast(int? value, int least, Option option) => value is null || value >= least ? value
        : throw new UserError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} {value}: at least {least} is wanted."), ExitCode.Usage);

    private static string[] ReadLabels(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserError($"--labels {path}: there is no such file.");
        }

        string[] lines = File.ReadAllLines(path);
        int end = lines.Length;
        while (end > 0 && lines[end - 1].Trim().Length == 0)
        {
            end--;
        }

        return [.. lines.Take(end).Select(line => line.Trim())];
    }
}
