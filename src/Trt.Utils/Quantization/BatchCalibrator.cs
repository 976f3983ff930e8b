using System.Globalization;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Hands batches to a library, in device memory, and keeps the scales that it finds.</summary>
/// <remarks>Memory is taken with the first batch and freed after the last. Called by one thread at a time.</remarks>
internal abstract class BatchCalibrator(CalibrationFeed feed, CalibrationInput[] inputs, Device device, CalibrationCacheFile? file, Action<Severity, string> log) : IInt8Calibrator, IDisposable
{
    private readonly DeviceMemory<byte>?[] memory = new DeviceMemory<byte>?[inputs.Length];

    public int BatchSize => feed.BatchSize;

    public abstract CalibrationAlgoType Algorithm { get; }

    /// <summary>The scales, as the library wrote them or as they were in the file; null before.</summary>
    public byte[]? Cache { get; private set; } = file?.Content;

    public static BatchCalibrator Create(
        Int8Calibration settings, CalibrationFeed feed, CalibrationInput[] inputs, Device device, CalibrationCacheFile? file, Action<Severity, string> log) => settings.Algorithm switch
        {
            CalibrationAlgoType.MinmaxCalibration => new MinMax(feed, inputs, device, file, log),
            CalibrationAlgoType.EntropyCalibration => new Entropy(feed, inputs, device, file, log),
            CalibrationAlgoType.LegacyCalibration => new Legacy(feed, inputs, device, file, log) { Quantile = settings.Quantile, RegressionCutoff = settings.RegressionCutoff },
            _ => new Entropy2(feed, inputs, device, file, log),
        };

    public bool GetBatch(Span<nint> bindings, ReadOnlySpan<string> names)
    {
        if (!feed.Next())
        {
            string dropped = feed.Dropped > 0 ? string.Create(CultureInfo.InvariantCulture, $"; the last {feed.Dropped} items did not fill a batch and were left out") : string.Empty;
            log(Severity.Info, string.Create(CultureInfo.InvariantCulture, $"Calibration was shown {feed.Batches} batches of {feed.BatchSize}{dropped}."));
            Release();
            return false;
        }

        for (int i = 0; i < names.Length; i++)
        {
            string name = names[i];
            int input = Array.FindIndex(inputs, known => known.Name == name);
            if (input < 0)
            {
                throw new InvalidOperationException($"The library asks for input \"{name}\", which the network did not have when the calibration was applied. Apply it when the network is complete.");
            }

            byte[] content = feed.Batch[input];
            DeviceMemory<byte> place = memory[input] ??= new DeviceMemory<byte>(content.Length, device);
            place.CopyFrom(content);
            bindings[i] = place.Pointer;
        }

        return true;
    }

    public byte[]? ReadCalibrationCache() => Cache;

    public void WriteCalibrationCache(ReadOnlySpan<byte> ptr)
    {
        Cache = ptr.ToArray();
        file?.Write(Cache, log);
    }

    public void Dispose()
    {
        Release();
        feed.Dispose();
    }

    private void Release()
    {
        for (int i = 0; i < memory.Length; i++)
        {
            memory[i]?.Dispose();
            memory[i] = null;
        }
    }

    private sealed class MinMax(CalibrationFeed feed, CalibrationInput[] inputs, Device device, CalibrationCacheFile? file, Action<Severity, string> log)
        : BatchCalibrator(feed, inputs, device, file, log), IInt8MinMaxCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.MinmaxCalibration;
    }

    private sealed class Entropy(CalibrationFeed feed, CalibrationInput[] inputs, Device device, CalibrationCacheFile? file, Action<Severity, string> log)
        : BatchCalibrator(feed, inputs, device, file, log), IInt8EntropyCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration;
    }

    private sealed class Entropy2(CalibrationFeed feed, CalibrationInput[] inputs, Device device, CalibrationCacheFile? file, Action<Severity, string> log)
        : BatchCalibrator(feed, inputs, device, file, log), IInt8EntropyCalibrator2
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration2;
    }

    private sealed class Legacy(CalibrationFeed feed, CalibrationInput[] inputs, Device device, CalibrationCacheFile? file, Action<Severity, string> log)
        : BatchCalibrator(feed, inputs, device, file, log), IInt8LegacyCalibrator
    {
        private byte[]? histograms;

        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.LegacyCalibration;

        public double Quantile { get; init; }

        public double RegressionCutoff { get; init; }

        public byte[]? ReadHistogramCache() => histograms;

        public void WriteHistogramCache(ReadOnlySpan<byte> ptr) => histograms = ptr.ToArray();
    }
}
