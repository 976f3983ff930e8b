using System.Text.Json.Serialization;

namespace Trt.Cpu;

/// <summary>Reads and writes <see cref="PlanDescription"/> without reflection.</summary>
[JsonSerializable(typeof(PlanDescription))]
internal sealed partial class PlanJson : JsonSerializerContext;
