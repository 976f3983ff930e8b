using System.Globalization;
using System.Text.Json;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>What a reduction found, and where it was written.</summary>
internal sealed class ReduceReport
{
    private readonly OnnxReduction result;
    private readonly ReductionCheck check;
    private readonly string path;
    private readonly string? against;
    private readonly string? inputs;

    private ReduceReport(OnnxReduction result, ReductionCheck check, string path, string? against, string? inputs)
    {
        this.result = result;
        this.check = check;
        this.path = path;
        this.against = against;
        this.inputs = inputs;
    }

    /// <summary>Writes the part, that of the other model, and the inputs.</summary>
    public static ReduceReport Save(OnnxReduction result, ReductionCheck check, string path)
    {
        string stem = Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, Path.GetFileNameWithoutExtension(path));
        string? against = result.Against is null ? null : $"{stem}.against.onnx", inputs = result.Inputs.Count == 0 ? null : $"{stem}.inputs.npz";
        result.Model.Save(path);
        if (against is not null)
        {
            result.Against!.Save(against);
        }

        if (inputs is not null)
        {
            SampleFile.Write(inputs, [result.Inputs]);
        }

        return new ReduceReport(result, check, path, against, inputs);
    }

    public void Write(Session session, string model)
    {
        if (session.Json)
        {
            session.WriteJson(Json);
            return;
        }

        OnnxNode[] nodes = Nodes();
        session.Screen.Facts(
            ("model", $"{model}, {Units.Count(result.OriginalNodeCount)} nodes"),
            ("failed", Wrapped(check.Failure)),
            ("part", string.Create(CultureInfo.InvariantCulture, $"{result.NodeCount} {(result.NodeCount == 1 ? "node" : "nodes")}")),
            ("nodes", string.Join("\n", nodes.Take(20).Select(GraphOrder.Describe)) + (nodes.Length > 20 ? $"\nand {nodes.Length - 20} more" : "")),
            ("inputs", string.Join("\n", result.Model.Inputs)),
            ("outputs", string.Join("\n", result.Model.Outputs)),
            ("fails", check.LatestFailure == check.Failure ? null : Wrapped(check.LatestFailure)),
            ("tries", $"{result.Tries.Count}, {result.Tries.Count(one => one.Fails)} of which failed{(check.Refused > 0 ? $"; {check.Refused} could not be run" : "")}"),
            ("written", string.Join("\n", new[] { path, against, inputs }.OfType<string>())));
    }

    private static string? Wrapped(string? text) => text is null ? null : string.Join('\n', TextWrap.Lines(text, TextWrap.UsualWidth - "written  ".Length));

    private OnnxNode[] Nodes() => [.. result.Model.Nodes.Where(node => node.OpType != "Constant")];

    private void Json(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        json.WriteString("against", against);
        json.WriteString("inputs", inputs);
        json.WriteString("failure", check.Failure);
        json.WriteString("partFailure", check.LatestFailure);
        json.WriteNumber("refused", check.Refused);
        json.WriteNumber("originalNodes", result.OriginalNodeCount);
        json.WriteStartArray("nodes");
        foreach (OnnxNode node in Nodes())
        {
            json.WriteStartObject();
            json.WriteString("name", node.Name);
            json.WriteString("operator", node.OpType);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Values(json, "modelInputs", result.Model.Inputs);
        Values(json, "modelOutputs", result.Model.Outputs);
        json.WriteStartArray("tries");
        foreach (OnnxReductionTry one in result.Tries)
        {
            json.WriteStartObject();
            json.WriteNumber("number", one.Number);
            json.WriteString("phase", one.Phase);
            json.WriteNumber("nodes", one.NodeCount);
            json.WriteBoolean("fails", one.Fails);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Values(Utf8JsonWriter json, string name, IReadOnlyList<OnnxValueInfo> values)
    {
        json.WriteStartArray(name);
        foreach (OnnxValueInfo value in values)
        {
            json.WriteStringValue(value.ToString());
        }

        json.WriteEndArray();
    }
}
