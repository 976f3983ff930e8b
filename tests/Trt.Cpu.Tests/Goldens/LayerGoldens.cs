using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Trt.Interop;
using Trt.Tests.Goldens;

namespace Trt.Cpu.Tests.Goldens;

/// <summary>Compares an answer with those of the two libraries: each part must be as one of them has it.</summary>
internal static partial class LayerGoldens
{
    /// <summary>What differs, or null.</summary>
    /// <param name="test">The case.</param>
    /// <param name="mine">The answer.</param>
    /// <param name="full">TensorRT 8.6.0's answer, with values.</param>
    /// <param name="rtx">TensorRT-RTX's answer, without; shows today's rules.</param>
    public static string? Compare(JsonElement test, CaseResult mine, JsonElement full, JsonElement rtx)
    {
        string fullStatus = Text(full, "status");
        string rtxStatus = Text(rtx, "status");
        bool rtxRefuses = rtxStatus.StartsWith("refused", StringComparison.Ordinal);
        bool fullRuns = fullStatus is "ok" or "run_refused";

        // Accepted where today's rules accept. Where only today's rules refuse, both answers are right, but for strongly typed networks, which 8.6.0 does not know.
        bool open = rtxRefuses && fullRuns && !test.GetProperty("typed").GetBoolean();
        bool refused = mine.Status.StartsWith("refused", StringComparison.Ordinal);
        bool accepts = open ? !refused : !rtxRefuses;
        if (refused == accepts)
        {
            return $"status is {mine.Status} ({mine.Failure}) where 8.6.0 says {fullStatus} and RTX {rtxStatus}";
        }

        if (accepts && mine.Status != "ok" && !(mine.Status == fullStatus))
        {
            return $"status is {mine.Status} ({mine.Failure}) where 8.6.0 says {fullStatus} and RTX {rtxStatus}";
        }

        if (!accepts && !open && !mine.IsArgument && FirstError(mine.Log.Select(line => line.Text)) is var first && FirstError(Errors(rtx)) is var expected && first != expected && first != FirstError(Errors(full)))
        {
            return $"first error {first} but RTX has {expected}";
        }

        return mine.Status == "refused_add" ? null : Layers(mine, full, rtx) ?? Inputs(mine, full, rtx) ?? Returned(mine, full, rtx) ?? (fullStatus == "ok" && mine.Status == "ok" ? Values(test, mine, full) : null);
    }

    /// <summary>What differs from the answers of the release itself, or null. Its words are left out: they name lines of its source.</summary>
    /// <param name="test">The case.</param>
    /// <param name="mine">The answer.</param>
    /// <param name="golden">What the release answered a caller that shares nothing with the bindings.</param>
    public static string? CompareWithItself(JsonElement test, CaseResult mine, JsonElement golden)
    {
        string status = Text(golden, "status");
        if (mine.Status != status)
        {
            return $"status is {mine.Status} ({mine.Failure}) but was {status}";
        }

        return status is "refused_add" or "na" ? null : Layers(mine, golden, golden) ?? Inputs(mine, golden, golden) ?? Returned(mine, golden, golden) ?? (status == "ok" ? Values(test, mine, golden) : null);
    }

    private static string? Layers(CaseResult mine, JsonElement full, JsonElement rtx)
    {
        string actual = string.Join("; ", mine.Layers.Select(layer => $"{layer.Name} {string.Join(", ", layer.Outputs.Select(Tell))}"));
        string[] expected = [Expected(full), Expected(rtx)];
        return expected.Contains(actual) || AllParts(mine, full, rtx) ? null : $"layers are {actual} but 8.6.0 has {expected[0]} and RTX {expected[1]}";
    }

    private static bool AllParts(CaseResult mine, JsonElement full, JsonElement rtx)
    {
        JsonElement[] one = [.. full.GetProperty("layers").EnumerateArray()];
        JsonElement[] other = [.. rtx.GetProperty("layers").EnumerateArray()];
        return mine.Layers.Count == other.Length && mine.Layers.Index().All(layer => layer.Item.Outputs.Index().All(tensor =>
            new[] { one, other }.Where(side => side.Length == mine.Layers.Count).Any(side => Tell(side[layer.Index].GetProperty("outputs")[tensor.Index]) == Tell(tensor.Item))));
    }

    private static string Expected(JsonElement golden) => string.Join("; ", golden.GetProperty("layers").EnumerateArray().Select(layer =>
        $"{Text(layer, "name")} {string.Join(", ", layer.GetProperty("outputs").EnumerateArray().Select(Tell))}"));

    private static string Tell(CaseTensor tensor) => $"{tensor.Name} {(tensor.Dims.NbDims < 0 ? "?" : $"[{string.Join(",", tensor.Dims)}]")} {tensor.Type}";

    private static string Tell(JsonElement tensor)
    {
        JsonElement dims = tensor.GetProperty("dims");
        JsonElement type = tensor.GetProperty("type");
        return $"{Text(tensor, "name")} {(dims.ValueKind == JsonValueKind.Null ? "?" : $"[{string.Join(",", dims.EnumerateArray())}]")} {CaseValues.Enumerator<DataType>(type)}";
    }

    private static string? Inputs(CaseResult mine, JsonElement full, JsonElement rtx)
    {
        string actual = string.Join("; ", mine.Inputs.Select(input => $"{Tell(input)} {input.IsShape} {input.IsExecution}"));
        string[] expected = [.. new[] { full, rtx }.Select(golden => string.Join("; ", golden.GetProperty("network_inputs").EnumerateArray().Select(input =>
            $"{Tell(input)} {input.TryGetProperty("shape_tensor", out JsonElement shape) && shape.GetBoolean()} {!input.TryGetProperty("execution_tensor", out JsonElement runs) || runs.GetBoolean()}")))];
        return expected.Contains(actual) ? null : $"inputs are {actual} but 8.6.0 has {expected[0]} and RTX {expected[1]}";
    }

    private static string? Returned(CaseResult mine, JsonElement full, JsonElement rtx)
    {
        // A true that only says that a setter took its value: what is a property in .NET gives none.
        string actual = string.Join(";", mine.Returned.Where(entry => entry.Value is not true).Select(entry => $"{entry.Call}:{(entry.Value is Dims dims ? $"[{string.Join(",", dims)}]" : entry.Value)}"));
        string[] expected = [.. new[] { full, rtx }.Select(golden => string.Join(";", golden.GetProperty("calls").EnumerateArray().Where(entry => entry[1].ValueKind != JsonValueKind.True).Select(entry => $"{entry[0]}:{entry[1].GetRawText().Replace(" ", string.Empty)}")))];
        return expected.Contains(actual) ? null : $"calls returned {actual} but 8.6.0 {expected[0]} and RTX {expected[1]}";
    }

    public static string? Values(JsonElement test, CaseResult mine, JsonElement full)
    {
        (double Absolute, double Relative)? tolerance = test.TryGetProperty("tol", out JsonElement tol) ? (tol.GetProperty("abs").GetDouble(), tol.GetProperty("rel").GetDouble()) : null;
        int run = 0;
        foreach (JsonElement expectedRun in full.GetProperty("runs").EnumerateArray())
        {
            foreach (JsonElement expected in expectedRun.GetProperty("outputs").EnumerateArray())
            {
                string name = Text(expected, "name");
                (Dims dims, DataType type, byte[] bytes) = mine.Runs[run][name];
                if (dims != CaseValues.Shape(expected.GetProperty("dims")))
                {
                    return $"run {run}: {name} has shape {dims} but 8.6.0 {expected.GetProperty("dims")}";
                }

                if (!expected.TryGetProperty("stats", out _) && Text(test, "compare") is var kind and not "shape")
                {
                    DataType expectedType = CaseValues.Enumerator<DataType>(expected.GetProperty("type"));
                    double[] wanted = CaseValues.Numbers(CaseValues.Bytes(expected, expectedType), expectedType);
                    double[] given = CaseValues.Numbers(bytes, type);
                    if (kind == "set" && dims.NbDims == 2)
                    {
                        (given, wanted) = (Ordered(given, dims), Ordered(wanted, dims));
                    }

                    string? difference = Difference(given, wanted, type is DataType.Float or DataType.Half or DataType.BF16, type != DataType.Float, tolerance);
                    if (difference is not null)
                    {
                        return $"run {run}: {name} {difference}";
                    }
                }
            }

            run++;
        }

        return null;
    }

    /// <summary>The rows of a table in an order of their own.</summary>
    private static double[] Ordered(double[] values, Dims dims) => dims.Volume == 0 ? values
        : [.. values.Chunk((int)dims[1]).OrderBy(row => string.Join(',', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture))), StringComparer.Ordinal).SelectMany(row => row)];

    private static string? Difference(double[] actual, double[] expected, bool floating, bool half, (double Absolute, double Relative)? given)
    {
        double[] finite = [.. expected.Where(double.IsFinite)];
        double range = finite.Length == 0 ? 1 : Math.Max(finite.Max() - finite.Min(), finite.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            double tolerance = !floating ? 0 : given is { } t ? t.Absolute + (t.Relative * Math.Abs(expected[i])) : (half ? 2e-3 : 1e-5) * range;
            bool same = double.IsFinite(expected[i]) ? Math.Abs(actual[i] - expected[i]) <= tolerance : actual[i].Equals(expected[i]);
            if (!same)
            {
                return string.Create(CultureInfo.InvariantCulture, $"differs at {i}: {actual[i]} but {expected[i]}; [{CaseValues.Text(actual)}] but [{CaseValues.Text(expected)}]");
            }
        }

        return null;
    }

    private static IEnumerable<string> Errors(JsonElement golden) => golden.GetProperty("log").EnumerateArray().Where(line => Text(line, 1) is "kERROR" or "kINTERNAL_ERROR").Select(line => Text(line, 2));

    /// <summary>Number, words of the category, and the layer that the first error line names.</summary>
    public static string? FirstError(IEnumerable<string> lines)
    {
        string? line = lines.FirstOrDefault(text => text.Contains("Error Code", StringComparison.Ordinal));
        if (line is null)
        {
            return null;
        }

        Match code = Code().Match(line);
        Match layer = Layer().Match(line);
        return $"{code.Groups[1].Value} {code.Groups[2].Value.Trim()} {layer.Value}".Trim();
    }

    private static string Text(JsonElement holder, string name) => holder.GetProperty(name).GetString()!;

    private static string Text(JsonElement holder, int index) => holder[index].GetString()!;

    [GeneratedRegex(@"Error Code:? (\d+): ([A-Za-z ]*)(?= \()?")]
    private static partial Regex Code();

    [GeneratedRegex(@"\(Unnamed Layer\* \d+\) \[[^\]]*\]")]
    private static partial Regex Layer();
}
