using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>Reports as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(TensorRtHealthReport))]
internal sealed partial class HealthJson : JsonSerializerContext;
