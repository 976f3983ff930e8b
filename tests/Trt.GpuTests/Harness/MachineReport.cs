using System.Runtime.InteropServices;

namespace Trt.GpuTests;

/// <summary>The machine, for the report.</summary>
/// <param name="System">The operating system.</param>
/// <param name="Processor">The processor's name, where the system tells it.</param>
/// <param name="Cores">Logical processors.</param>
/// <param name="MemoryBytes">What the program may use.</param>
/// <param name="Framework">The .NET release.</param>
internal sealed record MachineReport(string System, string? Processor, int Cores, long MemoryBytes, string Framework)
{
    public static MachineReport Look() => new(
        RuntimeInformation.OSDescription,
        File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null,
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.FrameworkDescription);
}
