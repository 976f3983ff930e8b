using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The marks of one query under way.</summary>
internal sealed class BenchmarkQuery(Device device, EventFlags flags) : IDisposable
{
    public CudaEvent InputStart { get; } = new(device, flags);

    public CudaEvent InputEnd { get; } = new(device, flags);

    public CudaEvent ComputeStart { get; } = new(device, flags);

    public CudaEvent ComputeEnd { get; } = new(device, flags);

    public CudaEvent OutputStart { get; } = new(device, flags);

    public CudaEvent OutputEnd { get; } = new(device, flags);

    public double EnqueueStart { get; set; }

    public double EnqueueEnd { get; set; }

    public void Dispose()
    {
        foreach (CudaEvent mark in (ReadOnlySpan<CudaEvent>)[InputStart, InputEnd, ComputeStart, ComputeEnd, OutputStart, OutputEnd])
        {
            mark.Dispose();
        }
    }
}
