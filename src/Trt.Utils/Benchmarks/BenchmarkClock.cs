using System.Diagnostics;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The moment from which a benchmark counts, for the host and for the device.</summary>
internal sealed class BenchmarkClock : IDisposable
{
    private readonly long start;

    public BenchmarkClock(Device device)
    {
        Zero = new CudaEvent(device);
        using CudaStream stream = new(device);
        stream.Synchronize();
        stream.Record(Zero);
        Zero.Synchronize();
        start = Stopwatch.GetTimestamp();
    }

    /// <summary>The device's zero.</summary>
    public CudaEvent Zero { get; }

    /// <summary>Milliseconds that the host counts since then.</summary>
    public double Now => (Stopwatch.GetTimestamp() - start) * 1000.0 / Stopwatch.Frequency;

    public void Dispose() => Zero.Dispose();
}
