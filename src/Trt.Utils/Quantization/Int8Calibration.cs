using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Data that shows a network what it will see, from which the ranges of its tensors follow, so that it can run in 8 bits.</summary>
/// <remarks>
/// <para>
/// One call for every release: where the library has calibrators (TensorRT 8 and 10, CPU runtime) it is given one; where it has none (TensorRT 11, TensorRT-RTX,
/// and strongly typed networks everywhere), the network is run on the CPU runtime with the same data and algorithm, and layers that quantize and dequantize are
/// written into it, as a model quantized in PyTorch would bring them.
/// </para>
/// <para>
/// Make it with one of the From methods, set what else is wanted, then call <see cref="Apply"/> before each build. Data is read while the engine is built, and checked: the
/// error names the item. Dispose it after the last build. Not thread-safe.
/// </para>
/// </remarks>
public sealed partial class Int8Calibration : IDisposable
{
    private readonly CalibrationSource source;
    private BatchCalibrator? calibrator;

    private Int8Calibration(CalibrationSource source) => this.source = source;

    /// <summary>How ranges are chosen. The second entropy algorithm suits pictures; min-max keeps the whole range, which transformers want.</summary>
    public CalibrationAlgoType Algorithm { get; set; } = CalibrationAlgoType.EntropyCalibration2;

    /// <summary>Of the legacy algorithm: the share of values that a range must hold, in 0 to 1.</summary>
    public double Quantile { get; set; } = 0.9999;

    /// <summary>Of the legacy algorithm: from which share of the quantile's range on a line is fitted to shorten it, in 0 to 1; 1 fits nothing.</summary>
    public double RegressionCutoff { get; set; } = 1;

    /// <summary>
    /// Where scales are kept in NVIDIA's text format, so that the next build needs no data but the first batch; null for nowhere. A file beside it (<c>.json</c>) says of which
    /// model and data they are; others are not used, and the log says why.
    /// </summary>
    public string? CacheFile { get; set; }

    /// <summary>Whether a cache file without that other file beside it, such as one from trtexec or Python, is used.</summary>
    public bool AcceptForeignCache { get; set; }

    /// <summary>Names of layers that stay real. Where the library calibrates they are given 32-bit floats as their precision, and the configuration the wish to prefer that.</summary>
    public ISet<string> ExcludedLayers { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Types of layers that stay real, as for <see cref="ExcludedLayers"/>.</summary>
    public ISet<LayerType> ExcludedTypes { get; } = new HashSet<LayerType>();

    /// <summary>The scales that the last build or <see cref="Apply"/> found or read, by tensor; empty before. A scale is what a step of an 8-bit integer stands for: range / 127.</summary>
    public IReadOnlyDictionary<string, float> Scales
    {
        get
        {
            Dictionary<string, float> scales = new(StringComparer.Ordinal);
            foreach ((string tensor, float scale) in calibrator?.Cache is { } cache ? CalibrationCache.Read(cache).Scales : [])
            {
                scales[tensor] = scale;
            }

            return scales;
        }
    }

    /// <summary>Makes a network run in 8 bits when it is built with this configuration.</summary>
    /// <param name="builder">The builder of network and configuration; its logger hears what is decided.</param>
    /// <param name="network">A complete network with its outputs marked.</param>
    /// <param name="config">Gets flags, calibrator and calibration profile where the library has calibrators, and stays as it is otherwise, but for the flag of the type in networks that are not strongly typed.</param>
    /// <param name="library">The library of the three.</param>
    /// <param name="type">
    /// <see cref="DataType.Int8"/>, or <see cref="DataType.FP8"/> (E4M3) for layers that quantize to that, with the same ranges; always written into the network.
    /// </param>
    /// <param name="cancellation">Ends the reading of data, here and while the engine is built.</param>
    /// <returns>What was done, and which layers were left alone and why.</returns>
    /// <exception cref="InvalidDataException">The set is empty, or an item does not fit the network or is not finite; the message names it. While building it is the inner exception.</exception>
    /// <exception cref="NotSupportedException">The library has no calibrators and no CPU runtime is registered, or the network cannot run on it; the message says what to do.</exception>
    /// <exception cref="TensorRtException">The network cannot be run to calibrate it; the message is the runtime's.</exception>
    public QuantizationReport Apply(
        IBuilder builder, INetworkDefinition network, IBuilderConfig config, TensorRtLibrary library, DataType type = DataType.Int8, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(library);
        if (type is not (DataType.Int8 or DataType.FP8))
        {
            throw new ArgumentException($"Calibration is for {DataType.Int8} and {DataType.FP8}, not {type}.", nameof(type));
        }

        Action<Severity, string> log = builder.Logger.Log;
        bool isStronglyTyped = library.Supports(NetworkDefinitionCreationFlag.StronglyTyped) && network.GetFlag(NetworkDefinitionCreationFlag.StronglyTyped);
        if (Enumerable.Range(0, network.NbLayers).Any(layer => network.GetLayer(layer).Type is LayerType.Quantize or LayerType.Dequantize))
        {
            log(Severity.Warning, "The network already has layers that quantize; the calibration leaves it as it is.");
            SetFlag(config, type, isStronglyTyped, library);
            return new QuantizationReport { Method = QuantizationMethod.Already, Type = type };
        }

        bool calibrates = type == DataType.Int8 && !isStronglyTyped && library.Supports("IBuilderConfig.setInt8Calibrator");
        bool hasBatch = !library.Supports("INetworkDefinition.hasImplicitBatchDimension") || !network.HasImplicitBatchDimension();
        CalibrationInput[] inputs = CalibrationInput.Of(network, hasBatch);
        Device device = calibrates && library.Flavour != Flavour.Cpu ? Device.Current : Device.Host;
        Start(network, inputs, calibrates, device, log, cancellation, out CalibrationFeed feed);
        if (!calibrates)
        {
            QuantizationWriter writer = new(network, type, ExcludedLayers, ExcludedTypes);
            Dictionary<ITensor, float> scales = HostCalibration.Scales(network, writer.Read(), inputs, feed, calibrator!, library, log);
            QuantizationReport report = writer.Write(scales);
            SetFlag(config, type, isStronglyTyped, library);
            log(Severity.Info, report.ToString());
            return report;
        }

        config.SetFlag(BuilderFlag.Int8);
        config.Int8Calibrator = calibrator;
        Exclude(network, config);
        if (hasBatch && CalibrationShapes.AreOpen(network))
        {
            config.CalibrationProfile = CalibrationShapes.Profile(builder, network, feed);
        }

        return new QuantizationReport { Method = QuantizationMethod.Calibrator, Type = type };
    }

    /// <summary>Frees memory and closes what data is read from. Not while an engine is being built.</summary>
    public void Dispose() => calibrator?.Dispose();

    private void Exclude(INetworkDefinition network, IBuilderConfig config)
    {
        ILayer[] excluded = [.. Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).Where(layer => ExcludedLayers.Contains(layer.Name) || ExcludedTypes.Contains(layer.Type))];
        foreach (ILayer layer in excluded.Where(layer => !layer.PrecisionIsSet()))
        {
            layer.Precision = DataType.Float;
        }

        if (excluded.Length > 0 && !config.GetFlag(BuilderFlag.ObeyPrecisionConstraints))
        {
            config.SetFlag(BuilderFlag.PreferPrecisionConstraints);
        }
    }

    private static void SetFlag(IBuilderConfig config, DataType type, bool isStronglyTyped, TensorRtLibrary library)
    {
        BuilderFlag flag = type == DataType.Int8 ? BuilderFlag.Int8 : BuilderFlag.FP8;
        if (!isStronglyTyped && library.Supports(flag))
        {
            config.SetFlag(flag);
        }
    }

    private void Start(INetworkDefinition network, CalibrationInput[] inputs, bool calibrates, Device device, Action<Severity, string> log, CancellationToken cancellation, out CalibrationFeed feed)
    {
        calibrator?.Dispose();
        feed = CalibrationFeed.Open(source, inputs, cancellation);
        try
        {
            // A library's own calibration may leave tensors out that written layers need.
            CalibrationCacheFile? file = CacheFile is { } path
                ? CalibrationCacheFile.Open(path, NetworkFingerprint.Of(network) + (calibrates ? string.Empty : " explicit"), source.Fingerprint(feed.Batch), Algorithm, AcceptForeignCache, log)
                : null;
            calibrator = BatchCalibrator.Create(this, feed, inputs, device, file, log);
        }
        catch
        {
            feed.Dispose();
            throw;
        }
    }
}
