using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Which layers have to stay in 32 bits, and how that is asked for.</summary>
/// <param name="Trial">How it was found.</param>
/// <param name="Choice">The library and the precision.</param>
/// <param name="Layers">The layers, in the network's order.</param>
/// <param name="Narrow">The outputs with no layer in 32 bits.</param>
/// <param name="Kept">The outputs with these layers in 32 bits.</param>
/// <param name="Full">The outputs with all in 32 bits.</param>
/// <param name="WasEnded">Whether the search was ended before its end, so that fewer may do.</param>
internal sealed record PrecisionAnswer(PrecisionTrial Trial, RunnerChoice Choice, IReadOnlyList<string> Layers, TensorComparison Narrow, TensorComparison Kept, TensorComparison Full, bool WasEnded)
{
    /// <summary>Build options that keep the layers in 32 bits.</summary>
    public BuildOptions Options => Trial.Keeping(Trial.Base with { Calibration = null, ReadBack = true, Profiles = [] }, Layers);

    public void Write(Session session)
    {
        if (session.Json)
        {
            session.WriteJson(Json);
            return;
        }

        Screen screen = session.Screen;
        screen.Facts(
            ("runtime", Choice.Text),
            ("precision", Choice.Precision?.ToString()),
            ("layers", $"{Trial.Layers.Count}, {Layers.Count} of which {(WasEnded ? "are enough" : Layers.Count == 1 ? "has to stay" : "have to stay")} in 32 bits"),
            ("builds", $"{Trial.Builds}{(WasEnded ? ", the most allowed: fewer layers may do" : "")}"));
        screen.Table(["", "#max abs", "#max rel", "#cosine", ""],
        [
            Row($"all in {Choice.Precision}", Narrow),
            .. Layers.Count > 0 ? new[] { Row("with these in 32 bits", Kept) } : [],
            Row("all in 32 bits", Full),
        ]);
        if (Layers.Count == 0)
        {
            screen.Line("Nothing has to stay in 32 bits.");
            return;
        }

        foreach (string layer in Layers)
        {
            screen.Line($"  {layer}");
        }

        screen.Line();
        screen.Line(string.Join(' ', Arguments()));
    }

    /// <summary>The options as the command line has them.</summary>
    private IEnumerable<string> Arguments()
    {
        string quoted(string layer) => layer.AsSpan().ContainsAny(" ,':") ? $"'{layer}'" : layer;
        foreach (Precision flag in Enum.GetValues<Precision>().Where(flag => flag != Precision.FP32 && Choice.Precision!.Value.HasFlag(flag)))
        {
            yield return $"--{flag.ToString().ToLowerInvariant()}";
        }

        BuildOptions options = Options;
        if (options.StronglyTyped == true)
        {
            yield return "--stronglyTyped";
        }

        yield return $"--layerPrecisions={string.Join(',', Layers.Select(layer => $"{quoted(layer)}:fp32"))}";
        if (!Trial.IsStronglyTyped)
        {
            yield return $"--layerOutputTypes={string.Join(',', Layers.Select(layer => $"{quoted(layer)}:fp32"))}";
            yield return $"--precisionConstraints={options.PrecisionConstraints.ToString().ToLowerInvariant()}";
        }
    }

    private void Json(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("runtime", Choice.Text);
        json.WriteString("precision", Choice.Precision?.ToString());
        json.WriteNumber("layerCount", Trial.Layers.Count);
        json.WriteNumber("builds", Trial.Builds);
        json.WriteBoolean("ended", WasEnded);
        json.WriteStartArray("layers");
        foreach (string layer in Layers)
        {
            json.WriteStringValue(layer);
        }

        json.WriteEndArray();
        Errors(json, "narrow", Narrow);
        Errors(json, "kept", Kept);
        Errors(json, "full", Full);
        json.WriteStartArray("arguments");
        foreach (string argument in Layers.Count > 0 ? Arguments() : [])
        {
            json.WriteStringValue(argument);
        }

        json.WriteEndArray();
        json.WritePropertyName("options");
        JsonNode.Parse(Options.ToJson())!.WriteTo(json);
        json.WriteEndObject();
    }

    private static void Errors(Utf8JsonWriter json, string name, TensorComparison comparison)
    {
        json.WriteStartObject(name);
        json.WriteBoolean("passed", comparison.Passed);
        json.WriteString("reason", comparison.Reason);
        CompareJson.Number(json, "maxAbsolute", comparison.Absolute?.Max ?? double.NaN);
        CompareJson.Number(json, "maxRelative", comparison.Relative?.Max ?? double.NaN);
        CompareJson.Number(json, "cosine", comparison.Cosine);
        json.WriteEndObject();
    }

    private static IReadOnlyList<string> Row(string title, TensorComparison comparison) =>
    [
        title,
        comparison.Absolute is { } absolute ? CompareText.Number(absolute.Max) : "",
        comparison.Relative is { } relative ? CompareText.Number(relative.Max) : "",
        double.IsNaN(comparison.Cosine) ? "" : comparison.Cosine.ToString("0.######", CultureInfo.InvariantCulture),
        comparison.Passed ? "ok" : "beyond the tolerances",
    ];
}
