using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Gives a library the scales of a calibration cache in NVIDIA's text format, and no data: what trtexec does with <c>--calib</c>.</summary>
internal abstract class CachedCalibrator(byte[] cache) : IInt8Calibrator
{
    private const long MostBytes = 64 << 20;

    public int BatchSize => 1;

    public abstract CalibrationAlgoType Algorithm { get; }

    /// <summary>Reads a cache; its first line names the algorithm that the library asks for.</summary>
    /// <exception cref="BuildRefusedException">The file cannot be read or is no calibration cache.</exception>
    public static CachedCalibrator Open(string path)
    {
        byte[] bytes;
        try
        {
            bytes = new FileInfo(path) is { Exists: true, Length: > MostBytes } large ? throw new IOException($"it has {large.Length} bytes, more than any calibration cache") : File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BuildRefusedException($"CalibrationCache: {path} cannot be read: {error.Message.TrimEnd('.')}.");
        }

        int end = bytes.AsSpan().IndexOf((byte)'\n');
        string first = Encoding.UTF8.GetString(bytes, 0, end < 0 ? 0 : Math.Min(end, 200)).Trim();
        return first.StartsWith("TRT-", StringComparison.Ordinal) && first.EndsWith("-EntropyCalibration2", StringComparison.Ordinal) ? new Entropy2(bytes)
            : first.StartsWith("TRT-", StringComparison.Ordinal) && first.EndsWith("-EntropyCalibration", StringComparison.Ordinal) ? new Entropy(bytes)
            : first.StartsWith("TRT-", StringComparison.Ordinal) && first.EndsWith("-MinMaxCalibration", StringComparison.Ordinal) ? new MinMax(bytes)
            : first.Split(' ') is ["0", { Length: 16 }, { Length: 16 }] ? new Legacy(bytes)
            : throw new BuildRefusedException($"CalibrationCache: {path} does not begin like a calibration cache (TRT-8600-EntropyCalibration2, for example).");
    }

    public bool GetBatch(Span<nint> bindings, ReadOnlySpan<string> names) => false;

    public byte[]? ReadCalibrationCache() => cache;

    public void WriteCalibrationCache(ReadOnlySpan<byte> ptr)
    {
        // What was read is what there is.
    }

    private sealed class Entropy2(byte[] cache) : CachedCalibrator(cache), IInt8EntropyCalibrator2
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration2;
    }

    private sealed class Entropy(byte[] cache) : CachedCalibrator(cache), IInt8EntropyCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration;
    }

    private sealed class MinMax(byte[] cache) : CachedCalibrator(cache), IInt8MinMaxCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.MinmaxCalibration;
    }

    private sealed class Legacy(byte[] cache) : CachedCalibrator(cache), IInt8LegacyCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.LegacyCalibration;

        public double Quantile => 0.9999;

        public double RegressionCutoff => 1;

        public byte[]? ReadHistogramCache() => null;

        public void WriteHistogramCache(ReadOnlySpan<byte> ptr)
        {
            // There is no data to make histograms of.
        }
    }
}
