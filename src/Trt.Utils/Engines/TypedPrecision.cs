using Trt.Interop;

namespace Trt.Utils;

/// <summary>Rewrites strongly typed networks for the precision that was asked for: layers that quantize first, then casts.</summary>
internal static class TypedPrecision
{
    /// <summary>Notes what cannot be asked of a strongly typed network.</summary>
    public static void Ask(BuildOptions options, OptionWriter writer)
    {
        if (options.CalibrationCache is not null)
        {
            writer.Refuse("CalibrationCache: a strongly typed network has no scales, it has quantize layers. Give a Calibration, whose CacheFile may be this one.");
        }

        if (options.LayerOutputTypes.Count > 0)
        {
            writer.Refuse("LayerOutputTypes: the network is strongly typed, so that types follow from its inputs and layers. Add casts in Customize, or build weakly typed with a release that can.");
        }

        if (options.LayerPrecisions.FirstOrDefault(rule => rule.Type != DataType.Float) is { } other)
        {
            writer.Refuse($"LayerPrecisions: {other.Layers} as {other.Type}: of a strongly typed network layers can be kept in Float only, the others follow Precision. Leave it out, or build weakly typed with a release that can.");
        }

        if (options.Precision.HasFlag(Precision.Best) && options.Precision != Precision.Best)
        {
            writer.Refuse($"Precision = {options.Precision}: Best chooses by itself. Ask for it alone, or for the others.");
        }

        if (options.Precision.HasFlag(Precision.Int8 | Precision.FP8))
        {
            writer.Refuse("Precision = Int8, FP8: a strongly typed network is quantized to one of them. Ask for one.");
        }

        if (options.Calibration is not null && (options.Precision & (Precision.Int8 | Precision.FP8 | Precision.Best)) == 0)
        {
            writer.Refuse("Calibration: it serves Precision.Int8, FP8 and Best only. Ask for one of them, or leave it out.");
        }
    }

    /// <summary>Rewrites the network.</summary>
    /// <exception cref="BuildRefusedException">It cannot have the precision.</exception>
    public static void Apply(BuildWork work, INetworkDefinition network, CancellationToken cancellation)
    {
        BuildOptions options = work.Options;
        Precision asked = options.Precision;
        bool best = asked.HasFlag(Precision.Best), quantized = PrecisionOptions.HasQuantization(network);
        HashSet<string> kept = Kept(work, network);
        if (options.Calibration is { } calibration && (asked & (Precision.Int8 | Precision.FP8 | Precision.Best)) != 0)
        {
            string[] added = [.. kept.Where(calibration.ExcludedLayers.Add)];
            try
            {
                PrecisionOptions.Calibrate(work, network, calibration, asked.HasFlag(Precision.FP8) ? DataType.FP8 : DataType.Int8, cancellation);
            }
            finally
            {
                calibration.ExcludedLayers.ExceptWith(added);
            }
        }
        else if (!quantized && (asked & (Precision.Int8 | Precision.FP8 | Precision.Int4 | Precision.FP4)) is not 0 and var few)
        {
            throw new BuildRefusedException(PrecisionOptions.WithoutRanges(few.ToString()));
        }
        else if (best && !quantized)
        {
            work.Warn("Precision.Best: without Int8, because there is no Calibration and the model has no quantize layers.");
        }

        if ((asked & (Precision.FP16 | Precision.BF16 | Precision.Best)) != 0)
        {
            DataType type = asked.HasFlag(Precision.FP16 | Precision.BF16) ? network.BestPrecision() : asked.HasFlag(Precision.BF16) ? DataType.BF16 : DataType.Half;
            PrecisionReport report = network.ConvertPrecision(type, new PrecisionRules { KeptLayers = kept, KeepsWeights = options.Refit != RefitKind.None || options.StripPlan });
            work.Log.Log(Severity.Info, report.ToString());
            if (report.Converted.Count == 0)
            {
                work.Warn($"Precision = {asked}: no layer was made to compute in {type}; {(report.Kept.Count > 0 ? $"the first of {report.Kept.Count} that stay, {report.Kept[0].Layer}: {report.Kept[0].Reason}" : "the network has none that computes in Float")}.");
            }

            if (report.WeightsRoundedToZero > 0)
            {
                work.Warn($"Precision = {asked}: {report.WeightsRoundedToZero} weights are too small for {type} and became zero.");
            }
        }
    }

    /// <summary>Names of the layers that stay in 32 bits.</summary>
    private static HashSet<string> Kept(BuildWork work, INetworkDefinition network)
    {
        HashSet<string> kept = new(StringComparer.Ordinal);
        foreach (LayerPrecision rule in work.Options.LayerPrecisions)
        {
            NamePattern pattern = new(rule.Layers);
            string[] named = [.. Enumerable.Range(0, network.NbLayers).Select(i => network.GetLayer(i).Name).Where(pattern.Matches)];
            kept.UnionWith(named);
            if (named.Length == 0)
            {
                work.Warn($"LayerPrecisions: no layer is called \"{rule.Layers}\".");
            }
        }

        return kept;
    }
}
