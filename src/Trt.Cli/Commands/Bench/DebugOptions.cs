using System.CommandLine;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>trtexec's options that write debug tensors.</summary>
internal static class DebugOptions
{
    private static readonly Option<string?> Save = InferenceOptions.Of<string?>("--save-debug-tensors --saveDebugTensors", "NAME:FILE,...", "Write the bytes of debug tensors, in a run of its own. The plan needs --mark-debug.");
    private static readonly Option<string?> SaveAll = InferenceOptions.Of<string?>("--save-all-debug-tensors --saveAllDebugTensors", "summary|numpy|string|raw,...", "Write all debug tensors to --dump-folder, in one or more forms.");

    public static IReadOnlyList<Option> All { get; } = [Save, SaveAll];

    /// <summary>What is to be written, or null.</summary>
    /// <exception cref="UserError">A value is none, or the library has no debug tensors.</exception>
    public static DebugTensorFiles? Read(ParseResult parsed, TensorRtLibrary library)
    {
        string? save = parsed.GetValue(Save), all = parsed.GetValue(SaveAll);
        if (save is null && all is null)
        {
            return null;
        }

        if (!library.Supports("IExecutionContext.setDebugListener"))
        {
            throw new UserError($"{(save is null ? "--save-all-debug-tensors" : "--save-debug-tensors")}: {library} has no debug tensors, which came with TensorRT 10.");
        }

        Dictionary<string, string> named = new(StringComparer.Ordinal);
        foreach (string entry in ShapeText.Entries(save ?? ""))
        {
            int colon = entry.LastIndexOf(':');
            if (colon <= 0 || colon == entry.Length - 1)
            {
                throw new UserError($"--save-debug-tensors has \"{entry}\": what is wanted is name:file, several with commas between.", ExitCode.Usage);
            }

            named[entry[..colon].Trim('\'')] = entry[(colon + 1)..];
        }

        DebugTensorForms forms = DebugTensorForms.None;
        foreach (string form in (all ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            forms |= form switch
            {
                "summary" => DebugTensorForms.Summary,
                "numpy" => DebugTensorForms.NumPy,
                "string" => DebugTensorForms.Text,
                "raw" => DebugTensorForms.Raw,
                _ => throw new UserError($"--save-all-debug-tensors={all}: \"{form}\" is none of summary, numpy, string, raw.", ExitCode.Usage),
            };
        }

        Device device = library.Flavour == Flavour.Cpu ? Device.Host : Device.Current;
        return new DebugTensorFiles(device) { Named = named, Forms = forms, Folder = parsed.GetValue(ReportingOptions.DumpFolder)! };
    }

    /// <summary>Sets a context to tell its debug tensors.</summary>
    public static void Watch(DebugTensorFiles files, TensorRtLibrary library, ICudaEngine engine, IExecutionContext context)
    {
        context.DebugListener = files;
        context.SetAllTensorsDebugState(true);
        if (library.Supports("IExecutionContext.setUnfusedTensorsDebugState"))
        {
            context.UnfusedTensorsDebugState = true;
        }

        foreach (string name in files.Named.Keys)
        {
            if (!engine.IsDebugTensor(name) && !library.Supports("IExecutionContext.setUnfusedTensorsDebugState"))
            {
                throw new UserError($"--save-debug-tensors: \"{name}\" is no debug tensor of the engine. Build it with --mark-debug={name}.");
            }
        }
    }

    /// <summary>Says what is missing, and writes the summary.</summary>
    /// <exception cref="UserError">A tensor did not come.</exception>
    public static void Finish(DebugTensorFiles files, string engine, ParseResult parsed)
    {
        files.Finish(engine, $"trt {string.Join(' ', parsed.Tokens.Select(token => token.Value))}");
        if (files.NotSeen.FirstOrDefault() is { } name)
        {
            throw new UserError($"--save-debug-tensors: no debug tensor \"{name}\" came. Build the engine with --mark-debug={name}.");
        }

        if (files.Count == 0)
        {
            throw new UserError("--save-all-debug-tensors: the engine has no debug tensors. Build it with --mark-debug=NAME,... or --mark-unfused-tensors-as-debug-tensors.");
        }
    }
}
