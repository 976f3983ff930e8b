using System.CommandLine;
using System.Globalization;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt onnx</c>: what onnxsim, onnxoptimizer and Polygraphy's surgeon do to models.</summary>
internal static class OnnxCommand
{
    private const double DefaultTolerance = 1e-5;

    public static Command Create(Session session) => new("onnx", "Simplifies, optimises, cuts and reshapes ONNX models, and writes them from weights.")
    {
        Simplify(session), Optimize(session), Extract(session), SetShape(session), InferShapes(session), ConvertOpset(session), ToOnnx(session),
    };

    private static Command Simplify(Session session)
    {
        Option<bool> keep = new("--no-fold") { Description = "Do not compute what depends on constants only." };
        Option<string?> most = new("--max-folded") { Description = "Computed constants of more bytes are not kept, such as 16M.", HelpName = "SIZE" };
        Option<string[]> passes = PassesOption("Only these passes; all that simplifying needs otherwise.");
        CheckOptions check = new();
        Option<bool> unchecked_ = new("--no-check") { Description = "Do not compare outputs with those before." };
        Command command = Changing(session, "simplify", "Makes a model simpler: folds constants, merges and removes nodes, and compares outputs. Example: trt onnx simplify model.onnx -o simple.onnx", [keep, most, passes, unchecked_, .. check.All], (model, parsed) => (model, model.Simplify(new OnnxSimplifyOptions
        {
            Check = parsed.GetValue(unchecked_) ? null : check.Read(parsed),
            FoldConstants = !parsed.GetValue(keep),
            MaxFoldedBytes = parsed.GetValue(most) is { } size ? Units.ParseBytes(size, most.Name) : new OnnxSimplifyOptions().MaxFoldedBytes,
            Passes = Listed(parsed.GetValue(passes)),
        })));
        return command;
    }

    private static Command Optimize(Session session)
    {
        Option<string[]> passes = PassesOption("Passes, in the order in which they run; onnxoptimizer's usual ones otherwise.");
        Option<bool> repeat = new("--fixed-point") { Description = "Again and again, until nothing changes." };
        Option<bool> compare = new("--check") { Description = "Compare outputs after each pass that changed something." };
        CheckOptions check = new();
        Command command = Changing(session, "optimize", $"Runs passes of onnxoptimizer:\n{string.Join('\n', OnnxPasses.All.Select(name => $"{name}: {OnnxPasses.Describe(name)}"))}\nExample: trt onnx optimize model.onnx -o fused.onnx --passes fuse_bn_into_conv", [passes, repeat, compare, .. check.All], (model, parsed) =>
            (model, model.Optimize(Listed(parsed.GetValue(passes)), new OnnxOptimizeOptions { FixedPoint = parsed.GetValue(repeat), Check = parsed.GetValue(compare) ? check.Read(parsed) : null })));
        command.Aliases.Add("optimise");
        return command;
    }

    private static Command Extract(Session session)
    {
        Option<string[]> inputs = new("--inputs") { Description = "Tensors that become inputs; the model's own when left out.", AllowMultipleArgumentsPerToken = true, HelpName = "NAMES" };
        Option<string[]> outputs = new("--outputs") { Description = "Tensors that become outputs; the model's own when left out.", AllowMultipleArgumentsPerToken = true, HelpName = "NAMES" };
        return Changing(session, "extract", "Cuts out the part of a model between tensors. Example: trt onnx extract model.onnx -o head.onnx --inputs data --outputs relu1", [inputs, outputs], (model, parsed) =>
        {
            string[] from = parsed.GetValue(inputs) is { Length: > 0 } given ? given : [.. model.Inputs.Select(input => input.Name)];
            string[] to = parsed.GetValue(outputs) is { Length: > 0 } wanted ? wanted : [.. model.Outputs.Select(output => output.Name)];
            OnnxModel part = model.Extract(from, to);
            return (part, $"{part.Nodes.Count} of {model.Nodes.Count} nodes, {string.Join(", ", part.Inputs)} -> {string.Join(", ", part.Outputs)}");
        });
    }

    private static Command SetShape(Session session)
    {
        Option<string[]> shapes = new("--shape") { Description = "Extents of an input or output, as x:1x3x224x224; a word is a dynamic extent with that name, ? one without (x:N,3,?,? where a name has an x in it). Repeatable.", HelpName = "NAME:DIMS" };
        Option<string?> batch = new("--batch") { Description = "The first extent of all inputs: a number, or a word for a dynamic one. Reshapes that hold the old one follow.", HelpName = "N" };
        return Changing(session, "set-shape", "Gives inputs other extents. Examples: trt onnx set-shape model.onnx -o fixed.onnx --shape x:1x3x224x224; trt onnx set-shape model.onnx -o dynamic.onnx --batch N", [shapes, batch], (model, parsed) =>
        {
            string[] given = parsed.GetValue(shapes) ?? [];
            if (given.Length == 0 && parsed.GetValue(batch) is null)
            {
                throw new UserError("Nothing is to be changed: say --shape NAME:DIMS or --batch N.", ExitCode.Usage);
            }

            if (parsed.GetValue(batch) is { } first)
            {
                model.SetBatchSize(Dim(first));
            }

            foreach (string text in given)
            {
                int colon = text.LastIndexOf(':');
                if (colon < 1)
                {
                    throw new UserError($"--shape {text}: what is wanted is a name, a colon, and extents, as x:1x3x224x224.", ExitCode.Usage);
                }

                string dims = text[(colon + 1)..];
                model.SetShape(text[..colon], [.. dims.Split(dims.Contains(',', StringComparison.Ordinal) ? ',' : 'x', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Dim)]);
            }

            return (model, $"{string.Join(", ", model.Inputs)} -> {string.Join(", ", model.Outputs)}");
        });
    }

    private static Command InferShapes(Session session) => Changing(session, "infer-shapes", "Writes the types and extents of all tensors into a model. Example: trt onnx infer-shapes model.onnx -o shaped.onnx", [], (model, _) =>
    {
        model.InferShapes();
        return (model, $"{string.Join(", ", model.Inputs)} -> {string.Join(", ", model.Outputs)}");
    });

    private static Command ConvertOpset(Session session)
    {
        Option<int> opset = new("--opset") { Description = "The version wanted, 11 to 23.", Required = true };
        return Changing(session, "convert-opset", "Writes a model with another version of ONNX's operators. Example: trt onnx convert-opset model.onnx -o older.onnx --opset 13", [opset], (model, parsed) =>
        {
            long before = model.Opsets.GetValueOrDefault(string.Empty);
            model.ConvertOpset(parsed.GetValue(opset));
            return (model, $"opset {before} -> {model.Opsets[string.Empty]}, {model.Nodes.Count} nodes");
        });
    }

    private static Command ToOnnx(Session session)
    {
        Argument<string> weights = new("WEIGHTS") { Description = "A checkpoint of a known architecture: .pth, .pt, .safetensors, .npz." };
        Option<string> output = OutputOption();
        Option<int> opset = new("--opset") { Description = "Operator set, 11 to 23.", DefaultValueFactory = _ => 17 };
        Option<string[]> shapes = new("--shape") { Description = "Extents of an input, as 1x3x224x224 or Nx3x224x224; one for each input, in order.", HelpName = "DIMS" };
        Option<string[]> inputs = new("--input-names") { Description = "Names of the inputs, in order.", AllowMultipleArgumentsPerToken = true, HelpName = "NAMES" };
        Option<string[]> outputs = new("--output-names") { Description = "Names of the outputs, in order.", AllowMultipleArgumentsPerToken = true, HelpName = "NAMES" };
        Option<bool> simplify = new("--simplify") { Description = "Simplify it too, and compare outputs." };
        Command command = new("to-onnx", "Writes the model that weights are of as ONNX. Example: trt onnx to-onnx unet.pth -o unet.onnx --shape Nx3x64x64") { weights, output, opset, shapes, inputs, outputs, simplify, CommonOptions.Architecture };
        command.SetAction(parsed =>
        {
            CpuRuntime.Register();
            string path = parsed.GetValue(output)!;
            using WeightsMap map = WeightsMap.Open(Existing(parsed.GetValue(weights)!));
            IModelBuilder builder = parsed.GetValue(CommonOptions.Architecture) is { } name ? ModelLoading.Architecture(name)
                : ModelBuilders.Find(map) ?? throw new UserError($"{parsed.GetValue(weights)} is of no architecture that is known: {string.Join(", ", ModelBuilders.All.Select(known => known.Name))}. Name it with --architecture.");
            OnnxExporter.FromWeights(builder, map, path, new OnnxExportOptions
            {
                OpsetVersion = parsed.GetValue(opset),
                InputShapes = parsed.GetValue(shapes) is { Length: > 0 } given ? [.. given.Select(text => (IReadOnlyList<OnnxDim>)[.. text.Split(text.Contains(',', StringComparison.Ordinal) ? ',' : 'x').Select(Dim)])] : null,
                InputNames = Listed(parsed.GetValue(inputs)),
                OutputNames = Listed(parsed.GetValue(outputs)),
                Simplify = parsed.GetValue(simplify) ? new OnnxSimplifyOptions() : null,
            });
            using OnnxModel made = OnnxModel.LoadOutline(path);
            Report(session, path, $"{builder.Name}: {string.Join(", ", made.Inputs)} -> {string.Join(", ", made.Outputs)}, {made.Nodes.Count} nodes", null);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A command that opens a model, changes it, and saves what comes of it.</summary>
    private static Command Changing(Session session, string name, string description, IEnumerable<Option> options, Func<OnnxModel, ParseResult, (OnnxModel Model, object Report)> change)
    {
        Argument<string> file = new("MODEL") { Description = "An ONNX model." };
        Option<string> output = OutputOption();
        Option<bool> external = new("--external-data") { Description = "Weights go into a file beside the model; else they do above 1 GiB, or when they were." };
        Command command = new(name, description) { file, output, external };
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed =>
        {
            CpuRuntime.Register();
            using OnnxModel model = OnnxModel.Load(Existing(parsed.GetValue(file)!));
            (OnnxModel changed, object report) = change(model, parsed);
            using (changed)
            {
                changed.Save(parsed.GetValue(output)!, new OnnxSaveOptions { ExternalData = parsed.GetValue(external) ? true : null });
            }

            Report(session, parsed.GetValue(output)!, report.ToString()!, report as OnnxOptimizeReport);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Report(Session session, string path, string text, OnnxOptimizeReport? report)
    {
        if (!session.Json)
        {
            session.Screen.Line(text.TrimEnd());
            session.Screen.Line($"{path}, {Units.Bytes(new FileInfo(path).Length)}");
            return;
        }

        session.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("path", path);
            json.WriteNumber("bytes", new FileInfo(path).Length);
            if (report is null)
            {
                json.WriteString("model", text);
            }
            else
            {
                json.WriteNumber("nodesBefore", report.Before.Total);
                json.WriteNumber("nodesAfter", report.After.Total);
                json.WriteNumber("folded", report.Folded);
                json.WriteNumber("comparedRuns", report.ComparedRuns);
                json.WriteNumber("worstDifference", report.WorstDifference);
                json.WriteStartObject("operators");
                foreach (string op in report.Before.Keys.Union(report.After.Keys).Order(StringComparer.Ordinal))
                {
                    json.WriteStartArray(op);
                    json.WriteNumberValue(report.Before[op]);
                    json.WriteNumberValue(report.After[op]);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
                json.WriteStartObject("changes");
                foreach ((string pass, int changes) in report.Changes)
                {
                    json.WriteNumber(pass, changes);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
    }

    private static string Existing(string path) => File.Exists(path) ? path : throw new UserError($"There is no file {path}.");

    private static Option<string> OutputOption() => new("--output", "-o") { Description = "The file to write.", Required = true, HelpName = "FILE" };

    private static Option<string[]> PassesOption(string description) => new("--passes") { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = "NAMES" };

    private static string[]? Listed(string[]? names) => names is { Length: > 0 } ? [.. names.SelectMany(name => name.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))] : null;

    private static OnnxDim Dim(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number >= -1 ? number : throw new UserError($"{text} is no extent: it must be 0 or more, -1 or ? for one that is open, or a word.", ExitCode.Usage)
        : text == "?" ? -1
        : text;

    /// <summary>How outputs are compared.</summary>
    private sealed class CheckOptions
    {
        private readonly Option<int> count = new("--check-count", "--check-n") { Description = "How many runs are compared, each with other random inputs.", DefaultValueFactory = _ => new OnnxCheckOptions().Count };
        private readonly Option<string?> shapes = new("--input-shape", "--test-input-shape") { Description = "Extents for these runs where they are dynamic, as x:1x3x224x224,y:8.", HelpName = "SHAPES" };
        private readonly Option<double> absolute = new("--atol") { Description = "How far outputs may be apart.", DefaultValueFactory = _ => DefaultTolerance };
        private readonly Option<double> relative = new("--rtol") { Description = "And beyond that, as a part of the value before.", DefaultValueFactory = _ => 1e-4 };

        public IEnumerable<Option> All => [count, shapes, absolute, relative];

        public OnnxCheckOptions Read(ParseResult parsed) => new()
        {
            Count = parsed.GetValue(count),
            InputShapes = parsed.GetValue(shapes) is { } text ? new Dictionary<string, long[]>(ShapeText.Parse(text, shapes.Name)) : new Dictionary<string, long[]>(),
            AbsoluteTolerance = parsed.GetValue(absolute),
            RelativeTolerance = parsed.GetValue(relative),
        };
    }
}
