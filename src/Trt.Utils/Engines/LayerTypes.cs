using System.Text.Json;
using System.Text.Json.Nodes;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Element types that an engine inspector's JSON tells of layers' inputs and outputs.</summary>
internal static class LayerTypes
{
    // Releases say "Half", "FP16", "Row major linear FP16 format", "Two wide channel vectorized row major FP16 format" and the like.
    private static readonly (string Word, DataType Type)[] Words =
    [
        ("BF16", DataType.BF16), ("BFloat16", DataType.BF16), ("FP16", DataType.Half), ("Half", DataType.Half), ("FP32", DataType.Float), ("Float", DataType.Float),
        ("INT8", DataType.Int8), ("Int8", DataType.Int8), ("FP8", DataType.FP8), ("INT4", DataType.Int4), ("Int4", DataType.Int4), ("FP4", DataType.FP4),
    ];

    /// <summary>All of them; none when the text tells no layers.</summary>
    public static HashSet<DataType> Of(string json)
    {
        HashSet<DataType> types = [];
        try
        {
            Collect(JsonNode.Parse(json)?["Layers"], types);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Another release's layout: nothing is known.
        }

        return types;
    }

    private static void Collect(JsonNode? node, HashSet<DataType> types)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (JsonNode? item in array)
                {
                    Collect(item, types);
                }

                break;
            case JsonObject entries:
                foreach ((string name, JsonNode? value) in entries)
                {
                    if (name is "Format/Datatype" or "Datatype" or "Format" && value is JsonValue text && text.TryGetValue(out string? words))
                    {
                        if (Array.Find(Words, entry => words.Contains(entry.Word, StringComparison.Ordinal)) is { Word: not null } found)
                        {
                            types.Add(found.Type);
                        }
                    }
                    else
                    {
                        Collect(value, types);
                    }
                }

                break;
        }
    }
}
