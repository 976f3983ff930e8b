using Google.Protobuf;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Asks a calibrator for a cache, or for batches to measure tensors with. Layers inside of loops and branches cannot be looked at from outside, and are not among those given.</summary>
internal sealed class CalibrationRun(
    CpuNetwork network, CpuBuilderConfig config, Journal journal, FusedGraph fused, List<CpuLayer> layers, Func<Lowering> lower)
{
    /// <summary>Scales by tensor name; fewer than tensors where the calibrator gave no batch or a cache of another network.</summary>
    /// <exception cref="Refusal">The calibrator gave no memory, or the network cannot be run.</exception>
    /// <exception cref="TensorRtException">The calibrator threw.</exception>
    public Dictionary<string, float> Scales(IInt8Calibrator calibrator)
    {
        CalibrationAlgoType algorithm = Ask("Algorithm", () => calibrator.Algorithm);
        string name = CalibrationCache.Name(algorithm);
        if (!Enum.IsDefined(algorithm) || (algorithm == CalibrationAlgoType.LegacyCalibration && calibrator is not IInt8LegacyCalibrator))
        {
            throw Refusal.Argument($"The calibrator says algorithm {algorithm} but does not implement its interface.");
        }

        if (FromCache(calibrator, algorithm) is { } cached)
        {
            return Dictionary(cached.Scales);
        }

        journal.Info($"Starting calibration with {name}.");
        List<CpuTensor> tensors = CalibrationTable.Tensors(algorithm, network.InputTensors, layers, fused);
        List<(CpuTensor, TensorHistogram)> histograms = FromHistograms(calibrator, tensors) ?? Measure(calibrator, tensors);
        if (histograms.Count == 0)
        {
            return [];
        }

        List<(string, float)> scales = Ask("Quantile", () => CalibrationTable.Scales(histograms, calibrator));
        CalibrationCache cache = new() { Algorithm = algorithm, Scales = scales };
        if (calibrator is IInt8LegacyCalibrator legacy)
        {
            cache = cache with { Quantile = legacy.Quantile, RegressionCutoff = legacy.RegressionCutoff };
        }

        journal.Info($"Writing calibration cache for calibrator {name}.");
        Ask("WriteCalibrationCache", () =>
        {
            calibrator.WriteCalibrationCache(cache.Write());
            return true;
        });
        return Dictionary(scales);
    }

    private static Dictionary<string, float> Dictionary(IEnumerable<(string Tensor, float Scale)> scales)
    {
        Dictionary<string, float> result = new(StringComparer.Ordinal);
        foreach ((string tensor, float scale) in scales)
        {
            result[tensor] = scale;
        }

        return result;
    }

    private static T Ask<T>(string method, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is not Refusal)
        {
            throw new TensorRtException($"The callback IInt8Calibrator.{method} threw {error.GetType().Name}: {error.Message}", error);
        }
    }

    private CalibrationCache? FromCache(IInt8Calibrator calibrator, CalibrationAlgoType algorithm)
    {
        byte[]? bytes = Ask("ReadCalibrationCache", calibrator.ReadCalibrationCache);
        if (bytes is not { Length: > 0 })
        {
            return null;
        }

        try
        {
            CalibrationCache cache = CalibrationCache.Read(bytes);
            if (cache.Algorithm == algorithm)
            {
                journal.Info($"Scales are read from the calibration cache of {CalibrationCache.Name(algorithm)}; no batch is asked for. Delete the cache to calibrate again.");
                return cache;
            }

            journal.Warning($"The calibration cache was written by {CalibrationCache.Name(cache.Algorithm)}, but the calibrator is of {CalibrationCache.Name(algorithm)}: it is not used.");
        }
        catch (FormatException error)
        {
            journal.Warning($"The calibration cache cannot be read and is not used: {error.Message}.");
        }

        return null;
    }

    private List<(CpuTensor, TensorHistogram)>? FromHistograms(IInt8Calibrator calibrator, List<CpuTensor> tensors)
    {
        byte[]? bytes = calibrator is IInt8LegacyCalibrator legacy ? Ask("ReadHistogramCache", legacy.ReadHistogramCache) : null;
        if (bytes is not { Length: > 0 })
        {
            return null;
        }

        try
        {
            Dictionary<string, TensorHistogram> histograms = HistogramCache.Read(bytes);
            if (tensors.Find(tensor => !histograms.ContainsKey(tensor.Name)) is not { } missing)
            {
                return [.. tensors.Select(tensor => (tensor, histograms[tensor.Name]))];
            }

            journal.Warning($"The histogram cache is of another network (it does not have {missing}) and is not used.");
        }
        catch (FormatException error)
        {
            journal.Warning($"The histogram cache cannot be read and is not used: {error.Message}.");
        }

        return null;
    }

    private static unsafe ReadOnlySpan<float> Values(OrtOutput output) => new((float*)output.Data, checked((int)(output.Bytes / sizeof(float))));

    private List<(CpuTensor, TensorHistogram)> Measure(IInt8Calibrator calibrator, List<CpuTensor> tensors)
    {
        Lowering graph = lower();
        List<(PlanPlugin, Plugin Plugin)> configured = graph.KeptPlugins = [];
        List<(CpuTensor Tensor, TensorHistogram Histogram)> histograms = [.. tensors.Select(tensor => (tensor, new TensorHistogram()))];
        try
        {
            histograms.ForEach(entry => graph.AddMeasured(entry.Tensor));
        }
        catch
        {
            configured.ForEach(entry => entry.Plugin.Dispose());
            throw;
        }

        using EnginePlugins plugins = EnginePlugins.Of(configured);
        try
        {
            using OrtSession session = TrialSession.Open(graph.Finish().ToByteArray(), graph, optimizationLevel: 1, threads: 0);
            using ContextPlugins? running = plugins.Attach(new PluginResourceContext(journal));
            using OrtBinding binding = session.CreateBinding();
            binding.State = running;
            string[] names = [.. network.InputTensors.Select(input => input.Name)];
            nint[] addresses = new nint[names.Length];
            int batches = 0;
            while (Ask("GetBatch", () => calibrator.GetBatch(addresses, names)))
            {
                Bind(binding, addresses);
                for (int i = 0; i < histograms.Count; i++)
                {
                    binding.BindOutput(i);
                }

                binding.Run();
                for (int i = 0; i < histograms.Count; i++)
                {
                    histograms[i].Histogram.Add(Values(binding.GetOutput(i)));
                }

                journal.Info($"Calibrated batch {batches++}.");
            }

            if (batches == 0)
            {
                return [];
            }
        }
        catch (OrtException error)
        {
            throw error.InnerException as Refusal ?? Refusal.Internal($"Calibration cannot run the network: {error.Message}");
        }

        if (calibrator is IInt8LegacyCalibrator legacy)
        {
            Ask("WriteHistogramCache", () =>
            {
                legacy.WriteHistogramCache(HistogramCache.Write(histograms.Select(entry => (entry.Tensor.Name, entry.Histogram))));
                return true;
            });
        }

        return histograms;
    }

    private void Bind(OrtBinding binding, nint[] addresses)
    {
        for (int i = 0; i < addresses.Length; i++)
        {
            CpuTensor input = network.InputTensors[i];
            OrtOutput memory = InputOf(input, addresses);
            binding.BindInput(i, memory.Data, memory.Bytes, memory.Type, memory.Shape);
        }
    }

    private OrtOutput InputOf(CpuTensor input, nint[] addresses)
    {
        nint address = addresses[network.InputIndex(input)];
        Dims dims = input.InputDims.IsStatic ? input.InputDims
            : ((CpuOptimizationProfile?)config.Settings.CalibrationProfile ?? config.Profiles[0]).GetDimensions(input.Name, OptProfileSelector.Opt);
        if (!dims.IsStatic || dims.NbDims != input.InputDims.NbDims)
        {
            throw Refusal.Argument($"The calibration profile has no optimum shape for input {input}; set it with setDimensions.");
        }

        return address != 0
            ? new OrtOutput(address, Types.Bytes(input.InputType, dims.Volume), Types.Onnx(input.InputType), dims.ToArray())
            : throw Refusal.Argument($"The calibrator's getBatch said true but gave no address for input {input}.");
    }
}
