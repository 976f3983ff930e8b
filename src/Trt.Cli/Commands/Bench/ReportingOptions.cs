using System.CommandLine;
using System.Globalization;

namespace Trt.Cli.Commands.Bench;

/// <summary>trtexec's reporting group, and what goes past it: what is shown and written.</summary>
internal static class ReportingOptions
{
    public static Option<int?> AvgRuns { get; } = InferenceOptions.Number<int>("--avg-runs --avgRuns", "N", "Also print means of N queries each, in order; without it with --verbose only, and then of 10.", 1);

    public static Option<bool> DumpRefit { get; } = InferenceOptions.Flag("--dump-refit --dumpRefit", "Print the layers and roles of weights that can be refitted.");

    public static Option<bool> DumpOutput { get; } = InferenceOptions.Flag("--dump-output --dumpOutput", "Print the outputs of the last query of the first stream.");

    public static Option<bool> DumpRawBindings { get; } = InferenceOptions.Flag("--dump-raw-bindings-to-file --dumpRawBindingsToFile", "Write the bytes of inputs and outputs of the last query, a file each.");

    public static Option<string> DumpFolder { get; } = new("--dump-folder") { Description = "Where --dump-raw-bindings-to-file and --save-all-debug-tensors write. Default: the current folder.", HelpName = "FOLDER", DefaultValueFactory = _ => "." };

    public static Option<bool> DumpProfile { get; } = InferenceOptions.Flag("--dump-profile --dumpProfile", "Time layers, in runs of their own, and print them.");

    public static Option<bool> DumpLayerInfo { get; } = InferenceOptions.Flag("--dump-layer-info --dumpLayerInfo", "Print the plan's layers.");

    public static Option<bool> DumpOptimizationProfile { get; } = InferenceOptions.Flag("--dump-optimization-profile --dumpOptimizationProfile", "Print the optimization profiles.");

    public static Option<string?> ExportTimes { get; } = File("--export-times --exportTimes", "Write the times of each query, as JSON.");

    public static Option<string?> ExportOutput { get; } = File("--export-output --exportOutput", "Write the outputs of the last query, as JSON.");

    public static Option<string?> ExportProfile { get; } = File("--export-profile --exportProfile", "Time layers and write their times, as JSON.");

    public static Option<string?> ExportLayerInfo { get; } = File("--export-layer-info --exportLayerInfo", "Write the plan's layers, as JSON.");

    public static Option<string?> Html { get; } = File("--html", "Write the report as one page: histogram, timeline, layers.");

    public static Option<string?> Baseline { get; } = File("--baseline", "Compare with an earlier run: what --json printed then.");

    private static readonly Option<string?> PercentileList = InferenceOptions.Of<string?>("--percentile", "P,P,...", "Percentiles to report, above 0 and up to 100. Default: 90,95,99.");

    public static IReadOnlyList<Option> All { get; } =
    [
        AvgRuns, PercentileList, DumpRefit, DumpOutput, DumpRawBindings, DumpFolder, DumpProfile, DumpLayerInfo, DumpOptimizationProfile, ExportTimes, ExportOutput, ExportProfile, ExportLayerInfo,
        Html, Baseline,
    ];

    /// <summary>Whether layers are to be timed.</summary>
    public static bool WantsLayers(ParseResult parsed) => parsed.GetValue(DumpProfile) || parsed.GetValue(ExportProfile) is not null;

    /// <exception cref="UserError">One is none.</exception>
    public static IReadOnlyList<double> Percentiles(ParseResult parsed)
    {
        if (parsed.GetValue(PercentileList) is not { } text)
        {
            return [90, 95, 99];
        }

        List<double> percentiles = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) || percent is not (> 0 and <= 100))
            {
                throw new UserError($"--percentile={text}: \"{part}\" is no percentile; it must be above 0 and at most 100.", ExitCode.Usage);
            }

            if (!percentiles.Contains(percent))
            {
                percentiles.Add(percent);
            }
        }

        return percentiles;
    }

    private static Option<string?> File(string names, string description) => InferenceOptions.Of<string?>(names, "FILE", description);
}
