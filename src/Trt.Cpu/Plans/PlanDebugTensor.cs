using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A tensor whose values a run can show.</summary>
/// <param name="Name">Its name in the network.</param>
/// <param name="Value">Its name in the graph.</param>
/// <param name="Type">Its element type.</param>
/// <param name="IsMarked">Whether it was marked by itself, and not only as one of those that no fusion swallows.</param>
internal sealed record PlanDebugTensor(string Name, string Value, DataType Type, bool IsMarked);
