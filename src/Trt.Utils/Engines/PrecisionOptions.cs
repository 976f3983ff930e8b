using Trt.Interop;

namespace Trt.Utils;

/// <summary>Decides how a network is typed, and gives it the precision that was asked for.</summary>
internal static class PrecisionOptions
{
    private static readonly (Precision Precision, BuilderFlag Flag)[] Weak =
    [
        (Precision.FP16, BuilderFlag.FP16), (Precision.BF16, BuilderFlag.BF16), (Precision.Int8, BuilderFlag.Int8),
        (Precision.FP8, BuilderFlag.FP8), (Precision.Int4, BuilderFlag.Int4), (Precision.FP4, BuilderFlag.FP4),
    ];

    /// <summary>Whether the library knows no weak typing: the flags that only weak typing has are missing, or the flavour ignores them.</summary>
    public static bool KnowsOnlyStrongTypes(TensorRtLibrary library) => library.Flavour == Flavour.TensorRTRtx || !library.Supports(BuilderFlag.FP16);

    /// <summary>Whether the network will be strongly typed.</summary>
    public static bool IsStronglyTyped(TensorRtLibrary library, BuildOptions options) =>
        KnowsOnlyStrongTypes(library) || options.StronglyTyped == true || options.NetworkFlags.Contains(NetworkDefinitionCreationFlag.StronglyTyped);

    /// <summary>The flags with which a network is made.</summary>
    public static Mask<NetworkDefinitionCreationFlag> NetworkFlags(TensorRtLibrary library, BuildOptions options)
    {
        Mask<NetworkDefinitionCreationFlag> flags = Mask.Create<NetworkDefinitionCreationFlag>([.. options.NetworkFlags]);
        if (library.Supports(NetworkDefinitionCreationFlag.ExplicitBatch))
        {
            flags = flags.With(NetworkDefinitionCreationFlag.ExplicitBatch);
        }

        return IsStronglyTyped(library, options) && library.Supports(NetworkDefinitionCreationFlag.StronglyTyped) ? flags.With(NetworkDefinitionCreationFlag.StronglyTyped) : flags;
    }

    /// <summary>Writes the options that are flags, or asks whether they can be.</summary>
    public static void Visit(TensorRtLibrary library, BuildOptions options, OptionWriter writer)
    {
        bool strong = IsStronglyTyped(library, options);
        if (options.CalibrationShapes is not null)
        {
            writer.Has("CalibrationShapes", "IBuilderConfig.setCalibrationProfile");
        }

        if (options.CalibrationProfile > 0)
        {
            writer.Has($"CalibrationProfile = {options.CalibrationProfile}", "IBuilderConfig.setCalibrationProfile");
        }

        if (strong && options.StronglyTyped == false)
        {
            writer.Refuse($"StronglyTyped = no: {library} knows no weak typing. Leave it out; Precision rewrites the network.");
        }

        if (strong)
        {
            writer.Has("StronglyTyped", NetworkDefinitionCreationFlag.StronglyTyped);
            if (options.ArbitraryInt8Ranges)
            {
                writer.Refuse("ArbitraryInt8Ranges: a strongly typed network has no ranges, it has quantize layers. Give a Calibration.");
            }

            TypedPrecision.Ask(options, writer);
            return;
        }

        if (options.Precision.HasFlag(Precision.Best) && options.Precision != Precision.Best)
        {
            writer.Refuse($"Precision = {options.Precision}: Best chooses by itself. Ask for it alone, or for the others.");
        }

        foreach ((Precision precision, BuilderFlag flag) in Weak)
        {
            writer.Flag($"Precision.{precision}", options.Precision.HasFlag(precision), flag);
        }

        if (options.CalibrationCache is not null)
        {
            writer.Has("CalibrationCache", "IBuilderConfig.setInt8Calibrator");
            if ((options.Precision & (Precision.Int8 | Precision.Best)) == 0 || options.Calibration is not null || options.ArbitraryInt8Ranges)
            {
                writer.Refuse("CalibrationCache: it serves Precision.Int8 and Best only, without a Calibration or ArbitraryInt8Ranges beside it.");
            }
        }

        if (options.Calibration is not null && (options.Precision & (Precision.Int8 | Precision.FP8 | Precision.Best)) == 0)
        {
            writer.Refuse("Calibration: it serves Precision.Int8, FP8 and Best only. Ask for one of them, or leave it out.");
        }

        writer.Flag("PrecisionConstraints = Prefer", options.PrecisionConstraints == PrecisionConstraints.Prefer, BuilderFlag.PreferPrecisionConstraints);
        writer.Flag("PrecisionConstraints = Obey", options.PrecisionConstraints == PrecisionConstraints.Obey, BuilderFlag.ObeyPrecisionConstraints);
    }

    /// <summary>Gives the network its precision.</summary>
    /// <param name="work">The build.</param>
    /// <param name="network">The network, with its profiles in the configuration.</param>
    /// <param name="cancellation">Ends a calibration.</param>
    /// <exception cref="BuildRefusedException">It cannot have it.</exception>
    public static void Apply(BuildWork work, INetworkDefinition network, CancellationToken cancellation)
    {
        if (work.IsStronglyTyped)
        {
            TypedPrecision.Apply(work, network, cancellation);
            return;
        }

        BuildOptions options = work.Options;
        bool quantized = HasQuantization(network);
        if (options.Precision.HasFlag(Precision.Best))
        {
            ChooseBest(work, quantized);
        }

        bool int8 = options.Precision.HasFlag(Precision.Int8) || options.Precision.HasFlag(Precision.Best);
        if (options.ArbitraryInt8Ranges)
        {
            SetArbitraryRanges(network);
            work.Warn("ArbitraryInt8Ranges: tensors without a range got -4 to 4, results are wrong.");
        }
        else if (options.CalibrationCache is { } cache && int8)
        {
            work.Config.SetFlag(BuilderFlag.Int8);
            work.Config.Int8Calibrator = CachedCalibrator.Open(cache);
        }
        else if (options.Calibration is { } calibration && int8)
        {
            Calibrate(work, network, calibration, DataType.Int8, cancellation);
        }
        else if (options.Precision.HasFlag(Precision.Int8) && !quantized && !HasRanges(network))
        {
            throw new BuildRefusedException(WithoutRanges("Int8") + " ArbitraryInt8Ranges serves to measure speed.");
        }
    }

    /// <summary>Calibrates, and warns of what the calibration decided in the user's place.</summary>
    internal static void Calibrate(BuildWork work, INetworkDefinition network, Int8Calibration calibration, DataType type, CancellationToken cancellation)
    {
        IOptimizationProfile? asked = work.Options.CalibrationShapes is null ? null : work.Config.CalibrationProfile;
        QuantizationReport report = calibration.Apply(work.Builder, network, work.Config, work.Library, type, cancellation);
        if (asked is not null && report.Method == QuantizationMethod.Calibrator)
        {
            work.Config.CalibrationProfile = asked;
        }

        if (report.Method == QuantizationMethod.Already)
        {
            work.Warn("Calibration: the model has quantize layers already, so that it was not used.");
        }
    }

    /// <summary>Why a precision of few bits cannot be had.</summary>
    internal static string WithoutRanges(string precision) => $"Precision.{precision}: nothing says how to round to so few bits. Give a Calibration, or a model with QuantizeLinear nodes.";

    internal static bool HasQuantization(INetworkDefinition network) =>
        Enumerable.Range(0, network.NbLayers).Any(i => network.GetLayer(i).Type is LayerType.Quantize or LayerType.Dequantize);

    private static void ChooseBest(BuildWork work, bool quantized)
    {
        List<string> left = [];
        Choose(BuilderFlag.FP16, true, string.Empty);

        // Every GPU with TF32 has bfloat16.
        Choose(BuilderFlag.BF16, work.Builder.PlatformHasTf32(), "this GPU has none");
        Choose(BuilderFlag.Int8, quantized || work.Options.ArbitraryInt8Ranges || work.Options.Calibration is not null || work.Options.CalibrationCache is not null, "there is no calibration and the model has no quantize layers");
        if (left.Count > 0)
        {
            work.Warn($"Precision.Best: without {string.Join("; ", left)}.");
        }

        void Choose(BuilderFlag flag, bool possible, string why)
        {
            if (possible && work.Library.Supports(flag))
            {
                work.Config.SetFlag(flag);
            }
            else
            {
                left.Add($"{flag}, because {(possible ? $"{work.Library} does not have it" : why)}");
            }
        }
    }

    private static bool HasRanges(INetworkDefinition network) =>
        Enumerable.Range(0, network.NbInputs).Select(network.GetInput)
            .Concat(Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).SelectMany(Outputs)).Any(tensor => tensor.DynamicRangeIsSet());

    private static void SetArbitraryRanges(INetworkDefinition network)
    {
        IEnumerable<ITensor> tensors = Enumerable.Range(0, network.NbInputs).Select(network.GetInput)
            .Concat(Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).SelectMany(Outputs));
        foreach (ITensor tensor in tensors.Where(tensor => tensor.Type is DataType.Float or DataType.Half or DataType.Int8 && !tensor.DynamicRangeIsSet()))
        {
            tensor.SetDynamicRange(-4, 4);
        }
    }

    private static IEnumerable<ITensor> Outputs(ILayer layer) => Enumerable.Range(0, layer.NbOutputs).Select(layer.GetOutput);
}
