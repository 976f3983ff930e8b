using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about the builder's search for tactics: effort, memory, and what it remembers.</summary>
internal static class SearchOptions
{
    private const long MiB = 1 << 20;

    public static OptionGroup Search { get; } = new("Search", [
        BuildOption.Value("--builder-optimization-level --builderOptimizationLevel", "0..5", "OptimizationLevel", "Effort of the search. Default: 3.",
            (o, text) => o with { OptimizationLevel = OptionValue.Int(text, 0, 5) }),
        BuildOption.Value("--avg-timing --avgTiming", "N", "AvgTimingIterations", "Runs that a tactic's timing averages. Default: the library's, 1 in the newer ones.",
            (o, text) => o with { AvgTimingIterations = OptionValue.Int(text, 1) }),
        BuildOption.Value("--max-tactics --maxTactics", "N", "MaxTactics", "Most tactics timed for a choice; -1 leaves it to the library. Default: -1.",
            (o, text) => o with { MaxTactics = OptionValue.Int(text, -1) }),
        BuildOption.Value("--tactic-sources --tacticSources", "+NAME,-NAME,...", "TacticSources",
            "Libraries and kernel families on or off: CUBLAS, CUBLAS_LT, CUDNN, EDGE_MASK_CONVOLUTIONS, JIT_CONVOLUTIONS.", (o, text) => o with { TacticSources = Switched(o.TacticSources, text, TacticOf) }, repeats: true),
        BuildOption.Value("--preview", "+NAME,-NAME,...", "PreviewFeatures",
            "Preview features on or off: aliasedPluginIO1003, runtimeActivationResize, multiDeviceRuntime, profileSharing0806, fasterDynamicShapes0805, disableExternalTacticSourcesForCore0805.",
            (o, text) => o with { PreviewFeatures = Switched(o.PreviewFeatures, text, FeatureOf) }, repeats: true),
        BuildOption.Value("--tiling-optimization-level --tilingOptimizationLevel", "0..3", "Tiling", "Effort for tiling: 0 none, 1 fast, 2 moderate, 3 full. Default: 0.",
            (o, text) => o with
            {
                Tiling = OptionValue.Choice(text, ("0", TilingOptimizationLevel.None), ("1", TilingOptimizationLevel.Fast), ("2", TilingOptimizationLevel.Moderate), ("3", TilingOptimizationLevel.Full)),
            }),
        BuildOption.Value("--l2-limit-for-tiling --l2LimitForTiling", "BYTES", "L2LimitForTiling", "L2 cache that tiling may count on; takes K, M, G. Default: -1, the library's own.",
            (o, text) => o with { L2LimitForTiling = text == "-1" ? -1 : OptionValue.Bytes(text, 1) }),
        BuildOption.Value("--max-aux-streams --maxAuxStreams", "N", "MaxAuxStreams", "Additional streams that a run may use; 0 needs the least memory. Default: the library's.",
            (o, text) => o with { MaxAuxStreams = OptionValue.Int(text, 0) }),
        BuildOption.Value("--max-threads", "N", "MaxThreads", "Threads that the builder may use.", (o, text) => o with { MaxThreads = OptionValue.Int(text, 1) }),
        BuildOption.Value("--set-build-route --setBuildRoute", "ROUTE", "BuildRoute", "The build route to take, as TensorRT 11's tuner writes it.", (o, text) => o with { BuildRoute = text }),
        BuildOption.Value("--decomposable-attentions --decomposableAttentions", "NAME,...", "DecomposableAttentions",
            "Attention layers that may be split up where no fused kernel serves them. A name may have one *.",
            (o, text) => o with { DecomposableAttentions = [.. o.DecomposableAttentions, .. OptionValue.Names(text).Select(OptionValue.Pattern)] }, repeats: true),
        BuildOption.Value("--builder-flags", "+NAME,-NAME,...", "Flags", "Any builder flag by TensorRT's name, as in +kSTRICT_NANS,-kTF32.",
            (o, text) => o with { Flags = Switched(o.Flags, text, name => name) }, repeats: true),
        BuildOption.Flag("--monitor-memory --monitorMemory", "MonitorMemory", "The builder reports its use of memory (see --verbose).", (o, on) => o with { MonitorMemory = on }),
    ]);

    public static OptionGroup Memory { get; } = new("Memory and timing cache", [
        BuildOption.Value("--workspace-limit", "SIZE", "Workspace", "GPU memory that a layer may use, in MiB or with B, K, M, G. Default: all there is.",
            (o, text) => o with { Workspace = OptionValue.Bytes(text, MiB) }),
        BuildOption.Value("--mem-pool-size --memPoolSize", "POOL:SIZE,...", "MemoryPools",
            "Limits of memory pools, in MiB or with B, K, M, G: workspace, tacticSharedMem, tacticDRAM, dlaSRAM (rounded down to a power of two), dlaLocalDRAM, dlaGlobalDRAM.",
            Pools, repeats: true),
        BuildOption.Value("--timing-cache-file --timingCacheFile", "FILE", "TimingCache", "Timings of earlier builds, read before and written after; shared safely by processes.",
            (o, text) => o with { TimingCache = text }),
        BuildOption.Flag("--no-builder-cache --noBuilderCache", "NoTimingCache", "Equal layers are timed anew each time.", (o, on) => o with { NoTimingCache = on }),
        BuildOption.Flag("--error-on-timing-cache-miss --errorOnTimingCacheMiss", "ErrorOnTimingCacheMiss", "Fail when the cache lacks a time.", (o, on) => o with { ErrorOnTimingCacheMiss = on }),
        BuildOption.Flag("--no-compilation-cache --noCompilationCache", "NoCompilationCache", "Compiled kernels stay out of the cache.", (o, on) => o with { NoCompilationCache = on }),
        BuildOption.Flag("--editable-timing-cache", "EditableTimingCache", "Entries of the cache can be read and changed.", (o, on) => o with { EditableTimingCache = on }),
    ]);

    private static BuildOptions Pools(BuildOptions options, string text)
    {
        Dictionary<MemoryPoolType, long> pools = new(options.MemoryPools);
        foreach ((string name, string size) in OptionValue.Pairs(text, "POOL:SIZE"))
        {
            MemoryPoolType pool = OptionValue.Choice(name, ("workspace", MemoryPoolType.Workspace), ("tacticSharedMem", MemoryPoolType.TacticSharedMemory), ("tacticDRAM", MemoryPoolType.TacticDRAM),
                ("dlaSRAM", MemoryPoolType.DLAManagedSRAM), ("dlaLocalDRAM", MemoryPoolType.DLALocalDRAM), ("dlaGlobalDRAM", MemoryPoolType.DLAGlobalDRAM));
            long bytes = OptionValue.Bytes(size, MiB);
            pools[pool] = pool == MemoryPoolType.DLAManagedSRAM && bytes > 0 ? 1L << System.Numerics.BitOperations.Log2((ulong)bytes) : bytes;
        }

        return pools.Remove(MemoryPoolType.Workspace, out long workspace) ? options with { MemoryPools = pools, Workspace = workspace } : options with { MemoryPools = pools };
    }

    private static Dictionary<T, bool> Switched<T>(IReadOnlyDictionary<T, bool> before, string text, Func<string, T> of)
        where T : notnull
    {
        Dictionary<T, bool> switches = new(before);
        foreach ((string name, bool on) in OptionValue.Switches(text))
        {
            switches[of(name)] = on;
        }

        return switches;
    }

    private static TacticSource TacticOf(string name) => OptionValue.Choice(name, ("CUBLAS", TacticSource.CUBLAS), ("CUBLAS_LT", TacticSource.CUBLASLt), ("CUDNN", TacticSource.CUDNN),
        ("EDGE_MASK_CONVOLUTIONS", TacticSource.EdgeMaskConvolutions), ("JIT_CONVOLUTIONS", TacticSource.JITConvolutions));

    private static PreviewFeature FeatureOf(string name) => OptionValue.Choice(name, ("aliasedPluginIO1003", PreviewFeature.AliasedPluginIO1003),
        ("runtimeActivationResize", PreviewFeature.RuntimeActivationResize1010), ("multiDeviceRuntime", PreviewFeature.MultideviceRuntime1016), ("profileSharing0806", PreviewFeature.ProfileSharing0806),
        ("fasterDynamicShapes0805", PreviewFeature.FasterDynamicShapes0805), ("disableExternalTacticSourcesForCore0805", PreviewFeature.DisableExternalTacticSourcesForCore0805));
}
