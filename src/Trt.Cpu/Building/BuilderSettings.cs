using System.Collections.Immutable;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What a builder configuration holds, with TensorRT's defaults.</summary>
internal sealed record BuilderSettings
{
    public int AvgTimingIterations { get; init; } = 1;

    public EngineCapability EngineCapability { get; init; } = EngineCapability.Standard;

    public Mask<BuilderFlag> Flags { get; init; } = [BuilderFlag.TF32];

    public int DLACore { get; init; } = -1;

    public DeviceType DefaultDeviceType { get; init; } = DeviceType.GPU;

    public nint ProfileStream { get; init; }

    public ProfilingVerbosity ProfilingVerbosity { get; init; } = ProfilingVerbosity.LayerNamesOnly;

    public IInt8Calibrator? Int8Calibrator { get; init; }

    public IOptimizationProfile? CalibrationProfile { get; init; }

    public Mask<QuantizationFlag> QuantizationFlags { get; init; }

    public Mask<TacticSource> TacticSources { get; init; } = [TacticSource.EdgeMaskConvolutions, TacticSource.JITConvolutions];

    public int OptimizationLevel { get; init; } = 3;

    public HardwareCompatibilityLevel HardwareCompatibility { get; init; } = HardwareCompatibilityLevel.None;

    public int MaxAuxStreams { get; init; } = -1;

    public IProgressMonitor? ProgressMonitor { get; init; }

    public RuntimePlatform RuntimePlatform { get; init; } = RuntimePlatform.SameAsBuild;

    public int MaxNbTactics { get; init; } = -1;

    public TilingOptimizationLevel Tiling { get; init; } = TilingOptimizationLevel.None;

    public long L2Limit { get; init; }

    public string? RemoteAutoTuning { get; init; }

    public ImmutableHashSet<PreviewFeature> Previews { get; init; } = [PreviewFeature.ProfileSharing0806, PreviewFeature.RuntimeActivationResize1010];

    public ImmutableDictionary<MemoryPoolType, nuint> Pools { get; init; } = ImmutableDictionary<MemoryPoolType, nuint>.Empty
        .Add(MemoryPoolType.Workspace, (nuint)Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, long.MaxValue))
        .Add(MemoryPoolType.DLAManagedSRAM, 0)
        .Add(MemoryPoolType.DLALocalDRAM, 1 << 30)
        .Add(MemoryPoolType.DLAGlobalDRAM, 512 << 20)
        .Add(MemoryPoolType.TacticDRAM, (nuint)Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, long.MaxValue))
        .Add(MemoryPoolType.TacticSharedMemory, 1 << 30);
}
