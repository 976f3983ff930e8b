using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Trt.Tests.Goldens;

namespace Trt.Interop.Tests.Rtx;

/// <summary>Compares an answer with TensorRT-RTX's own, line by line: nothing may differ but numbers of source lines.</summary>
internal static partial class RtxGolden
{
    /// <summary>What differs, one entry for each part.</summary>
    /// <param name="id">The case.</param>
    /// <param name="golden">What the library answered a caller that shares nothing with the bindings.</param>
    /// <param name="mine">The answer through the bindings.</param>
    public static IEnumerable<string> Differences(string id, JsonElement golden, CaseResult mine)
    {
        string?[] parts =
        [
            Part("status", [Text(golden, "status")], [mine.Status]),
            Part("refused", [Refused(golden)], [Refused(mine)]),
            Part("network", [.. Network(golden)], [.. Network(mine)]),
            Part("flags dropped", [.. Dropped(golden)], mine.FlagsDropped),
            Part("log", [.. Log(golden).Distinct()], [.. Log(mine).Distinct()]),

            // Setters that answer true are void in C#; what the golden says of getters must come back.
            Part("answers", [.. Answers(golden).Where(answer => !answer.EndsWith("true", StringComparison.Ordinal))], [.. mine.Returned.Select(answer => $"{answer.Call}: {Answer(answer.Value)}")]),
        ];
        return parts.OfType<string>();

        string? Part(string what, IReadOnlyList<string> wanted, IReadOnlyList<string> actual) => wanted.SequenceEqual(actual)
            ? null
            : $"{id}: {what}{Environment.NewLine}  golden only: {string.Join(" | ", wanted.Except(actual))}{Environment.NewLine}  ours only: {string.Join(" | ", actual.Except(wanted))}";
    }

    private static string Refused(JsonElement golden) =>
        golden.TryGetProperty("method", out JsonElement method) ? $"{golden.GetProperty("call").GetInt32()} {method.GetString()}"
        : golden.TryGetProperty("missing", out JsonElement missing) ? missing.GetString()!.Split(' ')[0].Replace("::", ".", StringComparison.Ordinal)
        : string.Empty;

    /// <summary>The call that the library refused; a call that never came to it is told apart.</summary>
    private static string Refused(CaseResult mine) => mine.Error switch
    {
        _ when mine.IsArgument => $"{mine.FailedCall}, by the bindings: {mine.Failure}",
        NotInThisReleaseException missing => missing.Name,
        _ => mine.FailedCall ?? string.Empty,
    };

    private static IEnumerable<string> Network(JsonElement golden)
    {
        foreach (JsonElement layer in golden.GetProperty("layers").EnumerateArray())
        {
            yield return Layer(Text(layer, "name"), CaseValues.Enumerator<LayerType>(layer.GetProperty("type")), layer.GetProperty("inputs").EnumerateArray().Select(input => input.GetString()));
            foreach (JsonElement output in layer.GetProperty("outputs").EnumerateArray())
            {
                yield return Tensor("  ->", output);
            }
        }

        foreach (JsonElement input in golden.GetProperty("network_inputs").EnumerateArray())
        {
            yield return Tensor("input", input);
        }

        foreach (JsonElement output in golden.GetProperty("network_outputs").EnumerateArray())
        {
            yield return Tensor("output", output);
        }
    }

    private static IEnumerable<string> Network(CaseResult mine) =>
    [
        .. mine.Layers.SelectMany(layer => layer.Outputs.Select(output => Tensor("  ->", output)).Prepend(Layer(layer.Name, layer.Type, layer.Inputs))),
        .. mine.Inputs.Select(input => Tensor("input", input)),
        .. mine.Outputs.Select(output => Tensor("output", output)),
    ];

    private static string Layer(string name, LayerType type, IEnumerable<string?> inputs) => $"layer {name} {type} ({string.Join(", ", inputs.Select(input => input ?? "-"))})";

    private static string Tensor(string role, CaseTensor tensor) =>
        Tensor(role, tensor.Name, tensor.Dims.NbDims < 0 ? null : tensor.Dims.ToString(), tensor.Type, tensor.IsShape, tensor.IsExecution);

    private static string Tensor(string role, JsonElement tensor) => Tensor(
        role,
        Text(tensor, "name"),
        tensor.GetProperty("dims") is { ValueKind: JsonValueKind.Array } dims ? $"[{string.Join(", ", dims.EnumerateArray())}]" : null,
        CaseValues.Enumerator<DataType>(tensor.GetProperty("type")),
        tensor.TryGetProperty("shape_tensor", out JsonElement shape) && shape.GetBoolean(),
        !tensor.TryGetProperty("execution_tensor", out JsonElement execution) || execution.GetBoolean());

    private static string Tensor(string role, string name, string? dims, DataType type, bool shape, bool execution) =>
        $"{role} {name} {dims ?? "?"} {type}{(shape ? " shape" : string.Empty)}{(execution ? string.Empty : " not-executed")}";

    private static IEnumerable<string> Dropped(JsonElement golden) =>
        golden.TryGetProperty("flags_dropped", out JsonElement dropped) ? dropped.EnumerateArray().Select(flag => flag.GetString()!) : [];

    private static IEnumerable<string> Log(JsonElement golden) =>
        golden.GetProperty("log").EnumerateArray().Select(line => Line(line[0].GetString()!, CaseValues.Enumerator<Severity>(line[1]), line[2].GetString()!));

    /// <summary>Warnings and errors, but for what a machine without a driver adds and for the time before the network is there, both of which the goldens leave out.</summary>
    private static IEnumerable<string> Log(CaseResult mine) => mine.Log
        .Where(line => line.Severity <= Severity.Warning && line.Phase != "create" && !line.Text.Contains("catchCudaError", StringComparison.Ordinal))
        .Select(line => Line(line.Phase, line.Severity, line.Text));

    private static string Line(string phase, Severity severity, string text) => $"[{phase}] {severity}: {SourceLine().Replace(text, ":*")}";

    private static IEnumerable<string> Answers(JsonElement golden) => golden.GetProperty("calls").EnumerateArray().Select(call => $"{call[0]}: {call[1].GetRawText()}");

    private static string Answer(object? value) => value is bool truth ? (truth ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Text(JsonElement holder, string name) => holder.GetProperty(name).GetString()!;

    [GeneratedRegex(@"(?<=\.(cpp|h|hpp|inl)):\d+")]
    private static partial Regex SourceLine();
}
