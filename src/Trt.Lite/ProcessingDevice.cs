namespace Trt.Lite;

/// <summary>Where pre- and post-processors of an engine work.</summary>
public enum ProcessingDevice
{
    /// <summary>On the CPU: best where pictures are small and results few.</summary>
    Cpu,

    /// <summary>
    /// On the engine's device those that have a kernel, with the same results: pictures are sent as they are and become tensors there, and of scores only the best classes or boxes come back. The others work on the CPU as
    /// ever. On the CPU runtime the same code runs on the host's stand-in for a device.
    /// </summary>
    Gpu,
}
