using System.CommandLine;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt calibrate MODEL --data FOLDER -o model.cache</c>: ranges for INT8, to build with later and elsewhere.</summary>
internal static class CalibrateCommand
{
    public static Command Create(Session session)
    {
        Argument<string?> model = new("MODEL") { Description = "An ONNX model, or weights of a known architecture.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> onnx = new("--onnx") { Description = "The model, as trtexec names it.", HelpName = "FILE" };
        Option<string?> data = new("--data", "--calibrate") { Description = "Pictures in a folder (subfolders too), or an .npz file with an array for each input, items along its first axis.", HelpName = "FOLDER|NPZ" };
        Option<string?> output = new("--output", "-o")
        {
            Description = "A calibration cache, in NVIDIA's text format, for trt build --int8 --calib and trtexec; or, when it ends in .onnx, the model with QuantizeLinear and DequantizeLinear nodes, which every release builds.",
            HelpName = "FILE",
        };
        Option<string> algorithm = new("--algorithm") { Description = "entropy2 (default, for pictures), minmax (for transformers), entropy, legacy.", HelpName = "NAME", DefaultValueFactory = _ => "entropy2" };
        Option<int?> batch = new("--batch-size") { Description = "How many items are shown at a time, where the model leaves it open. What does not fill the last batch is left out.", HelpName = "N" };
        Option<int?> count = new("--count") { Description = "The most pictures of the folder, in the order of their names.", HelpName = "N" };
        Option<double> quantile = new("--quantile") { Description = "Of legacy: the share of values that a range holds, 0 to 1. Default: 0.9999.", HelpName = "Q", DefaultValueFactory = _ => 0.9999 };
        Option<double> cutoff = new("--cutoff") { Description = "Of legacy: from which share of the range on a line is fitted, 0 to 1. Default: 1.", HelpName = "C", DefaultValueFactory = _ => 1 };
        Option<string?> shapes = new("--shapes") { Description = "Shapes of inputs that the model leaves open, as in x:1x3x224x224.", HelpName = "NAME:SHAPE,..." };
        Option<string[]> exclude = new("--exclude") { Description = "Layers that stay in floating point. Repeatable.", HelpName = "LAYER", DefaultValueFactory = _ => [] };
        Command command = new("calibrate", "Finds the ranges of a model's tensors for INT8. Example: trt calibrate model.onnx --data pictures/ -o model.cache")
        {
            model, onnx, data, output, algorithm, batch, count, quantile, cutoff, shapes, exclude,
        };
        PictureGroup.AddTo(command);
        command.Options.Add(CommonOptions.Architecture);
        command.Options.Add(CommonOptions.Library);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(model) ?? parsed.GetValue(onnx) ?? throw new UserError("No model is named: trt calibrate MODEL --data FOLDER -o model.cache", ExitCode.Usage);
            string folder = parsed.GetValue(data) ?? throw new UserError("No data is named: --data FOLDER has pictures like those that the model will see, some hundred of them.", ExitCode.Usage);
            string target = parsed.GetValue(output) ?? throw new UserError("No output is named: -o model.cache, or -o quantized.onnx.", ExitCode.Usage);
            string? architecture = parsed.GetValue(CommonOptions.Architecture);
            IReadOnlyList<TensorSlot> slots = ModelSlots.Of(path, architecture)
                ?? throw new UserError($"{path} is a plan, which is built already: calibrate the model that it was built from.");
            OutputPath.Check(target, "-o");
            bool isModel = Path.GetExtension(target).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
            using CalibrationData set = CalibrationData.Open(folder, slots, PictureGroup.Read(parsed), Positive(parsed, batch), Positive(parsed, count), isModel ? null : target, "--data");
            set.Calibration.Algorithm = CalibrationData.Algorithm(parsed.GetValue(algorithm)!, "--algorithm");
            set.Calibration.Quantile = Share(parsed, quantile);
            set.Calibration.RegressionCutoff = Share(parsed, cutoff);
            set.Calibration.ExcludedLayers.UnionWith(parsed.GetValue(exclude)!);
            BuildOptions options = new()
            {
                Precision = Precision.Int8,
                Calibration = set.Calibration,
                Batch = new ExtentRange(1, set.BatchSize, set.BatchSize),
                Profiles = Profile(parsed.GetValue(shapes)),
                ReadBack = false,
            };
            return Calibrate(session, parsed.GetValue(CommonOptions.Library), ModelLoading.Source(path, architecture), options, set, target, isModel);
        });
        return command;
    }

    private static int Calibrate(Session session, string? choice, ModelSource source, BuildOptions options, CalibrationData set, string target, bool isModel)
    {
        TensorRtLibrary library = session.Library(choice);
        bool calibrates = library.Supports("IBuilderConfig.setInt8Calibrator") && !isModel;
        EngineBuilder builder = new(library, session.Logger);
        DateTime before = File.Exists(target) ? File.GetLastWriteTimeUtc(target) : DateTime.MinValue;
        if (calibrates)
        {
            library = Runtimes.For(session, choice, source.Name);
            builder.Build(source, options, session.Progress, session.Cancellation).Dispose();
        }
        else
        {
            builder.Define(source, network => Write(network, isModel ? target : null), options with { StronglyTyped = true }, session.Progress, session.Cancellation);
        }

        if (!File.Exists(target))
        {
            throw new UserError($"{target} was not written: the model has no tensors to calibrate, or its own quantize nodes.");
        }

        bool isReused = !isModel && File.GetLastWriteTimeUtc(target) == before;
        int scales = set.Calibration.Scales.Count;
        string how = isReused ? "the file that is there is of this model and data; nothing was run"
            : calibrates ? $"{library} calibrates itself"
            : isModel ? "run on the CPU runtime; every release builds the model"
            : $"run on the CPU runtime, since {library} has no calibrators: trt build takes the file with --calibration-cache beside --calibrate; -o FILE.onnx writes a model that every release builds";
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("model", source.Name);
                json.WriteString("library", library.ToString());
                json.WriteString("algorithm", set.Calibration.Algorithm.ToString());
                json.WriteBoolean("calibrator", calibrates);
                json.WriteBoolean("reused", isReused);
                json.WriteString("written", target);
                json.WriteStartObject("scales");
                foreach ((string tensor, float scale) in set.Calibration.Scales)
                {
                    json.WriteNumber(tensor, scale);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            });
            return ExitCode.Success;
        }

        session.Screen.Facts(
            ("model", source.Name),
            ("data", set.Text),
            ("how", how),
            ("tensors", $"{Units.Count(scales)} with a range"),
            ("written", $"{target}, {Units.Bytes(new FileInfo(target).Length)}"));
        return ExitCode.Success;
    }

    private static bool Write(INetworkDefinition network, string? path)
    {
        if (path is not null)
        {
            TensorRt.ExportOnnx(network, path);
        }

        return true;
    }

    private static IReadOnlyList<ShapeProfile> Profile(string? text)
    {
        if (text is null)
        {
            return [];
        }

        ShapeProfile profile = new();
        foreach ((string name, long[] extents) in ShapeText.Parse(text, "--shapes"))
        {
            profile[name] = new ShapeRange(extents);
        }

        return [profile];
    }

    private static int? Positive(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) is not { } value ? null
        : value >= 1 ? value
        : throw new UserError($"{option.Name} {value}: at least 1 is wanted.", ExitCode.Usage);

    private static double Share(ParseResult parsed, Option<double> option) => parsed.GetValue(option) is >= 0 and <= 1 and var value ? value
        : throw new UserError($"{option.Name} {parsed.GetValue(option)}: a number from 0 to 1 is wanted.", ExitCode.Usage);
}
