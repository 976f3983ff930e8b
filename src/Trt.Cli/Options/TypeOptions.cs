using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about the types that layers compute in.</summary>
internal static class TypeOptions
{
    public static OptionGroup Group { get; } = new("Types", [
        Allows("--fp16", Precision.FP16, "Layers may compute in half precision."),
        Allows("--bf16", Precision.BF16, "Layers may compute in bfloat16 (Ampere and later)."),
        Allows("--int8", Precision.Int8, "Layers may compute in 8-bit integers; needs --calibrate, --calib, or a model that has quantize nodes."),
        Allows("--fp8", Precision.FP8, "Layers may compute in 8-bit floats; needs quantize nodes, or --calibrate in strongly typed networks."),
        Allows("--int4", Precision.Int4, "Weights may be 4-bit integers; needs dequantize nodes."),
        Allows("--fp4", Precision.FP4, "Layers may compute in 4-bit floats; needs quantize nodes."),
        Allows("--best", Precision.Best, "Whatever is fastest of these, and what that left out."),
        BuildOption.Flag("--no-tf32 --noTF32", "TF32", "Products of 32-bit floats are never rounded to TF32.", (o, on) => o with { TF32 = !on }),
        BuildOption.Flag("--strongly-typed --stronglyTyped", "StronglyTyped",
            "Types follow from the model alone; --fp16 and its like rewrite it then. TensorRT 11 and TensorRT-RTX know nothing else.", (o, on) => o with { StronglyTyped = on }),
        BuildOption.Value("--precision-constraints --precisionConstraints", "none|prefer|obey", "PrecisionConstraints",
            "How binding the types of single layers are. Default: none.",
            (o, text) => o with { PrecisionConstraints = OptionValue.Choice(text, ("none", PrecisionConstraints.None), ("prefer", PrecisionConstraints.Prefer), ("obey", PrecisionConstraints.Obey)) }),
        BuildOption.Value("--layer-precisions --layerPrecisions", "LAYER:TYPE,...", "LayerPrecisions",
            "Types that layers compute in, as in conv*:fp16,fc1:fp32. A name may have one *; later ones win.",
            (o, text) => o with
            {
                LayerPrecisions = [.. o.LayerPrecisions, .. OptionValue.Pairs(text, "LAYER:TYPE").Select(pair => new LayerPrecision(OptionValue.Pattern(pair.Name), OptionValue.Type(pair.Value)))],
            }, repeats: true),
        BuildOption.Value("--layer-output-types --layerOutputTypes", "LAYER:TYPE[+TYPE],...", "LayerOutputTypes",
            "Types that layers give, one for all outputs or one for each.",
            (o, text) => o with
            {
                LayerOutputTypes = [.. o.LayerOutputTypes, .. OptionValue.Pairs(text, "LAYER:TYPE[+TYPE]").Select(pair =>
                    new LayerOutputTypes(OptionValue.Pattern(pair.Name), [.. pair.Value.Split('+').Select(OptionValue.Type)]))],
            }, repeats: true),
        BuildOption.Value("--sparsity", "disable|enable|force", "Sparsity",
            "Tactics for weights with two zeros in each four. force overwrites weights: for measuring speed only. Default: disable.",
            (o, text) => o with { Sparsity = OptionValue.Choice(text, ("disable", Sparsity.Disable), ("enable", Sparsity.Enable), ("force", Sparsity.Force)) }),
        BuildOption.Flag("--strict-nans", "StrictNans", "No shortcuts that hide NaN and infinity.", (o, on) => o with { StrictNans = on }),
        BuildOption.Flag("--distributive-independence --distributiveIndependence", "DistributiveIndependence",
            "Every position of an independent axis is computed by the same operations.", (o, on) => o with { DistributiveIndependence = on }),
    ]);

    /// <summary>Best chooses among the types by itself, whichever stand beside it.</summary>
    public static BuildOptions Settle(BuildOptions options) =>
        options.Precision.HasFlag(Precision.Best) ? options with { Precision = options.Precision & ~(Precision.FP16 | Precision.BF16 | Precision.Int8) } : options;

    private static BuildOption Allows(string name, Precision precision, string description) =>
        BuildOption.Flag(name, $"Precision.{precision}", description, (o, on) => o with { Precision = on ? o.Precision | precision : o.Precision & ~precision });
}
