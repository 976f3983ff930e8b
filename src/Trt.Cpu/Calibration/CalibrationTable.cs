using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Which tensors an algorithm gives scales to, and how histograms become scales.</summary>
internal static class CalibrationTable
{
    /// <summary>Inputs, then outputs of layers in order: min-max and the second entropy algorithm see every tensor, the older two those that are left after fusion.</summary>
    public static List<CpuTensor> Tensors(CalibrationAlgoType algorithm, IReadOnlyList<CpuTensor> inputs, IReadOnlyList<CpuLayer> layers, FusedGraph fused) =>
    [
        .. inputs.Concat(layers.OrderBy(layer => layer.Index).SelectMany(layer => layer.Outputs)).Where(tensor => Types.IsFloating(tensor.InferredType)
            && !(SeesEverything(algorithm) ? fused.IsInsideLogSoftMax(tensor) : fused.IsSwallowed(tensor))),
    ];

    public static List<(string Tensor, float Scale)> Scales(IReadOnlyList<(CpuTensor Tensor, TensorHistogram Histogram)> histograms, IInt8Calibrator calibrator)
    {
        CalibrationAlgoType algorithm = calibrator.Algorithm;
        Dictionary<CpuTensor, float> scales = [];
        List<(string, float)> result = [];
        foreach ((CpuTensor tensor, TensorHistogram histogram) in histograms)
        {
            // Max pooling picks from its input, and both sides must mean the same by a step.
            if (!(SeesEverything(algorithm) && tensor.Producer is IPoolingLayer { PoolingType: PoolingType.Max } && scales.TryGetValue(tensor.Producer!.RequiredInput(0), out float scale)))
            {
                double threshold = algorithm switch
                {
                    CalibrationAlgoType.MinmaxCalibration => histogram.Greatest,
                    CalibrationAlgoType.LegacyCalibration => calibrator is IInt8LegacyCalibrator legacy
                        ? Thresholds.Legacy(histogram, legacy.Quantile, legacy.RegressionCutoff)
                        : histogram.Greatest,
                    _ => Thresholds.Entropy(histogram),
                };
                scale = (float)(threshold / 127);
            }

            scales.Add(tensor, scale);
            result.Add((tensor.Name, scale));
        }

        return result;
    }

    private static bool SeesEverything(CalibrationAlgoType algorithm) => algorithm is CalibrationAlgoType.MinmaxCalibration or CalibrationAlgoType.EntropyCalibration2;
}
