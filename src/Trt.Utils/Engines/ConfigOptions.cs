using Trt.Interop;

namespace Trt.Utils;

/// <summary>Writes the options that concern a builder configuration.</summary>
internal static class ConfigOptions
{
    /// <summary>All of them; the writer asks, or writes.</summary>
    public static void Visit(BuildOptions options, OptionWriter writer)
    {
        Search(options, writer);
        Memory(options, writer);
        Timing(options, writer);
        Weights(options, writer);
        Target(options, writer);
        Flags(options, writer);
    }

    /// <summary>Finds a builder flag by C#'s or C++'s name.</summary>
    public static BuilderFlag? FlagOf(string name)
    {
        // kGPU_FALLBACK and GPUFallback are the same letters but for the prefix and the underscores.
        string plain = name.Contains('_', StringComparison.Ordinal) || (name.Length > 1 && name[0] == 'k' && char.IsUpper(name[1])) ? name.Replace("_", string.Empty, StringComparison.Ordinal)[1..] : name;
        return plain.Length > 0 && char.IsLetter(plain[0]) && Enum.TryParse(plain, ignoreCase: true, out BuilderFlag flag) && Enum.IsDefined(flag) ? flag : null;
    }

    private static void Search(BuildOptions options, OptionWriter writer)
    {
        writer.Set("OptimizationLevel", options.OptimizationLevel, "IBuilderConfig.setBuilderOptimizationLevel", c => c.BuilderOptimizationLevel, (c, value) => c.BuilderOptimizationLevel = value);
        writer.Set("AvgTimingIterations", options.AvgTimingIterations, "IBuilderConfig.setAvgTimingIterations", c => c.AvgTimingIterations, (c, value) => c.AvgTimingIterations = value);
        writer.Set("MaxTactics", options.MaxTactics, "IBuilderConfig.setMaxNbTactics", c => c.MaxNbTactics, (c, value) => c.MaxNbTactics = value);
        writer.SetEnum("Tiling", options.Tiling, "IBuilderConfig.setTilingOptimizationLevel", c => c.TilingOptimizationLevel, (c, value) => c.TilingOptimizationLevel = value);
        writer.Set("L2LimitForTiling", options.L2LimitForTiling, "IBuilderConfig.setL2LimitForTiling", c => c.L2LimitForTiling, (c, value) => c.L2LimitForTiling = value);
        writer.Set("MaxAuxStreams", options.MaxAuxStreams, "IBuilderConfig.setMaxAuxStreams", c => c.MaxAuxStreams, (c, value) => c.MaxAuxStreams = value);
        foreach ((TacticSource source, bool on) in options.TacticSources)
        {
            if (writer.Has($"TacticSources: {source}", source))
            {
                writer.Write($"TacticSources: {source}", on, c => c.TacticSources.Contains(source), (c, value) => c.TacticSources = value ? c.TacticSources.With(source) : c.TacticSources.Without(source));
            }
        }

        foreach ((PreviewFeature feature, bool on) in options.PreviewFeatures)
        {
            if (writer.Has($"PreviewFeatures: {feature}", feature))
            {
                writer.Write($"PreviewFeatures: {feature}", on, c => c.GetPreviewFeature(feature), (c, value) => c.SetPreviewFeature(feature, value));
            }
        }

        Text(writer, "BuildRoute", options.BuildRoute, "IBuilderConfig.setBuildRoute", c => c.BuildRoute, (c, value) => c.BuildRoute = value);
        Text(writer, "RemoteAutoTuning", options.RemoteAutoTuning, "IBuilderConfig.setRemoteAutoTuningConfig", c => c.RemoteAutoTuningConfig ?? string.Empty, (c, value) => c.RemoteAutoTuningConfig = value);
    }

    private static void Text(OptionWriter writer, string option, string? asked, string setter, Func<IBuilderConfig, string> get, Action<IBuilderConfig, string> set)
    {
        if (asked is not null && writer.Has(option, setter))
        {
            writer.Write(option, asked, get, set);
        }
    }

    private static void Memory(BuildOptions options, OptionWriter writer)
    {
        IEnumerable<KeyValuePair<MemoryPoolType, long>> pools = options.Workspace is { } workspace
            ? options.MemoryPools.Append(new(MemoryPoolType.Workspace, workspace))
            : options.MemoryPools;
        foreach ((MemoryPoolType pool, long bytes) in pools)
        {
            string option = pool == MemoryPoolType.Workspace ? "Workspace" : $"MemoryPools: {pool}";
            if (bytes < 0)
            {
                writer.Refuse($"{option} = {bytes}: a size in bytes is 0 or more.");
            }
            else if (writer.Has(option, pool))
            {
                writer.Write(option, bytes, c => (long)Math.Min(c.GetMemoryPoolLimit(pool), long.MaxValue), (c, value) => c.SetMemoryPoolLimit(pool, (nuint)value));
            }
        }
    }

    private static void Timing(BuildOptions options, OptionWriter writer)
    {
        if (options.TimingCache is not null)
        {
            writer.Has("TimingCache", "IBuilderConfig.createTimingCache");
            if (options.NoTimingCache)
            {
                writer.Refuse("NoTimingCache: a TimingCache was named, too. Leave one of them out.");
            }
        }

        writer.Flag("NoTimingCache", options.NoTimingCache, BuilderFlag.DisableTimingCache);
        writer.Flag("ErrorOnTimingCacheMiss", options.ErrorOnTimingCacheMiss, BuilderFlag.ErrorOnTimingCacheMiss);
        writer.Flag("NoCompilationCache", options.NoCompilationCache, BuilderFlag.DisableCompilationCache);
        writer.Flag("EditableTimingCache", options.EditableTimingCache, BuilderFlag.EditableTimingCache);
    }

    private static void Weights(BuildOptions options, OptionWriter writer)
    {
        writer.Flag("Refit = All", options.Refit == RefitKind.All, BuilderFlag.Refit);
        writer.Flag("Refit = Identical", options.Refit == RefitKind.Identical, BuilderFlag.RefitIdentical);
        writer.Flag("Refit = Individual", options.Refit == RefitKind.Individual, BuilderFlag.RefitIndividual);
        if (options.RefittableWeights.Count > 0 && options.Refit != RefitKind.Individual)
        {
            writer.Refuse($"RefittableWeights: they count with Refit = Individual only, but Refit is {options.Refit}. Set it, or leave the names out.");
        }

        writer.Flag("StripPlan", options.StripPlan, BuilderFlag.StripPlan);
        writer.Flag("WeightStreaming", options.WeightStreaming, BuilderFlag.WeightStreaming);
        writer.Flag("Sparsity", options.Sparsity != Sparsity.Disable, BuilderFlag.SparseWeights);
    }

    private static void Target(BuildOptions options, OptionWriter writer)
    {
        writer.Flag("VersionCompatible", options.VersionCompatible, BuilderFlag.VersionCompatible);
        if (options.ExcludeLeanRuntime && !options.VersionCompatible)
        {
            writer.Refuse("ExcludeLeanRuntime: only a version-compatible plan holds a lean runtime. Set VersionCompatible too.");
        }
        else
        {
            writer.Flag("ExcludeLeanRuntime", options.ExcludeLeanRuntime, BuilderFlag.ExcludeLeanRuntime);
        }

        writer.SetEnum("HardwareCompatibility", options.HardwareCompatibility, "IBuilderConfig.setHardwareCompatibilityLevel", c => c.HardwareCompatibilityLevel, (c, value) => c.HardwareCompatibilityLevel = value);
        writer.SetEnum("RuntimePlatform", options.RuntimePlatform, "IBuilderConfig.setRuntimePlatform", c => c.RuntimePlatform, (c, value) => c.RuntimePlatform = value);
        writer.SetEnum("EngineCapability", options.EngineCapability, "IBuilderConfig.setEngineCapability", c => c.EngineCapability, (c, value) => c.EngineCapability = value);
        writer.SetEnum("ProfilingVerbosity", options.ProfilingVerbosity, "IBuilderConfig.setProfilingVerbosity", c => c.ProfilingVerbosity, (c, value) => c.ProfilingVerbosity = value);
        ComputeCapabilities(options, writer);
        if (options.DLACore is { } core)
        {
            writer.Write("DLACore: default device", DeviceType.DLA, c => c.DefaultDeviceType, (c, value) => c.DefaultDeviceType = value);
            writer.Write("DLACore", core, c => c.DLACore, (c, value) => c.DLACore = value);
        }

        foreach (QuantizationFlag flag in options.QuantizationFlags)
        {
            if (writer.Has($"QuantizationFlags: {flag}", flag))
            {
                writer.Write($"QuantizationFlags: {flag}", true, c => c.GetQuantizationFlag(flag), (c, _) => c.SetQuantizationFlag(flag));
            }
        }
    }

    private static void ComputeCapabilities(BuildOptions options, OptionWriter writer)
    {
        if (options.ComputeCapabilities.Count == 0
            || !writer.Has("ComputeCapabilities", "IBuilderConfig.setComputeCapability")
            || !options.ComputeCapabilities.All(target => writer.Has($"ComputeCapabilities: {target}", target))
            || writer.Config is not { } config)
        {
            return;
        }

        writer.Write("ComputeCapabilities: how many", options.ComputeCapabilities.Count, c => c.NbComputeCapabilities, (c, value) => c.NbComputeCapabilities = value);
        for (int i = 0; i < options.ComputeCapabilities.Count && i < config.NbComputeCapabilities; i++)
        {
            int index = i;
            writer.Write($"ComputeCapabilities[{i}]", options.ComputeCapabilities[i], c => c.GetComputeCapability(index), (c, value) => c.SetComputeCapability(value, index));
        }
    }

    private static void Flags(BuildOptions options, OptionWriter writer)
    {
        if (options.TF32 is { } tf32)
        {
            writer.Flag("TF32", BuilderFlag.TF32, tf32);
        }

        writer.Flag("SafetyScope", options.SafetyScope, BuilderFlag.SafetyScope);
        writer.Flag("DirectIO", options.DirectIO, BuilderFlag.DirectIO);
        writer.Flag("StrictNans", options.StrictNans, BuilderFlag.StrictNans);
        writer.Flag("DistributiveIndependence", options.DistributiveIndependence, BuilderFlag.DistributiveIndependence);
        writer.Flag("MonitorMemory", options.MonitorMemory, BuilderFlag.MonitorMemory);
        writer.Flag("GpuFallback", options.GpuFallback, BuilderFlag.GPUFallback);
        foreach ((string name, bool on) in options.Flags)
        {
            if (FlagOf(name) is { } flag)
            {
                writer.Flag($"Flags: {name}", flag, on);
            }
            else
            {
                writer.Refuse($"Flags: no release has a builder flag {name}. They are {string.Join(", ", Enum.GetNames<BuilderFlag>())}.");
            }
        }
    }
}
