using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The CPU runtime: TensorRT's interfaces implemented in managed code over ONNX Runtime, for machines without a GPU.</summary>
/// <remarks>
/// Register it once (<see cref="Register"/>) and load it like any other library, or ask <see cref="Provider"/> for objects directly.
/// Memory addresses given to its contexts are addresses of host memory, streams are those of the host stand-in. All members are safe to
/// use from several threads.
/// </remarks>
public static class CpuRuntime
{
    /// <summary>Version of the CPU runtime itself; its interfaces are those of TensorRT 10.16.</summary>
    public static Version Version { get; } = new(0, 1, 0);

    /// <summary>The one provider of this process.</summary>
    public static CpuRuntimeProvider Provider { get; } = new();

    /// <summary>Makes the CPU runtime known to the loader, which uses it when no native library is found or when it is asked for.</summary>
    public static void Register() => TensorRt.Register(Provider);
}
