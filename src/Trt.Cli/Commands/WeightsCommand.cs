using System.CommandLine;
using System.Text.Json;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt weights</c>: what is in a file of weights, and the same in another format.</summary>
internal static class WeightsCommand
{
    public static Command Create(Session session) => new("weights", "Lists and converts PyTorch checkpoints, safetensors, .npz and .wts files.") { List(session) };

    private static Command List(Session session)
    {
        Argument<string> file = new("FILE") { Description = ".pth, .pt, .bin, .safetensors, .npz, .wts, or the index of a sharded checkpoint." };
        Argument<string?> prefix = new("PREFIX") { Description = "Only names that begin with this.", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("ls", "Lists the tensors of a file. Example: trt weights ls model.pth layer1.") { file, prefix };
        command.SetAction(parsed =>
        {
            using TorchStateDict weights = TorchStateDict.Open(parsed.GetValue(file)!);
            string start = parsed.GetValue(prefix) ?? string.Empty;
            TorchTensor[] tensors = [.. weights.Values.Where(tensor => tensor.Name.StartsWith(start, StringComparison.Ordinal))];
            Print(session, weights, tensors);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The tensors of a file, as text or JSON.</summary>
    public static void Print(Session session, TorchStateDict weights, IReadOnlyList<TorchTensor> tensors)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, weights, tensors));
            return;
        }

        session.Screen.Table(["name", "type", "shape", "#elements", "#bytes"], tensors.Select(tensor => (IReadOnlyList<string>)
            [tensor.Name, tensor.DType.TorchName(), Units.Shape(tensor.Shape), Units.Count(tensor.ElementCount), Units.Count(tensor.ByteCount)]));
        session.Screen.Line($"{tensors.Count} tensors, {Units.Count(tensors.Sum(tensor => tensor.ElementCount))} elements, {Units.Bytes(tensors.Sum(tensor => tensor.ByteCount))}");
    }

    private static void Write(Utf8JsonWriter json, TorchStateDict weights, IReadOnlyList<TorchTensor> tensors)
    {
        json.WriteStartObject();
        json.WriteString("path", weights.Path);
        json.WriteStartArray("tensors");
        foreach (TorchTensor tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("type", tensor.DType.TorchName());
            json.WriteStartArray("shape");
            foreach (long extent in tensor.Shape)
            {
                json.WriteNumberValue(extent);
            }

            json.WriteEndArray();
            json.WriteNumber("elements", tensor.ElementCount);
            json.WriteNumber("bytes", tensor.ByteCount);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
