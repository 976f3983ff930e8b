using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>Descriptions of cache entries and timing caches as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(EngineCacheDescription))]
[JsonSerializable(typeof(TimingCacheDescription))]
internal sealed partial class EngineCacheJson : JsonSerializerContext;
