using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>A profile as JSON: <c>{"inputs": {"x": {"min": […], "opt": […], "max": […]}}, "extraMemoryTarget": 0.5}</c>.</summary>
internal sealed class ShapeProfileJson : JsonConverter<ShapeProfile>
{
    public override ShapeProfile Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonObject whole = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("A profile is a JSON object.");
        ShapeProfile profile = new() { ExtraMemoryTarget = (float?)whole["extraMemoryTarget"] };
        foreach ((string input, JsonNode? range) in whole["inputs"] as JsonObject ?? throw new JsonException("A profile has a JSON object \"inputs\"."))
        {
            profile[input] = new ShapeRange(Extents(range, "min"), Extents(range, "opt"), Extents(range, "max"));
        }

        return profile;

        static long[] Extents(JsonNode? range, string name) =>
            [.. (range?[name] as JsonArray ?? throw new JsonException($"A profile's input has a JSON array \"{name}\".")).Select(extent => (long?)extent ?? throw new JsonException("An extent is a number."))];
    }

    public override void Write(Utf8JsonWriter writer, ShapeProfile value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("inputs");
        foreach ((string input, ShapeRange range) in value)
        {
            writer.WriteStartObject(input);
            Extents("min", range.Min);
            Extents("opt", range.Opt);
            Extents("max", range.Max);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (value.ExtraMemoryTarget is { } target)
        {
            writer.WriteNumber("extraMemoryTarget", target);
        }

        writer.WriteEndObject();

        void Extents(string name, IReadOnlyList<long> extents)
        {
            writer.WriteStartArray(name);
            foreach (long extent in extents)
            {
                writer.WriteNumberValue(extent);
            }

            writer.WriteEndArray();
        }
    }
}
