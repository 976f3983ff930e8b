using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>Options and reports as JSON: without reflection, with sorted names and without what is at its default.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(ShapeProfileJson)])]
[JsonSerializable(typeof(BuildOptions))]
[JsonSerializable(typeof(BuildReport))]
internal sealed partial class BuildJson : JsonSerializerContext
{
    private static JsonObject? defaults;

    private static JsonObject Defaults => defaults ??= JsonSerializer.SerializeToNode(new BuildOptions(), Default.BuildOptions)!.AsObject();

    /// <summary>Options without what is at its default.</summary>
    public static JsonObject Write(BuildOptions options)
    {
        JsonObject all = JsonSerializer.SerializeToNode(options, Default.BuildOptions)!.AsObject();
        foreach ((string name, JsonNode? value) in Defaults)
        {
            if (JsonNode.DeepEquals(all[name], value))
            {
                all.Remove(name);
            }
        }

        return Sorted(all);
    }

    /// <summary>Options: what the text names, the rest at its default.</summary>
    /// <exception cref="FormatException">The text is no such JSON.</exception>
    public static BuildOptions ReadOptions(string json)
    {
        try
        {
            return ReadOptions(JsonNode.Parse(json) as JsonObject ?? throw new JsonException("The text is no JSON object."));
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException($"These are no build options: {error.Message}", error);
        }
    }

    /// <summary>Options: what the object names, the rest at its default.</summary>
    public static BuildOptions ReadOptions(JsonObject named)
    {
        JsonObject all = Defaults.DeepClone().AsObject();
        foreach ((string name, JsonNode? value) in named)
        {
            all[name] = value?.DeepClone();
        }

        return all.Deserialize(Default.BuildOptions)!;
    }

    private static JsonObject Sorted(JsonObject source)
    {
        JsonObject sorted = [];
        foreach ((string name, JsonNode? value) in source.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            sorted[name] = value is JsonObject inner ? Sorted(inner) : value?.DeepClone();
        }

        return sorted;
    }
}
