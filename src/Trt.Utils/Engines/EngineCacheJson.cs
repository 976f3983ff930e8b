using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>Descriptions of cache entries as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(EngineCacheDescription))]
internal sealed partial class EngineCacheJson : JsonSerializerContext;
