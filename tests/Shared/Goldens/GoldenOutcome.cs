using System.Text.Json;
using System.Text.RegularExpressions;

namespace Trt.Tests.Goldens;

/// <summary>Reads what a library answered from a golden.</summary>
public static partial class GoldenOutcome
{
    /// <summary>All results of a golden by case.</summary>
    public static Dictionary<string, CaseOutcome> Read(string file) =>
        GoldenFiles.ReadJson(file).GetProperty("results").EnumerateArray().Select(Outcome).ToDictionary(one => one.Id);

    /// <summary>A log line without what differs between builds of one library: numbers of source lines.</summary>
    public static string Line(string phase, string severity, string text) => $"[{phase}] {GoldenNames.Bare(severity)}: {SourceLine().Replace(text, ":*")}";

    /// <summary>A layer or tensor as a line.</summary>
    public static string Tensor(string role, string name, string? dims, string type, bool shape, bool execution) =>
        $"{role} {name} {dims ?? "?"} {type}{(shape ? " shape" : string.Empty)}{(execution ? string.Empty : " not-executed")}";

    private static CaseOutcome Outcome(JsonElement json)
    {
        CaseOutcome outcome = new(json.GetProperty("id").GetString()!) { Status = json.GetProperty("status").GetString()! };
        if (json.TryGetProperty("method", out JsonElement method))
        {
            outcome.Refused = $"{json.GetProperty("call").GetInt32()} {method.GetString()}";
        }
        else if (json.TryGetProperty("missing", out JsonElement missing))
        {
            outcome.Refused = missing.GetString()!.Split(' ')[0].Replace("::", ".", StringComparison.Ordinal);
        }

        outcome.Answers.AddRange(json.GetProperty("calls").EnumerateArray().Select(call => $"{call[0]}: {call[1].GetRawText()}"));
        foreach (JsonElement layer in json.GetProperty("layers").EnumerateArray())
        {
            IEnumerable<string> inputs = layer.GetProperty("inputs").EnumerateArray().Select(input => input.GetString() ?? "-");
            outcome.Network.Add($"layer {layer.GetProperty("name").GetString()} {GoldenNames.Bare(layer.GetProperty("type").GetString()!)} ({string.Join(", ", inputs)})");
            outcome.Network.AddRange(layer.GetProperty("outputs").EnumerateArray().Select(output => Tensor("  ->", output)));
        }

        outcome.Network.AddRange(json.GetProperty("network_inputs").EnumerateArray().Select(input => Tensor("input", input)));
        outcome.Network.AddRange(json.GetProperty("network_outputs").EnumerateArray().Select(output => Tensor("output", output)));
        outcome.Log.AddRange(json.GetProperty("log").EnumerateArray().Select(line => Line(line[0].GetString()!, line[1].GetString()!, line[2].GetString()!)));
        if (json.TryGetProperty("flags_dropped", out JsonElement dropped))
        {
            outcome.FlagsDropped.AddRange(dropped.EnumerateArray().Select(flag => flag.GetString()!));
        }

        return outcome;
    }

    private static string Tensor(string role, JsonElement json)
    {
        JsonElement type = json.GetProperty("type");
        return Tensor(
            role,
            json.GetProperty("name").GetString()!,
            json.GetProperty("dims") is { ValueKind: JsonValueKind.Array } dims ? $"[{string.Join(", ", dims.EnumerateArray())}]" : null,
            type.ValueKind == JsonValueKind.String ? GoldenNames.Bare(type.GetString()!) : type.GetRawText(),
            json.TryGetProperty("shape_tensor", out JsonElement shape) && shape.GetBoolean(),
            !json.TryGetProperty("execution_tensor", out JsonElement execution) || execution.GetBoolean());
    }

    [GeneratedRegex(@"(?<=\.(cpp|h|hpp|inl)):\d+")]
    private static partial Regex SourceLine();
}
