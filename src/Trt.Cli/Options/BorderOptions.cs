using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about inputs, outputs and what can be watched.</summary>
internal static class BorderOptions
{
    private const string FormatHelp = "[NAME=][TYPE:]LAYOUT[+LAYOUT],...";

    public static OptionGroup Group { get; } = new("Inputs and outputs", [
        BuildOption.Value("--input-io-formats --inputIOFormats", FormatHelp, "InputFormats",
            "Memory types and layouts of inputs, in the network's order or by name; one alone serves all. Types: fp32, fp16, bf16, fp8, int64, int32, int8, uint8, bool. "
            + "Layouts: chw, chw2, chw4, chw16, chw32, hwc, hwc8, hwc16, dhwc, dhwc8, cdhw32, dla_linear, dla_hwc4.",
            (o, text) => o with { InputFormats = Formats(o.InputFormats, text) }),
        BuildOption.Value("--output-io-formats --outputIOFormats", FormatHelp, "OutputFormats", "The same of outputs.",
            (o, text) => o with { OutputFormats = Formats(o.OutputFormats, text) }),
        BuildOption.Flag("--direct-io --directIO", "DirectIO", "Fail where an input or output would need a reformat.", (o, on) => o with { DirectIO = on }),
        BuildOption.Value("--mark-outputs", "NAME,...", "MarkOutputs", "Tensors that become outputs too.",
            (o, text) => o with { MarkOutputs = [.. o.MarkOutputs, .. OptionValue.Names(text)] }, repeats: true),
        BuildOption.Value("--unmark-outputs", "NAME,...", "UnmarkOutputs", "Outputs that are to be none.",
            (o, text) => o with { UnmarkOutputs = [.. o.UnmarkOutputs, .. OptionValue.Names(text)] }, repeats: true),
        BuildOption.Value("--mark-debug --markDebug", "NAME,...", "DebugTensors", "Tensors that runs can show to a debug listener.",
            (o, text) => o with { DebugTensors = [.. o.DebugTensors, .. OptionValue.Names(text)] }, repeats: true),
        BuildOption.Flag("--mark-unfused-tensors-as-debug-tensors --markUnfusedTensorsAsDebugTensors", "UnfusedDebugTensors",
            "All tensors that survive fusion can be shown to a debug listener.", (o, on) => o with { UnfusedDebugTensors = on }),
    ]);

    /// <summary>Formats by name, by number as <c>#0</c>, or of all as <c>*</c>.</summary>
    private static Dictionary<string, IOFormat> Formats(IReadOnlyDictionary<string, IOFormat> before, string text)
    {
        Dictionary<string, IOFormat> formats = new(before, StringComparer.Ordinal);
        IReadOnlyList<string> parts = OptionValue.Names(text);
        for (int i = 0; i < parts.Count; i++)
        {
            int equals = parts[i].LastIndexOf('=');
            string name = equals > 0 ? parts[i][..equals] : parts.Count == 1 ? "*" : $"#{i}";
            formats[name] = OptionValue.Format(parts[i][(equals + 1)..]);
        }

        return formats;
    }
}
