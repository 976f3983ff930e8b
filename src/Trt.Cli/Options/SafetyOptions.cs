using System.CommandLine;
using System.CommandLine.Parsing;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about engines for the safety runtime and for DLA alone.</summary>
internal static class SafetyOptions
{
    private static readonly BuildOption Safe = BuildOption.Flag("--safe", "EngineCapability = Safety", "A plan for the safety runtime; with --use-dla-core a DLA loadable.",
        (o, on) => o with { EngineCapability = on ? EngineCapability.Safety : null });

    private static readonly BuildOption Consistency = Alone("--consistency", "Checks a safe plan in trtexec: ignored without --safe, as there; with it refused.", (result, on) =>
    {
        if (on && result.GetResult(Safe.Option) is { Implicit: false })
        {
            result.AddError("--consistency: checks safe plans by TensorRT's safety runtime, which is not covered here. Leave it out, or check the plan with trtexec.");
        }
    });

    public static OptionGroup Group { get; } = new("Safety", [
        Safe,
        BuildOption.Flag("--restricted", "SafetyScope", "The standard flow is restricted to what the safety flow allows.", (o, on) => o with { SafetyScope = on }),
        BuildOption.Flag("--build-dla-standalone --buildDLAStandalone", "EngineCapability = DLAStandalone", "A DLA loadable for cuDLA; not with --allow-gpu-fallback.",
            (o, on) => o with { EngineCapability = on ? EngineCapability.DLAStandalone : null }),
        BuildOption.Flag("--dump-kernel-text --dumpKernelText", "KernelText", "Write the kernels' text beside the plan (.txt).", (o, on) => o with { KernelText = on }),
        BuildOption.Value("--remote-auto-tuning-config --remoteAutoTuningConfig", "URL", "RemoteAutoTuning", "Tactics are timed on another machine: protocol://user[:password]@host[:port]?key=value&...",
            (o, text) => o with { RemoteAutoTuning = text.Contains("://", StringComparison.Ordinal) ? text : throw new FormatException("an address of the form protocol://user@host is wanted.") }),
        Consistency,
        Alone("--safety-plugins --safetyPlugins", "Refused: plugins for TensorRT's safety runtime, which is not covered here.",
            (result, _) => result.AddError("--safetyPlugins: plugins of this kind are for TensorRT's safety runtime, which is not covered here. Ordinary plugins go by --static-plugins or --dynamic-plugins.")),
        Alone("--cpu-only --cpuOnly", "Refused: remote builds of safe plans; TensorRT-RTX builds without a GPU by --compute-capabilities.",
            (result, on) =>
            {
                if (on)
                {
                    result.AddError("--cpuOnly: builds of safe plans on a machine without a GPU need TensorRT's safety builder, which is not covered here. TensorRT-RTX and the CPU runtime build without a GPU as they are.");
                }
            }),
    ]);

    /// <summary>A safe engine on a DLA is one for the DLA alone.</summary>
    public static BuildOptions Settle(BuildOptions options)
    {
        if (options is { EngineCapability: EngineCapability.DLAStandalone, GpuFallback: true })
        {
            throw new UserError("--build-dla-standalone: a DLA loadable has no layers on the GPU. Leave --allow-gpu-fallback out.", ExitCode.Usage);
        }

        return options is { EngineCapability: EngineCapability.Safety, DLACore: not null } ? options with { EngineCapability = EngineCapability.DLAStandalone } : options;
    }

    /// <summary>What has no effect, in a sentence each.</summary>
    public static void Warn(ParseResult parsed, Action<string> warn)
    {
        if (Consistency.IsOn(parsed))
        {
            warn("--consistency: ignored, as it is only for safe plans.");
        }
    }

    private static BuildOption Alone(string names, string description, Action<OptionResult, bool> check)
    {
        BuildOption option = names.Contains("Plugins", StringComparison.Ordinal)
            ? BuildOption.Value(names, "LIB[NAME,...]", string.Empty, description, (o, _) => o, repeats: true)
            : BuildOption.Flag(names, string.Empty, description, (o, _) => o);
        option.Option.Validators.Add(result =>
        {
            if (!result.Implicit)
            {
                check(result, result.Tokens.Count == 0 || !bool.TryParse(result.Tokens[0].Value, out bool on) || on);
            }
        });
        return option;
    }
}
