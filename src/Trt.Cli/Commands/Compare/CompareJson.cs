using System.Collections.Immutable;
using System.Text.Json;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>A comparison as programs read it. Numbers that JSON does not have are texts: <c>"NaN"</c>, <c>"Infinity"</c>.</summary>
internal static class CompareJson
{
    public static void Write(Utf8JsonWriter json, CompareRun run, IReadOnlyList<ComparedRunner> runners, ComparedRunner reference)
    {
        json.WriteStartObject();
        json.WriteBoolean("passed", run.Passed);
        json.WriteNumber("samples", run.SampleCount);
        json.WriteString("reference", reference.Name);
        json.WriteStartArray("runners");
        foreach (ComparedRunner runner in runners)
        {
            json.WriteStartObject();
            json.WriteString("name", runner.Name);
            json.WriteString("description", runner.Description);
            json.WriteNumber("milliseconds", runner.Time.TotalMilliseconds / Math.Max(run.SampleCount, 1));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("tensors");
        foreach (TensorResult result in run.Results)
        {
            json.WriteStartObject();
            json.WriteString("runner", result.Runner);
            Tensor(json, result.Tensor, result.Node);
            json.WriteBoolean("passed", result.Passed);
            json.WriteBoolean("origin", result.IsOrigin);
            json.WriteStartArray("samples");
            foreach (TensorComparison comparison in result.Samples)
            {
                Comparison(json, comparison);
            }

            json.WriteEndArray();
            if (result.Histograms is { } histograms)
            {
                json.WriteStartObject("histograms");
                Histogram(json, "reference", histograms.Reference);
                Histogram(json, "other", histograms.Other);
                Histogram(json, "differences", histograms.Differences);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notFinite");
        foreach (NotFinite found in run.NotFinite)
        {
            json.WriteStartObject();
            json.WriteString("runner", found.Runner);
            Tensor(json, found.Tensor, found.Node);
            json.WriteNumber("sample", found.Sample);
            json.WriteBoolean("origin", found.IsOrigin);
            json.WriteNumber("nan", found.Statistics.NaNCount);
            json.WriteNumber("infinite", found.Statistics.InfinityCount);
            json.WriteNumber("firstIndex", found.Statistics.FirstNotFinite);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("unmatched");
        foreach (string name in run.Unmatched)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        TensorResult? first = run.Results.FirstOrDefault(result => result.IsOrigin) ?? run.First;
        if (first is not null)
        {
            json.WriteStartObject("first");
            json.WriteString("runner", first.Runner);
            Tensor(json, first.Tensor, first.Node);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>A number, or a text where JSON has none.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static void Tensor(Utf8JsonWriter json, string tensor, OnnxNode? node)
    {
        json.WriteString("tensor", tensor);
        if (node is not null)
        {
            json.WriteString("node", node.Name);
            json.WriteString("operator", node.OpType);
        }
    }

    private static void Comparison(Utf8JsonWriter json, TensorComparison comparison)
    {
        json.WriteStartObject();
        json.WriteBoolean("passed", comparison.Passed);
        json.WriteString("reason", comparison.Reason);
        json.WriteString("check", comparison.Rule.Check.ToString());
        Number(json, "atol", comparison.Rule.Absolute);
        Number(json, "rtol", comparison.Rule.Relative);
        Side(json, "reference", comparison.ReferenceType, comparison.ReferenceShape, comparison.Reference);
        Side(json, "other", comparison.OtherType, comparison.OtherShape, comparison.Other);
        if (comparison is { Absolute: { } absolute, Relative: { } relative })
        {
            Errors(json, "absolute", absolute);
            Errors(json, "relative", relative);
            Number(json, "cosine", comparison.Cosine);
            Number(json, "snr", comparison.Snr);
            Number(json, "psnr", comparison.Psnr);
            json.WriteNumber("beyond", comparison.BeyondCount);
            json.WriteStartObject("worst");
            json.WriteNumber("index", comparison.WorstIndex);
            Extents(json, "coordinates", comparison.WorstCoordinates);
            Number(json, "reference", comparison.WorstReference);
            Number(json, "other", comparison.WorstOther);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Errors(Utf8JsonWriter json, string name, ErrorStatistics errors)
    {
        json.WriteStartObject(name);
        Number(json, "max", errors.Max);
        Number(json, "mean", errors.Mean);
        Number(json, "median", errors.Median);
        Number(json, "quantile", errors.Quantile);
        json.WriteEndObject();
    }

    private static void Side(Utf8JsonWriter json, string name, OnnxElementType type, ImmutableArray<long> shape, TensorStatistics? statistics)
    {
        json.WriteStartObject(name);
        json.WriteString("type", type.ToString());
        Extents(json, "shape", shape);
        if (statistics is not null)
        {
            Number(json, "min", statistics.Min);
            Number(json, "max", statistics.Max);
            Number(json, "mean", statistics.Mean);
            Number(json, "std", statistics.StandardDeviation);
            json.WriteNumber("nan", statistics.NaNCount);
            json.WriteNumber("infinite", statistics.InfinityCount);
        }

        json.WriteEndObject();
    }

    private static void Histogram(Utf8JsonWriter json, string name, IReadOnlyList<HistogramBin> bins)
    {
        json.WriteStartArray(name);
        foreach (HistogramBin bin in bins)
        {
            json.WriteStartObject();
            Number(json, "from", bin.From);
            Number(json, "to", bin.To);
            json.WriteNumber("count", bin.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Extents(Utf8JsonWriter json, string name, ImmutableArray<long> extents)
    {
        json.WriteStartArray(name);
        foreach (long extent in extents)
        {
            json.WriteNumberValue(extent);
        }

        json.WriteEndArray();
    }
}
