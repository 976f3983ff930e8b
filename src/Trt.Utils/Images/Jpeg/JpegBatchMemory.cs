using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The pictures of one call on the device, and the files that they come from.</summary>
internal sealed class JpegBatchMemory(Device device) : IDisposable
{
    private readonly JpegBatch batch = new();
    private readonly CudaEvent decoded = new(device, EventFlags.DisableTiming);
    private DeviceMemory<byte>? pixels;

    /// <summary>Reached when the pictures of the call before may be written over.</summary>
    public CudaEvent Free { get; } = new(device, EventFlags.DisableTiming);

    /// <summary>Says that what uses the pictures is queued.</summary>
    public void Released(CudaStream stream) => stream.Record(Free);

    /// <summary>Says that decoding is queued.</summary>
    public void Decoded(CudaStream stream) => stream.Record(decoded);

    /// <summary>Takes the next files.</summary>
    public JpegBatch Prepare(ReadOnlySpan<ReadOnlyMemory<byte>> files, Func<int, string>? name)
    {
        decoded.Synchronize(); // files are pinned until then
        long bytes = batch.Fill(files, name);
        if (pixels is null || pixels.Length < bytes)
        {
            Free.Synchronize();
            pixels?.Dispose();
            pixels = null;
            pixels = new DeviceMemory<byte>(Math.Max(bytes, 1), device);
        }

        batch.Place(pixels.Pointer);
        return batch;
    }

    public void Dispose()
    {
        decoded.Synchronize();
        Free.Synchronize();
        batch.Unpin();
        pixels?.Dispose();
        decoded.Dispose();
        Free.Dispose();
    }
}
