namespace Trt.Interop;

/// <summary>One native object that was collected without being disposed.</summary>
/// <param name="Subject">What it was, with its size where it has one: <c>DeviceMemory&lt;Single&gt; of 4096 bytes on cuda:0</c>.</param>
/// <param name="AllocationSite">The call stack that made it, or null where <see cref="Leaks.CaptureSites"/> was off.</param>
public sealed record LeakReport(string Subject, string? AllocationSite)
{
    /// <summary>A sentence that names the object and where it was made.</summary>
    public override string ToString() => AllocationSite is null
        ? $"{Subject} was never disposed; its native memory is not freed. Set Leaks.CaptureSites to see where it was made."
        : $"{Subject} was never disposed; its native memory is not freed. It was made here:{Environment.NewLine}{AllocationSite}";
}
