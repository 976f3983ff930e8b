namespace Trt.Interop.Cuda;

/// <summary>What does not change about a device while the process runs.</summary>
public sealed record DeviceProperties
{
    /// <summary>The product's name.</summary>
    public required string Name { get; init; }

    /// <summary>The compute capability, 9.0 for a Hopper GPU; 0.0 on the host stand-in.</summary>
    public required Version ComputeCapability { get; init; }

    /// <summary>Memory, in bytes.</summary>
    public required long TotalMemory { get; init; }

    /// <summary>Number of multiprocessors; on the host stand-in, of logical processors.</summary>
    public required int MultiprocessorCount { get; init; }

    /// <summary>The device's own identity, as nvidia-smi prints it: <c>GPU-</c> and 32 hexadecimal digits in five groups.</summary>
    public required string Uuid { get; init; }

    /// <summary>Domain, bus, slot and function: <c>0000:3B:00.0</c>; empty on the host stand-in.</summary>
    public required string PciBusId { get; init; }
}
