using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A field that a V3 plugin is restored from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its values.</param>
/// <param name="Length">Number of values.</param>
/// <param name="Values">Their bytes.</param>
internal sealed record PlanPluginField(string Name, PluginFieldType Type, int Length, byte[] Values);
