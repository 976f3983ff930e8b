using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about what can be done with the plan, and where it runs.</summary>
internal static class PlanOptions
{
    public static OptionGroup Group { get; } = new("What the plan can do, and where", [
        BuildOption.Flag("--refit", "Refit = All", "Weights can be replaced later.", (o, on) => o with { Refit = on ? RefitKind.All : RefitKind.None }),
        BuildOption.Value("--refittable-weights", "NAME,...", "Refit = Individual", "Only these weights can be replaced later.",
            (o, text) => o with { Refit = RefitKind.Individual, RefittableWeights = [.. o.RefittableWeights, .. OptionValue.Names(text)] }, repeats: true),
        BuildOption.Flag("--strip-weights --stripWeights --weightless", "StripPlan", "A plan without weights, to be refitted with the same ones; with --refit, with any.", (o, on) => o with { StripPlan = on }),
        BuildOption.Flag("--strip-all-weights --stripAllWeights", "StripPlan", "--refit and --strip-weights in one.",
            (o, on) => on ? o with { StripPlan = true, Refit = RefitKind.All } : o with { StripPlan = false }),
        BuildOption.Flag("--allow-weight-streaming --allowWeightStreaming", "WeightStreaming", "Weights may stay in host memory and be streamed to the GPU.", (o, on) => o with { WeightStreaming = on }),
        BuildOption.Flag("--version-compatible --versionCompatible --vc", "VersionCompatible", "Later releases and the lean and dispatch runtimes can run the plan.", (o, on) => o with { VersionCompatible = on }),
        BuildOption.Flag("--exclude-lean-runtime --excludeLeanRuntime", "ExcludeLeanRuntime", "A version-compatible plan without the lean runtime inside.", (o, on) => o with { ExcludeLeanRuntime = on }),
        BuildOption.Value("--hardware-compatibility-level --hardwareCompatibilityLevel", "none|ampere+|sameComputeCapability", "HardwareCompatibility",
            "Other GPUs that must be able to run the plan. Default: none.",
            (o, text) => o with
            {
                HardwareCompatibility = OptionValue.Choice(text, ("none", HardwareCompatibilityLevel.None), ("ampere+", HardwareCompatibilityLevel.AmperePlus),
                    ("sameComputeCapability", HardwareCompatibilityLevel.SameComputeCapability)),
            }),
        BuildOption.Value("--compute-capabilities", "8.6,8.9,...|current", "ComputeCapabilities", "Compute capabilities that the plan is for (TensorRT-RTX).",
            (o, text) => o with { ComputeCapabilities = [.. OptionValue.Names(text).Select(Capability)] }),
        BuildOption.Value("--runtime-platform --runtimePlatform", "SameAsBuild|WindowsAMD64", "RuntimePlatform", "The system that the plan is for. Default: SameAsBuild.",
            (o, text) => o with { RuntimePlatform = OptionValue.Choice(text, ("SameAsBuild", RuntimePlatform.SameAsBuild), ("WindowsAMD64", RuntimePlatform.WindowsAmd64)) }),
        BuildOption.Value("--profiling-verbosity --profilingVerbosity", "layer_names_only|detailed|none", "ProfilingVerbosity",
            "How much the plan tells about its layers. Default: layer_names_only (once called default; detailed was verbose).",
            (o, text) => o with
            {
                ProfilingVerbosity = OptionValue.Choice(text, ("layer_names_only", ProfilingVerbosity.LayerNamesOnly), ("detailed", ProfilingVerbosity.Detailed), ("none", ProfilingVerbosity.None),
                    ("default", ProfilingVerbosity.LayerNamesOnly), ("verbose", ProfilingVerbosity.Detailed)),
            }),
        BuildOption.Flag("--no-read-back", "ReadBack", "Save the time of loading the engine once to see what became of the options.", (o, on) => o with { ReadBack = !on }),
    ]);

    /// <summary>A stripped plan takes the same weights back unless it was said which can be replaced.</summary>
    public static BuildOptions Settle(BuildOptions options) =>
        options is { StripPlan: true, Refit: RefitKind.None } ? options with { Refit = RefitKind.Identical } : options;

    private static ComputeCapability Capability(string text)
    {
        string digits = text.StartsWith("sm", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        digits = digits.Replace(".", string.Empty, StringComparison.Ordinal).TrimStart('_');
        if (text.Equals("current", StringComparison.OrdinalIgnoreCase))
        {
            return ComputeCapability.Current;
        }

        return int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) && number > 1 && Enum.IsDefined((ComputeCapability)number)
            ? (ComputeCapability)number
            : throw new FormatException($"\"{text}\" is no compute capability that a plan can be built for: it must be "
                + $"{OptionValue.Listed([.. Enum.GetValues<ComputeCapability>().Where(capability => (int)capability > 1).Select(capability => $"{(int)capability / 10}.{(int)capability % 10}"), "current"])}.");
    }
}
