using Trt.Interop;

namespace Trt.Utils.Tests.Quantization;

/// <summary>LeNet's 200 digits, and what TensorRT 8.6.0 made of them.</summary>
internal static class Digits
{
    public const int Count = 200;
    public const int Batch = 20;
    private static readonly Lazy<(float[] Data, long[] Labels)> Content = new(Read);

    public static float[] Data => Content.Value.Data;

    /// <summary>One digit, [1, 28, 28].</summary>
    public static CalibrationTensor Item(int index) => CalibrationTensor.Copy<float>(Data.AsSpan(index * 784, 784), 1, 28, 28);

    public static IEnumerable<CalibrationTensor> Batches => Enumerable.Range(0, Count / Batch).Select(batch => CalibrationTensor.Copy<float>(Data.AsSpan(batch * Batch * 784, Batch * 784), Batch, 1, 28, 28));

    /// <summary>Share of digits whose most likely class is the right one.</summary>
    public static double Accuracy(float[] prob) => Enumerable.Range(0, Count).Count(digit => prob.AsSpan(digit * 10, 10).IndexOf(prob.AsSpan(digit * 10, 10).ToArray().Max()) == Content.Value.Labels[digit]) / (double)Count;

    public static CalibrationCache Golden(string kind) => CalibrationCache.Read(File.ReadAllBytes(GoldenPath(kind)));

    public static string GoldenPath(string kind) => Checkout.Path("tests", "goldens", $"lenet_{kind}.cache");

    /// <summary>Outputs of TensorRT for the first batch.</summary>
    public static float[] Golden(string file, string array)
    {
        using NpzFile golden = NpzFile.Open(Checkout.Path("tests", "goldens", file));
        return golden[array].ToFloat32();
    }

    public static CalibrationAlgoType Algorithm(string kind) => kind switch
    {
        "minmax" => CalibrationAlgoType.MinmaxCalibration,
        "entropy2" => CalibrationAlgoType.EntropyCalibration2,
        "entropy" => CalibrationAlgoType.EntropyCalibration,
        _ => CalibrationAlgoType.LegacyCalibration,
    };

    private static (float[] Data, long[] Labels) Read()
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        return (file["data"].ToFloat32(), file["labels"].ToArray<long>());
    }
}
