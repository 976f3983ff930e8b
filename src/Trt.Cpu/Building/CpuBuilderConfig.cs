using System.Numerics;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The settings of a build. Those that need hardware are kept and have no effect.</summary>
internal sealed class CpuBuilderConfig : CpuObject, IBuilderConfig
{
    private const uint LeastTacticMemory = 4096;
    private const uint MostSharedMemory = 1 << 30;

    private static readonly BuilderFlag[] RefitFlags = [BuilderFlag.Refit, BuilderFlag.RefitIdentical, BuilderFlag.RefitIndividual];

    private readonly Journal journal;
    private readonly List<CpuOptimizationProfile> profiles = [];
    private readonly Dictionary<CpuLayer, DeviceType> devices = [];
    private BuilderSettings settings = new();
    private CpuTimingCache? timingCache;
    private string[] plugins = [];

    public CpuBuilderConfig(Journal journal) => this.journal = journal;

    public IReadOnlyList<CpuOptimizationProfile> Profiles => profiles;

    public BuilderSettings Settings => settings;

    public int AvgTimingIterations
    {
        get => Alive().AvgTimingIterations;
        set => Set(true, "setAvgTimingIterations", string.Empty, s => s with { AvgTimingIterations = value });
    }

    public EngineCapability EngineCapability
    {
        get => Alive().EngineCapability;
        set => Set(value is EngineCapability.Standard or EngineCapability.Safety or EngineCapability.DLAStandalone, "setEngineCapability",
            "capability is an enumerator of EngineCapability", s => s with { EngineCapability = value });
    }

    public IInt8Calibrator? Int8Calibrator
    {
        get => Alive().Int8Calibrator;
        set => Set(true, "setInt8Calibrator", string.Empty, s => s with { Int8Calibrator = value });
    }

    public Mask<BuilderFlag> Flags
    {
        get => Alive().Flags;
        set => Set(RefitFlags.Count(flag => value.Contains(flag)) <= 1 && HasWhatLeanNeeds(value), "setFlags",
            "at most one of kREFIT, kREFIT_IDENTICAL and kREFIT_INDIVIDUAL, which are mutually exclusive; kEXCLUDE_LEAN_RUNTIME with kVERSION_COMPATIBLE only", s => s with { Flags = value });
    }

    /// <summary>There is no DLA, and so no core to choose; TensorRT says nothing to it.</summary>
    public int DLACore
    {
        get => Alive().DLACore;
        set => Alive();
    }

    public DeviceType DefaultDeviceType
    {
        get => Alive().DefaultDeviceType;
        set => Set(value is DeviceType.GPU or DeviceType.DLA, "setDefaultDeviceType", "deviceType is an enumerator of DeviceType", s => s with { DefaultDeviceType = value });
    }

    public nint ProfileStream
    {
        get => Alive().ProfileStream;
        set => Set(true, "setProfileStream", string.Empty, s => s with { ProfileStream = value });
    }

    public int NbOptimizationProfiles
    {
        get
        {
            Alive();
            return profiles.Count;
        }
    }

    public ProfilingVerbosity ProfilingVerbosity
    {
        get => Alive().ProfilingVerbosity;
        set => Set(value is >= ProfilingVerbosity.LayerNamesOnly and <= ProfilingVerbosity.Detailed, "setProfilingVerbosity",
            "verbosity is an enumerator of ProfilingVerbosity", s => s with { ProfilingVerbosity = value });
    }

    public IAlgorithmSelector? AlgorithmSelector
    {
        get
        {
            Alive();
            return null;
        }

        set
        {
            Alive();
            if (value is not null)
            {
                throw Unsupported("IBuilderConfig::setAlgorithmSelector", "there are no algorithms to choose from on a CPU");
            }
        }
    }

    public IOptimizationProfile? CalibrationProfile
    {
        get => Alive().CalibrationProfile;
        set
        {
            Alive();
            if (value is not (null or CpuOptimizationProfile { IsValid: true }))
            {
                throw journal.Failure("IBuilderConfig::setCalibrationProfile", Refusal.Argument("Parameter check failed, condition: profile->isValid()."));
            }

            settings = settings with { CalibrationProfile = value };
        }
    }

    public Mask<QuantizationFlag> QuantizationFlags
    {
        get => Alive().QuantizationFlags;
        set => Set(true, "setQuantizationFlags", string.Empty, s => s with { QuantizationFlags = value });
    }

    public Mask<TacticSource> TacticSources
    {
        get => Alive().TacticSources;
        set => Set(true, "setTacticSources", string.Empty, s => s with { TacticSources = value });
    }

    public ITimingCache? TimingCache
    {
        get
        {
            Alive();
            return timingCache;
        }
    }

    /// <summary>Where times of plugins' tactics are kept, or null.</summary>
    public CpuTimingCache? Timings => timingCache;

    public int BuilderOptimizationLevel
    {
        get => Alive().OptimizationLevel;
        set => Set(value >= 0, "setBuilderOptimizationLevel", "level >= 0", s => s with { OptimizationLevel = Math.Min(value, 5) });
    }

    public HardwareCompatibilityLevel HardwareCompatibilityLevel
    {
        get => Alive().HardwareCompatibility;
        set => Set(value is >= HardwareCompatibilityLevel.None and <= HardwareCompatibilityLevel.SameComputeCapability, "setHardwareCompatibilityLevel",
            "hardwareCompatibilityLevel is an enumerator of HardwareCompatibilityLevel", s => s with { HardwareCompatibility = value });
    }

    public int NbPluginsToSerialize
    {
        get
        {
            Alive();
            return plugins.Length;
        }
    }

    public int MaxAuxStreams
    {
        get => Alive().MaxAuxStreams;
        set => SetOrWarn(value >= 0, $"nbStreams {value} should not be negative, IBuilderConfig::setMaxAuxStreams({value}) has no effect.", s => s with { MaxAuxStreams = value });
    }

    public IProgressMonitor? ProgressMonitor
    {
        get => Alive().ProgressMonitor;
        set => Set(true, "setProgressMonitor", string.Empty, s => s with { ProgressMonitor = value });
    }

    public RuntimePlatform RuntimePlatform
    {
        get => Alive().RuntimePlatform;
        set => Set(value == RuntimePlatform.SameAsBuild, "setRuntimePlatform", "runtimePlatform is kSAME_AS_BUILD, plans of the CPU runtime run on any platform", s => s with { RuntimePlatform = value });
    }

    public int MaxNbTactics
    {
        get => Alive().MaxNbTactics;
        set
        {
            if (value == 0)
            {
                SetOrWarn(false, "IBuilderConfig::setMaxNbTactics(0) has no effect. Please set it to a positive number.", s => s);
            }
            else
            {
                Set(value is >= -1 and < int.MaxValue, "setMaxNbTactics", "(-1) <= (maxTactics) && (maxTactics) < ((2147483647))", s => s with { MaxNbTactics = value });
            }
        }
    }

    public TilingOptimizationLevel TilingOptimizationLevel
    {
        get => Alive().Tiling;
        set => SetOrThrow(value is >= TilingOptimizationLevel.None and <= TilingOptimizationLevel.Full, "setTilingOptimizationLevel",
            "level is an enumerator of TilingOptimizationLevel", s => s with { Tiling = value });
    }

    public long L2LimitForTiling
    {
        get => Alive().L2Limit;
        set
        {
            string warning = $"sizeInBytes {value} should not be negative, IBuilderConfig::setL2LimitForTiling({value}) has no effect.";
            SetOrWarn(value >= 0, warning, s => s with { L2Limit = value });
            if (value < 0)
            {
                throw new TensorRtException(warning);
            }
        }
    }

    public string? RemoteAutoTuningConfig
    {
        get => Alive().RemoteAutoTuning;
        set => SetOrThrow(true, "setRemoteAutoTuningConfig", string.Empty, s => s with { RemoteAutoTuning = value });
    }

    public void ClearFlag(BuilderFlag builderFlag) => Set(true, "clearFlag", string.Empty, s => s with { Flags = s.Flags.Without(builderFlag) });

    public void SetFlag(BuilderFlag builderFlag)
    {
        Mask<BuilderFlag> flags = Alive().Flags;
        foreach (BuilderFlag other in RefitFlags.Where(flag => flag != builderFlag && RefitFlags.Contains(builderFlag) && flags.Contains(flag)))
        {
            journal.Warning("Unset previous flag because kREFIT, kREFIT_INDIVIDUAL and kREFIT_IDENTICAL are mutually exclusive.");
            flags = flags.Without(other);
        }

        flags = flags.With(builderFlag);
        Set(HasWhatLeanNeeds(flags), "setFlag", "kEXCLUDE_LEAN_RUNTIME with kVERSION_COMPATIBLE only", s => s with { Flags = flags });
    }

    public bool GetFlag(BuilderFlag builderFlag) => Alive().Flags.Contains(builderFlag);

    public void SetDeviceType(ILayer layer, DeviceType deviceType)
    {
        Alive();
        CpuLayer own = Own(layer);
        if (deviceType is DeviceType.GPU or DeviceType.DLA)
        {
            devices[own] = deviceType;
        }
        else
        {
            journal.BadParameter("IBuilderConfig::setDeviceType", "deviceType is an enumerator of DeviceType");
        }
    }

    public DeviceType GetDeviceType(ILayer layer) => devices.GetValueOrDefault(Own(layer), Alive().DefaultDeviceType);

    public bool IsDeviceTypeSet(ILayer layer) => devices.ContainsKey(Own(layer));

    public void ResetDeviceType(ILayer layer) => devices.Remove(Own(layer));

    public bool CanRunOnDLA(ILayer layer)
    {
        _ = Own(layer);
        return false;
    }

    public void Reset()
    {
        Alive();
        settings = new BuilderSettings();
        profiles.Clear();
        devices.Clear();
        timingCache = null;
        plugins = [];
    }

    public int AddOptimizationProfile(IOptimizationProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Alive();
        CpuOptimizationProfile own = profile as CpuOptimizationProfile
            ?? throw new ArgumentException("The profile belongs to another library; make it with this builder.", nameof(profile));
        if (!own.IsValid)
        {
            throw journal.Failure("IBuilderConfig::addOptimizationProfile", Refusal.Argument("Parameter check failed, condition: profile->isValid()."));
        }

        profiles.Add(own);
        return profiles.Count - 1;
    }

    public void ClearQuantizationFlag(QuantizationFlag flag) => QuantizationFlags = Alive().QuantizationFlags.Without(flag);

    public void SetQuantizationFlag(QuantizationFlag flag) => QuantizationFlags = Alive().QuantizationFlags.With(flag);

    public bool GetQuantizationFlag(QuantizationFlag flag) => Alive().QuantizationFlags.Contains(flag);

    public ITimingCache CreateTimingCache(ReadOnlySpan<byte> blob)
    {
        Alive();
        return CpuTimingCache.Read(journal, blob);
    }

    public void SetTimingCache(ITimingCache cache, bool ignoreMismatch)
    {
        ArgumentNullException.ThrowIfNull(cache);
        Alive();
        timingCache = cache as CpuTimingCache
            ?? throw journal.Failure("IBuilderConfig::setTimingCache", Refusal.Argument("the timing cache belongs to another library; make it with this configuration."));
    }

    public void SetMemoryPoolLimit(MemoryPoolType pool, nuint poolSize)
    {
        const string method = "IBuilderConfig::setMemoryPoolLimit";
        if (!IsPool(pool, method))
        {
            return;
        }

        if (poolSize > long.MaxValue && pool != MemoryPoolType.Workspace)
        {
            journal.Warning($"{method}: poolSize {poolSize} is more than {long.MaxValue}, which is taken instead.");
            poolSize = unchecked((nuint)long.MaxValue);
        }

        if (pool is MemoryPoolType.DLAManagedSRAM or MemoryPoolType.DLALocalDRAM or MemoryPoolType.DLAGlobalDRAM)
        {
            journal.Refused(method, Refusal.Argument("Parameter check failed, condition: false. The size of a memory pool of the DLA cannot be set where there is no DLA."));
        }
        else if (pool == MemoryPoolType.TacticDRAM && (poolSize < LeastTacticMemory || !BitOperations.IsPow2(poolSize)))
        {
            journal.BadParameter(method, $"poolSize is a power of 2 and at least {LeastTacticMemory}. It is {poolSize}");
        }
        else
        {
            Set(pool != MemoryPoolType.TacticSharedMemory || poolSize <= MostSharedMemory, "setMemoryPoolLimit", $"poolSize <= {MostSharedMemory} for kTACTIC_SHARED_MEMORY. It is {poolSize}",
                s => s with { Pools = s.Pools.SetItem(pool, poolSize) });
        }
    }

    public nuint GetMemoryPoolLimit(MemoryPoolType pool) => IsPool(pool, "IBuilderConfig::getMemoryPoolLimit") ? settings.Pools[pool] : 0;

    public void SetPreviewFeature(PreviewFeature feature, bool enable)
    {
        // That profiles are shared cannot be changed since TensorRT 10.
        if (IsPreview(feature, "IBuilderConfig::setPreviewFeature") && feature != PreviewFeature.ProfileSharing0806)
        {
            settings = settings with { Previews = enable ? settings.Previews.Add(feature) : settings.Previews.Remove(feature) };
        }
    }

    /// <summary>A layer that is to run on a DLA, of which there is none; null where all run on the "GPU".</summary>
    public CpuLayer? LayerOfDla(IEnumerable<CpuLayer> layers) => layers.FirstOrDefault(layer => devices.GetValueOrDefault(layer, settings.DefaultDeviceType) == DeviceType.DLA);

    public bool GetPreviewFeature(PreviewFeature feature) => IsPreview(feature, "IBuilderConfig::getPreviewFeature") && settings.Previews.Contains(feature);

    public void SetPluginsToSerialize(ReadOnlySpan<string> paths)
    {
        Alive();
        plugins = paths.ToArray();
    }

    public string? GetPluginToSerialize(int index)
    {
        Alive();
        if ((uint)index < (uint)plugins.Length)
        {
            return plugins[index];
        }

        journal.BadParameter("IBuilderConfig::getPluginToSerialize", $"(0) <= (index) && (index) < {plugins.Length}. The index is {index}");
        return null;
    }

    public bool UsesPluginLibraries => plugins.Length > 0;

    protected override void Release() => journal.Recorder = null;

    private static CpuLayer Own(ILayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer as CpuLayer ?? throw new ArgumentException("The layer belongs to another library.", nameof(layer));
    }

    private static bool HasWhatLeanNeeds(Mask<BuilderFlag> flags) => !flags.Contains(BuilderFlag.ExcludeLeanRuntime) || flags.Contains(BuilderFlag.VersionCompatible);

    private bool IsPool(MemoryPoolType pool, string method)
    {
        bool known = Alive().Pools.ContainsKey(pool);
        if (!known)
        {
            journal.Refused(method, new Refusal(ErrorCode.UnspecifiedError, Refusal.InternalError, $"{(int)pool} is no memory pool."));
        }

        return known;
    }

    private bool IsPreview(PreviewFeature feature, string method)
    {
        Alive();
        bool known = feature is >= PreviewFeature.ProfileSharing0806 and <= PreviewFeature.MultideviceRuntime1016;
        if (!known)
        {
            journal.BadParameter(method, $"feature is an enumerator of PreviewFeature. It is {(int)feature}");
        }

        return known;
    }

    private BuilderSettings Alive()
    {
        ThrowIfDisposed();
        return settings;
    }

    private void Set(bool valid, string setter, string condition, Func<BuilderSettings, BuilderSettings> change)
    {
        Alive();
        if (valid)
        {
            settings = change(settings);
        }
        else
        {
            journal.BadParameter($"IBuilderConfig::{setter}", condition);
        }
    }

    /// <summary>For values that TensorRT warns of and ignores.</summary>
    private void SetOrWarn(bool valid, string warning, Func<BuilderSettings, BuilderSettings> change)
    {
        Alive();
        if (valid)
        {
            settings = change(settings);
        }
        else
        {
            journal.Warning(warning);
        }
    }

    private void SetOrThrow(bool valid, string setter, string condition, Func<BuilderSettings, BuilderSettings> change)
    {
        Alive();
        settings = valid ? change(settings) : throw journal.Failure($"IBuilderConfig::{setter}", Refusal.Argument($"Parameter check failed, condition: {condition}."));
    }

    private TensorRtException Unsupported(string method, string why) => journal.Failure(method, new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage, $"{why}."));
}
