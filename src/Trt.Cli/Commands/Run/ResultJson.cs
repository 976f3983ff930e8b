using System.Text.Json;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>The whole of a run as one JSON document.</summary>
internal sealed class ResultJson(RunOptions options, TensorRtLibrary library, Engine engine, SampleSet set, IReadOnlyList<OutputPlan> plans)
{
    private readonly List<(Sample Sample, IReadOnlyList<OutputResult> Results, int? Truth)> results = [];
    private readonly List<(Sample Sample, string Error)> errors = [];

    public void Add(Sample sample, IReadOnlyList<OutputResult> made, int? truth) => results.Add((sample, made, truth));

    public void AddError(Sample sample, string error) => errors.Add((sample, error));

    public void Write(Utf8JsonWriter json, Accuracy? accuracy, TimeSpan elapsed)
    {
        json.WriteStartObject();
        json.WriteString("model", options.Model);
        json.WriteString("library", library.ToString());
        json.WriteNumber("maxBatch", engine.MaxBatch);
        json.WriteStartArray("inputs");
        foreach (TensorSpec input in engine.Inputs)
        {
            Begin(input.Name, input.DataType, input.Shape);
            json.WriteString("values", set.Origins.GetValueOrDefault(input.Name));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("outputs");
        foreach (OutputPlan plan in plans)
        {
            Begin(plan.Name, plan.Type, engine.Outputs.First(output => output.Name == plan.Name).Shape);
            json.WriteString("postprocess", OutputPlan.WordOf(plan.Kind));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("results");
        foreach ((Sample sample, IReadOnlyList<OutputResult> made, int? truth) in results)
        {
            json.WriteStartObject();
            json.WriteString("sample", sample.Name);
            if (truth is { } right)
            {
                json.WriteNumber("label", right);
            }

            json.WriteStartObject("outputs");
            foreach (OutputResult result in made)
            {
                json.WriteStartObject(result.Plan.Name);
                Write(json, result);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("errors");
        foreach ((Sample sample, string error) in errors)
        {
            json.WriteStartObject();
            json.WriteString("sample", sample.Name);
            json.WriteString("error", error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (accuracy is not null)
        {
            json.WriteStartObject("accuracy");
            json.WriteNumber("share", accuracy.Share);
            json.WriteNumber("right", accuracy.Right);
            json.WriteNumber("total", accuracy.Total);
            json.WriteString("labelsFrom", accuracy.Origin);
            json.WriteEndObject();
        }

        json.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 6));
        json.WriteEndObject();

        void Begin(string name, DataType type, Dims shape)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("type", type.ToString());
            json.WriteStartArray("shape");
            foreach (long extent in shape.ToArray())
            {
                json.WriteNumberValue(extent);
            }

            json.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter json, OutputResult result)
    {
        json.WriteStartArray("shape");
        foreach (long extent in result.Shape)
        {
            json.WriteNumberValue(extent);
        }

        json.WriteEndArray();
        switch (result.Plan.Kind)
        {
            case OutputKind.Class or OutputKind.Argmax or OutputKind.TopK or OutputKind.Softmax or OutputKind.Sigmoid:
                json.WriteStartArray("classes");
                foreach (Classification found in result.Classes)
                {
                    json.WriteStartObject();
                    Class(found.Index, found.Label, found.Score);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            case OutputKind.Rows:
                json.WriteStartArray("rows");
                foreach (int row in result.Rows)
                {
                    json.WriteNumberValue(row);
                }

                json.WriteEndArray();
                break;
            case OutputKind.Mask:
                json.WriteStartObject("pixels");
                foreach ((int number, long count) in result.Pixels)
                {
                    json.WriteNumber(number.ToString(System.Globalization.CultureInfo.InvariantCulture), count);
                }

                json.WriteEndObject();
                break;
            case OutputKind.Boxes or OutputKind.Anchors:
                json.WriteStartArray("boxes");
                foreach (DetectedBox box in result.Boxes)
                {
                    json.WriteStartObject();
                    Class(box.Class, box.Label, box.Score);
                    RawValues.Write(json, "left", box.Left);
                    RawValues.Write(json, "top", box.Top);
                    RawValues.Write(json, "right", box.Right);
                    RawValues.Write(json, "bottom", box.Bottom);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
        }

        if (result.Values is { } values)
        {
            RawValues.Write(json, "min", values.Min);
            RawValues.Write(json, "max", values.Max);
            RawValues.Write(json, "mean", values.Mean);
            json.WriteNumber("notFinite", values.NotFinite);
        }

        if (result.File is { } file)
        {
            json.WriteString("file", file);
        }

        if (result.Tensor is { } tensor && result.Plan.Kind == OutputKind.Raw)
        {
            RawValues.Write(json, "values", tensor);
        }

        void Class(int index, string? label, float score)
        {
            json.WriteNumber("class", index);
            if (label is not null)
            {
                json.WriteString("label", label);
            }

            RawValues.Write(json, "score", score);
        }
    }
}
