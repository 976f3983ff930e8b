namespace Trt.Utils;

/// <summary>A GPU.</summary>
/// <param name="Name">The product's name.</param>
/// <param name="ComputeCapability">As in <c>9.0</c>.</param>
/// <param name="MemoryBytes">Its memory.</param>
public sealed record GpuReport(string Name, string ComputeCapability, long MemoryBytes);
