namespace Trt.Lite;

/// <summary>What runs an engine.</summary>
public enum RuntimeKind
{
    /// <summary>NVIDIA's library where one and a GPU are found, else the CPU runtime if it is registered.</summary>
    Auto,

    /// <summary>TensorRT.</summary>
    TensorRT,

    /// <summary>TensorRT-RTX.</summary>
    Rtx,

    /// <summary>The CPU runtime: package Trt.Cpu, <c>CpuRuntime.Register()</c>.</summary>
    Cpu,
}
