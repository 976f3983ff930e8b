using Trt.Interop;
using Trt.Interop.Cuda;

namespace LowLevelApi;

/// <summary>Shows TensorRT the digits in batches, so that it can choose the range of every tensor; keeps the result in a file.</summary>
internal sealed class DigitCalibrator(float[] pixels, int batch, string cacheFile, Device device) : IInt8EntropyCalibrator2, IDisposable
{
    private readonly DeviceMemory<float> memory = new(batch * Digits.Pixels, device);
    private int next;

    public int BatchSize => batch;

    public CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration2;

    public bool GetBatch(Span<nint> bindings, ReadOnlySpan<string> names)
    {
        int length = batch * Digits.Pixels;
        if (next + length > pixels.Length)
        {
            return false;
        }

        memory.CopyFrom(pixels.AsSpan(next, length));
        next += length;
        bindings[names.IndexOf(PyTorchNet.Input)] = memory.Pointer;
        return true;
    }

    public byte[]? ReadCalibrationCache() => File.Exists(cacheFile) ? File.ReadAllBytes(cacheFile) : null;

    public void WriteCalibrationCache(ReadOnlySpan<byte> ptr) => File.WriteAllBytes(cacheFile, ptr);

    public void Dispose() => memory.Dispose();
}
