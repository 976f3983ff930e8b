using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The GPU and its driver, for the report.</summary>
/// <param name="Missing">Why there is no GPU; null when there is one.</param>
internal sealed record DeviceReport(string? Missing)
{
    public string? Name { get; init; }

    public string? ComputeCapability { get; init; }

    public long MemoryBytes { get; init; }

    public int Multiprocessors { get; init; }

    /// <summary>How many GPUs the driver sees.</summary>
    public int Devices { get; init; }

    /// <summary>The newest CUDA release that the driver supports.</summary>
    public string? DriverCuda { get; init; }

    public static DeviceReport Look()
    {
        if (!CudaDriver.IsAvailable(out string reason))
        {
            return new DeviceReport(reason);
        }

        Device device = Device.All[0];
        return new DeviceReport((string?)null)
        {
            Name = device.Name,
            ComputeCapability = device.Properties.ComputeCapability.ToString(),
            MemoryBytes = device.Properties.TotalMemory,
            Multiprocessors = device.Properties.MultiprocessorCount,
            Devices = Device.All.Count,
            DriverCuda = CudaDriver.Version.ToString(),
        };
    }
}
