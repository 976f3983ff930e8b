using System.CommandLine;
using System.Text.RegularExpressions;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt weights</c>: what is in a file of weights, and the same in another format.</summary>
internal static class WeightsCommand
{
    private static readonly string[] FloatTypes = ["fp32", "fp16", "bf16", "fp64"];

    public static Command Create(Session session) => new("weights", "Lists and converts PyTorch checkpoints, safetensors, .npz and .wts files.") { List(session), Convert(session) };

    private static Command List(Session session)
    {
        Argument<string> file = new("FILE") { Description = ".pth, .pt, .bin, .safetensors, .npz, .wts, or the index of a sharded checkpoint." };
        Argument<string?> prefix = new("PREFIX") { Description = "Only names that begin with this.", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("ls", "Lists the tensors of a file. Example: trt weights ls model.pth layer1.") { file, prefix };
        command.SetAction(parsed =>
        {
            using TorchStateDict weights = TorchStateDict.Open(parsed.GetValue(file)!);
            Description description = WeightsDescription.Of(weights, parsed.GetValue(prefix) ?? string.Empty);
            if (session.Json)
            {
                session.WriteJson(description.Write);
            }
            else
            {
                description.Print(session.Screen);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command Convert(Session session)
    {
        Argument<string> file = new("FILE") { Description = "Weights in any format, or an ONNX model, whose initializers are taken." };
        Option<string> output = new("--output", "-o") { Description = "Where to: .safetensors, .npz, .wts, or .onnx for a model of a known architecture.", Required = true, HelpName = "FILE" };
        Option<string?> type = new("--type") { Description = "Floating-point tensors become this. Values that would be lost are refused, those that are rounded are not." };
        type.AcceptOnlyFromAmong(FloatTypes);
        Option<string?> prefix = new("--prefix") { Description = "Only tensors whose names begin with this; the prefix goes.", HelpName = "TEXT" };
        Option<string[]> rename = new("--rename") { Description = "Regular expression and replacement, as s/^module\\.//; repeatable.", HelpName = "s/A/B/" };
        Option<int> opset = new("--opset") { Description = "Operator set of an .onnx file, 11 to 23.", DefaultValueFactory = _ => 17 };
        Command command = new("convert", "Writes weights in another format. Example: trt weights convert model.pth -o model.safetensors --type fp16") { file, output, type, prefix, rename, opset, CommonOptions.Architecture };
        command.SetAction(parsed =>
        {
            string to = parsed.GetValue(output)!;
            List<IDisposable> owned = [];
            try
            {
                WeightsMap weights = Open(parsed.GetValue(file)!, owned);
                weights = parsed.GetValue(prefix) is { Length: > 0 } start ? weights.Rename(name => name.StartsWith(start, StringComparison.Ordinal) ? name[start.Length..].TrimStart('.') : null) : weights;
                weights = (parsed.GetValue(rename) ?? []).Aggregate(weights, Rename);
                weights = parsed.GetValue(type) is { } wanted ? weights.ConvertTo(FloatType(wanted)) : weights;
                if (weights.Names.Count == 0)
                {
                    throw new UserError($"{parsed.GetValue(file)} has no tensors{(parsed.GetValue(prefix) is { } none ? $" whose names begin with \"{none}\"" : string.Empty)}.");
                }

                Write(weights, to, parsed.GetValue(CommonOptions.Architecture), parsed.GetValue(opset));
                if (session.Json)
                {
                    session.WriteJson(json =>
                    {
                        json.WriteStartObject();
                        json.WriteString("path", to);
                        json.WriteNumber("tensors", weights.Names.Count);
                        json.WriteNumber("bytes", new FileInfo(to).Length);
                        json.WriteEndObject();
                    });
                }
                else
                {
                    session.Screen.Line($"{weights.Names.Count} tensors in {to}, {Units.Bytes(new FileInfo(to).Length)}");
                }

                return ExitCode.Success;
            }
            finally
            {
                owned.ForEach(thing => thing.Dispose());
            }
        });
        return command;
    }

    private static WeightsMap Open(string path, List<IDisposable> owned)
    {
        if (!File.Exists(path))
        {
            throw new UserError($"There is no file {path}.");
        }

        if (ModelLoading.Kind(path) != Lite.Framework.Onnx)
        {
            WeightsMap map = WeightsMap.Open(path);
            owned.Add(map);
            return map;
        }

        OnnxModel model = OnnxModel.Load(path);
        owned.Add(model);
        return WeightsMap.From(model.Initializers.Where(tensor => tensor.ElementType != Interop.OnnxElementType.String).ToDictionary(tensor => tensor.Name, tensor =>
        {
            Interop.OnnxTensor values = model.GetInitializer(tensor.Name);
            return TorchTensor.FromBytes(values.AsBytes().ToArray(), ElementType.Of(values.ElementType, tensor.Name), [.. values.Dims]);
        }));
    }

    private static WeightsMap Rename(WeightsMap weights, string expression)
    {
        if (expression.Length < 4 || expression[0] != 's' || expression.Split(expression[1]) is not [_, { Length: > 0 } pattern, { } replacement, ""])
        {
            throw new UserError($"--rename {expression}: what is wanted is s/PATTERN/REPLACEMENT/, with any character for the slash.", ExitCode.Usage);
        }

        try
        {
            return weights.RenameMatches(pattern, replacement);
        }
        catch (Exception error) when (error is RegexParseException or RegexMatchTimeoutException)
        {
            throw new UserError($"--rename {expression}: {error.Message}", ExitCode.Usage);
        }
    }

    private static void Write(WeightsMap weights, string path, string? architecture, int opset)
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".safetensors":
                weights.SaveSafetensors(path);
                break;
            case ".npz":
                weights.SaveNpz(path);
                break;
            case ".wts":
                weights.SaveWts(path);
                break;
            case ".onnx":
                Cpu.CpuRuntime.Register();
                IModelBuilder builder = architecture is not null ? ModelLoading.Architecture(architecture) : ModelBuilders.Find(weights)
                    ?? throw new UserError($"The weights are of no architecture that is known ({string.Join(", ", ModelBuilders.All.Select(known => known.Name))}): an .onnx file needs one. Write .safetensors or .npz, or name it with --architecture.");
                OnnxExporter.FromWeights(builder, weights, path, new OnnxExportOptions { OpsetVersion = opset });
                break;
            default:
                throw new UserError($"--output {path}: the name must end in .safetensors, .npz, .wts or .onnx. PyTorch reads .safetensors with safetensors.torch.load_file.", ExitCode.Usage);
        }
    }

    private static TorchDType FloatType(string name) => name switch
    {
        "fp32" => TorchDType.Float32,
        "fp16" => TorchDType.Float16,
        "bf16" => TorchDType.BFloat16,
        _ => TorchDType.Float64,
    };
}
