using System.Text;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Cpu.Tests.Calibration;

/// <summary>Feeds the 200 digits in ten batches, and keeps what it is asked and given.</summary>
internal abstract class DigitCalibrator : IInt8Calibrator, IDisposable
{
    private readonly DeviceMemory<float> memory;
    private readonly nint images;

    protected DigitCalibrator()
    {
        float[] values = OnnxLeNet.Images();
        memory = new DeviceMemory<float>(values.Length, TestDevice.Current);
        memory.CopyFrom(values);
        images = memory.Pointer;
    }

    /// <summary>What the calibrator hands out as its cache.</summary>
    public byte[]? Cache { get; set; }

    public int Batches { get; set; } = OnnxLeNet.Digits / OnnxLeNet.Batch;

    public int Given { get; private set; }

    public string Written { get; private set; } = string.Empty;

    public List<string> Asked { get; } = [];

    public int BatchSize => OnnxLeNet.Batch;

    public abstract CalibrationAlgoType Algorithm { get; }

    public virtual bool GetBatch(Span<nint> bindings, ReadOnlySpan<string> names)
    {
        Asked.AddRange(names);
        if (Given == Batches)
        {
            return false;
        }

        bindings[0] = images + (Given++ * OnnxLeNet.Batch * 784 * sizeof(float));
        return true;
    }

    public byte[]? ReadCalibrationCache() => Cache;

    public void WriteCalibrationCache(ReadOnlySpan<byte> ptr) => Written = Encoding.UTF8.GetString(ptr);

    public void Dispose() => memory.Dispose();

    public static DigitCalibrator Of(string kind) => kind switch
    {
        "minmax" => new MinMax(),
        "entropy2" => new Entropy2(),
        "entropy" => new Entropy(),
        _ => new Legacy(),
    };

    internal sealed class MinMax : DigitCalibrator, IInt8MinMaxCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.MinmaxCalibration;
    }

    internal sealed class Entropy2 : DigitCalibrator, IInt8EntropyCalibrator2
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration2;
    }

    internal sealed class Entropy : DigitCalibrator, IInt8EntropyCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration;
    }

    internal sealed class Legacy : DigitCalibrator, IInt8LegacyCalibrator
    {
        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.LegacyCalibration;

        public double Quantile { get; set; } = 0.9999;

        public double RegressionCutoff { get; set; } = 1;

        public byte[]? Histograms { get; set; }

        public byte[]? ReadHistogramCache() => Histograms;

        public void WriteHistogramCache(ReadOnlySpan<byte> ptr) => Histograms = ptr.ToArray();
    }
}
