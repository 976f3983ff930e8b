using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A layer's inputs depend on its own outputs.</summary>
internal sealed class CycleRefusal() : Refusal(ErrorCode.InvalidConfig, ApiUsage, "Network contains a cycle: a layer's input depends on its own output.");
