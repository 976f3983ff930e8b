using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What an INT8 build decides: the scale of each tensor, and the layers that run in 8 bits.</summary>
internal sealed class Int8Plan
{
    private readonly Dictionary<CpuTensor, float> scales;
    private readonly HashSet<CpuLayer> running = [];

    private Int8Plan(Dictionary<CpuTensor, float> scales, FusedGraph fused)
    {
        this.scales = scales;
        Fused = fused;
    }

    /// <summary>What one step of an 8-bit integer stands for, by tensor; never 0.</summary>
    public IReadOnlyDictionary<CpuTensor, float> Scales => scales;

    public IReadOnlySet<CpuLayer> Layers => running;

    public FusedGraph Fused { get; }

    /// <summary>Finds scales and layers, by calibration where there is a calibrator.</summary>
    /// <returns>Null when nothing is to run in INT8 implicitly.</returns>
    /// <exception cref="Refusal">The build asks for INT8 and no tensor has a scale.</exception>
    public static Int8Plan? Make(
        CpuNetwork network, CpuBuilderConfig config, Journal journal, List<CpuLayer> layers, List<CpuTensor> outputs, Func<Lowering> lower)
    {
        IInt8Calibrator? calibrator = config.Settings.Int8Calibrator;
        if (!config.Settings.Flags.Contains(BuilderFlag.Int8) || network.IsStronglyTyped)
        {
            return null;
        }

        if (layers.Any(layer => layer.Type is LayerType.Quantize or LayerType.Dequantize))
        {
            if (calibrator is not null)
            {
                journal.Warning("The calibrator is not used: the network says with layers that quantize and dequantize what runs in INT8.");
            }

            return null;
        }

        FusedGraph fused = new(layers, outputs);
        Dictionary<CpuTensor, float> scales = [];
        List<CpuTensor> tensors = CalibrationTable.Tensors(CalibrationAlgoType.EntropyCalibration2, network.InputTensors, layers, fused);
        if (calibrator is null)
        {
            journal.Warning("Calibrator is not being used. Set the dynamic range of every tensor that is not Int32 or Bool.");
        }
        else
        {
            Dictionary<string, float> calibrated = new CalibrationRun(network, config, journal, fused, layers, lower).Scales(calibrator);
            foreach (CpuTensor tensor in tensors.Where(tensor => calibrated.ContainsKey(tensor.Name)))
            {
                scales[tensor] = calibrated[tensor.Name];
            }
        }

        foreach (CpuTensor tensor in tensors.Where(tensor => tensor.DynamicRangeIsSet()))
        {
            scales[tensor] = Math.Max(Math.Abs(tensor.DynamicRangeMin), Math.Abs(tensor.DynamicRangeMax)) / 127;
        }

        if (scales.Count == 0)
        {
            throw new Refusal(ErrorCode.InvalidConfig, Refusal.InternalError,
                "Calibration failure: no scaling factors were found. Give the build a calibrator with batches, a calibration cache that names tensors of this network, or dynamic ranges.");
        }

        Int8Plan plan = new(scales, fused);
        plan.Carry(layers);
        foreach (CpuTensor tensor in tensors.Where(tensor => !scales.ContainsKey(tensor) && !fused.IsSwallowed(tensor)))
        {
            journal.Warning($"Missing scale and zero-point for tensor {tensor}, expect fall back to non-int8 implementation for any layer consuming or producing given tensor");
        }

        plan.Choose(layers, config.Settings.Flags);
        return plan;
    }

    /// <summary>Layers that only move elements hand the scale of their input on where the output has none of its own.</summary>
    private void Carry(List<CpuLayer> layers)
    {
        foreach (CpuLayer layer in layers.Where(layer => layer.Type is LayerType.Shuffle or LayerType.Identity or LayerType.Squeeze or LayerType.Unsqueeze
            || layer is IPoolingLayer { PoolingType: PoolingType.Max }))
        {
            if (scales.TryGetValue(layer.RequiredInput(0), out float scale))
            {
                scales.TryAdd(layer.OutputAt(0), scale);
            }
        }

        // A tensor of zeros has no step; nothing is lost when it is left as it is.
        foreach (CpuTensor zero in scales.Where(entry => !(entry.Value > 0 && float.IsFinite(entry.Value))).Select(entry => entry.Key).ToList())
        {
            scales.Remove(zero);
        }
    }

    private void Choose(List<CpuLayer> layers, Mask<BuilderFlag> flags)
    {
        bool obey = flags.Contains(BuilderFlag.ObeyPrecisionConstraints);
        bool constrained = obey || flags.Contains(BuilderFlag.PreferPrecisionConstraints);
        foreach (CpuLayer layer in layers)
        {
            bool wanted = constrained && layer.PrecisionIsSet();
            bool able = IsAble(layer);
            if (able && !(wanted && layer.Precision != DataType.Int8))
            {
                running.Add(layer);
            }
            else if (wanted && layer.Precision == DataType.Int8 && IsArithmetic(layer) && obey)
            {
                throw new Refusal(ErrorCode.UnsupportedState, Refusal.InternalError,
                    $"Could not find any implementation for node {layer.Label} with precision Int8: a tensor that it reads or writes has no scale.");
            }
        }
    }

    private bool IsAble(CpuLayer layer) => IsArithmetic(layer)
        && layer.Inputs.All(input => input is null || Fused.IsFolded(input) || scales.ContainsKey(input))
        && layer.Inputs.Any(input => input is not null && scales.ContainsKey(input))
        && Reaches(layer.OutputAt(0));

    /// <summary>Whether a tensor, or what the pointwise layers fused behind it make of it, has a scale or leaves the network.</summary>
    private bool Reaches(CpuTensor tensor)
    {
        CpuTensor at = tensor;
        while (!scales.ContainsKey(at) && Fused.SoleConsumer(at) is { } consumer && FusedGraph.IsPointwise(consumer))
        {
            at = consumer.OutputAt(0);
        }

        return scales.ContainsKey(at) || Fused.SoleConsumer(at) is null;
    }

    private static bool IsArithmetic(CpuLayer layer) =>
        layer.Type is LayerType.Convolution or LayerType.Deconvolution or LayerType.MatrixMultiply or LayerType.FullyConnected or LayerType.Pooling;
}
