using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>What the dump options print beside the figures.</summary>
internal static class BenchDumps
{
    /// <summary>As many values of an output are printed; files have all.</summary>
    private const int MostValues = 1000;

    public static void Print(Session session, ParseResult parsed, ICudaEngine engine, BenchmarkReport report)
    {
        Screen screen = session.Screen;
        if (parsed.GetValue(ReportingOptions.DumpLayerInfo))
        {
            screen.Line();
            screen.Line("layers");
            screen.Line(BenchFiles.Layers(engine, LayerInformationFormat.Oneline).TrimEnd());
        }

        if (parsed.GetValue(ReportingOptions.DumpOptimizationProfile))
        {
            screen.Line();
            screen.Table(["profile", "input", "min", "opt", "max"], Profiles(engine).Select(row => (IReadOnlyList<string>)
                [row.Profile.ToString(CultureInfo.InvariantCulture), row.Input.Name, Units.Shape(row.Input.MinShape(row.Profile)), Units.Shape(row.Input.OptShape(row.Profile)), Units.Shape(row.Input.MaxShape(row.Profile))]));
        }

        if (parsed.GetValue(ReportingOptions.DumpRefit))
        {
            screen.Line();
            screen.Table(["layer", "weights"], Refittable(engine).Select(place => (IReadOnlyList<string>)[place.Layer, place.Role.ToString()]));
        }

        if (parsed.GetValue(ReportingOptions.DumpProfile))
        {
            screen.Line();
            screen.Line($"layers in {Units.Count(report.LayerRuns)} runs");
            screen.Table(["#total ms", "#mean ms", "#median ms", "#share", "layer"],
            [
                .. report.Layers.Select(layer => (IReadOnlyList<string>)[BenchScreen.Time(layer.Total), BenchScreen.Time(layer.Mean), BenchScreen.Time(layer.Median), Share(layer.Share), layer.Name]),
                [BenchScreen.Time(report.Layers.Sum(layer => layer.Total)), BenchScreen.Time(report.Layers.Sum(layer => layer.Mean)), BenchScreen.Time(report.Layers.Sum(layer => layer.Median)), Share(report.Layers.Sum(layer => layer.Share)), "Total"],
            ]);
        }

        if (parsed.GetValue(ReportingOptions.DumpOutput))
        {
            foreach (BenchmarkTensor output in report.Tensors.Where(tensor => !tensor.IsInput))
            {
                Output(screen, output);
            }
        }
    }

    /// <summary>The same as members of the summary.</summary>
    public static void WriteJson(ParseResult parsed, Utf8JsonWriter json, ICudaEngine engine, BenchmarkReport report, BenchmarkComparison? comparison, IReadOnlyList<OutputLoss> losses, TimeStatistics? refits)
    {
        if (refits is not null)
        {
            json.WriteStartObject("refitMs");
            json.WriteNumber("refits", refits.Count);
            json.WriteNumber("min", refits.Min);
            json.WriteNumber("mean", refits.Mean);
            json.WriteNumber("max", refits.Max);
            json.WriteEndObject();
        }

        if (losses.Count > 0)
        {
            json.WriteStartArray("accuracy");
            foreach (OutputLoss loss in losses)
            {
                json.WriteStartObject();
                json.WriteString("pair", loss.Pair);
                json.WriteString("tensor", loss.Tensor);
                json.WriteString("measure", loss.Measure.ToString());
                if (double.IsFinite(loss.Loss))
                {
                    json.WriteNumber("loss", loss.Loss);
                }
                else
                {
                    json.WriteString("loss", "Infinity");
                }

                json.WriteBoolean("fails", loss.Fails);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (parsed.GetValue(ReportingOptions.DumpLayerInfo))
        {
            json.WritePropertyName("layerInfo");
            json.WriteRawValue(BenchFiles.Layers(engine, LayerInformationFormat.JSON));
        }

        if (parsed.GetValue(ReportingOptions.DumpOptimizationProfile))
        {
            json.WriteStartArray("profiles");
            foreach ((int profile, TensorSpec input) in Profiles(engine))
            {
                json.WriteStartObject();
                json.WriteNumber("profile", profile);
                json.WriteString("input", input.Name);
                json.WriteString("min", Units.Shape(input.MinShape(profile)));
                json.WriteString("opt", Units.Shape(input.OptShape(profile)));
                json.WriteString("max", Units.Shape(input.MaxShape(profile)));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (parsed.GetValue(ReportingOptions.DumpRefit))
        {
            json.WriteStartArray("refittable");
            foreach ((string layer, WeightsRole role) in Refittable(engine))
            {
                json.WriteStartObject();
                json.WriteString("layer", layer);
                json.WriteString("role", role.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (parsed.GetValue(ReportingOptions.DumpOutput))
        {
            using MemoryStream memory = new();
            BenchmarkReportWriter.WriteOutputs(report, memory);
            json.WritePropertyName("outputs");
            json.WriteRawValue(memory.ToArray());
        }

        if (comparison is not null)
        {
            json.WriteStartObject("comparison");
            json.WriteNumber("throughputRatio", comparison.ThroughputRatio);
            foreach ((string name, double mean, double ratio, Interval? interval) in comparison.Figures)
            {
                json.WriteStartObject(name.ToLowerInvariant());
                json.WriteNumber("baselineMeanMs", mean);
                json.WriteNumber("ratio", ratio);
                if (interval is { } known)
                {
                    json.WriteStartArray("interval95");
                    json.WriteNumberValue(known.Low);
                    json.WriteNumberValue(known.High);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteStartArray("differences");
            foreach (string difference in comparison.Differences)
            {
                json.WriteStringValue(difference);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static string Share(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static (int Profile, TensorSpec Input)[] Profiles(ICudaEngine engine)
    {
        using InferenceRunner runner = new(engine);
        return [.. Enumerable.Range(0, runner.ProfileCount).SelectMany(profile => runner.Inputs.Select(input => (profile, input)))];
    }

    private static IReadOnlyList<(string Layer, WeightsRole Role)> Refittable(ICudaEngine engine)
    {
        using Refitting refitting = new(engine);
        return refitting.Places;
    }

    private static void Output(Screen screen, BenchmarkTensor output)
    {
        screen.Line();
        screen.Line($"{output.Name} {Units.Shape(output.Shape)}");
        StringBuilder line = new();
        for (long i = 0; i < Math.Min(output.Count, MostValues); i++)
        {
            string value = output.Text(i);
            if (line.Length + value.Length + 1 > 79)
            {
                screen.Line(line.ToString());
                line.Clear();
            }

            line.Append(line.Length == 0 ? "  " : " ").Append(value);
        }

        screen.Line(line.ToString());
        if (output.Count > MostValues)
        {
            screen.Line($"  … {Units.Count(output.Count - MostValues)} more; --export-output writes all");
        }
    }
}
