using Trt.Interop;

namespace Trt.Utils;

/// <content>What the engine is for: how it is searched, where it runs, what can be done with it.</content>
public sealed partial record BuildOptions
{
    /// <summary>Bytes of GPU memory that a layer may use while it runs; the library's default is all there is.</summary>
    public long? Workspace { get; init; }

    /// <summary>Limits of other memory pools, in bytes.</summary>
    public IReadOnlyDictionary<MemoryPoolType, long> MemoryPools { get; init; } = new Dictionary<MemoryPoolType, long>();

    /// <summary>Effort of the search, 0 to 5; the library's default is 3.</summary>
    public int? OptimizationLevel { get; init; }

    /// <summary>Runs that each timing of a tactic averages.</summary>
    public int? AvgTimingIterations { get; init; }

    /// <summary>Most tactics that are timed for a choice; −1 leaves it to the library.</summary>
    public int? MaxTactics { get; init; }

    /// <summary>Effort for tiling.</summary>
    public TilingOptimizationLevel? Tiling { get; init; }

    /// <summary>Bytes of L2 cache that tiling may count on.</summary>
    public long? L2LimitForTiling { get; init; }

    /// <summary>Libraries and kernel families that the search may draw on: those named are turned on or off, the others stay.</summary>
    public IReadOnlyDictionary<TacticSource, bool> TacticSources { get; init; } = new Dictionary<TacticSource, bool>();

    /// <summary>Tactics for sparse weights.</summary>
    public Sparsity Sparsity { get; init; }

    /// <summary>Preview features to turn on or off.</summary>
    public IReadOnlyDictionary<PreviewFeature, bool> PreviewFeatures { get; init; } = new Dictionary<PreviewFeature, bool>();

    /// <summary>Additional streams that a run may use; 0 needs the least memory.</summary>
    public int? MaxAuxStreams { get; init; }

    /// <summary>Threads that the builder may use.</summary>
    public int? MaxThreads { get; init; }

    /// <summary>File with timings of earlier builds, read before and written after the build and shared with other processes; a foreign one is ignored with a warning.</summary>
    public string? TimingCache { get; init; }

    /// <summary>Whether equal layers are timed anew each time instead of once.</summary>
    public bool NoTimingCache { get; init; }

    /// <summary>Whether the build fails when the timing cache lacks a time.</summary>
    public bool ErrorOnTimingCacheMiss { get; init; }

    /// <summary>Whether compiled kernels stay out of the timing cache.</summary>
    public bool NoCompilationCache { get; init; }

    /// <summary>Whether entries of the timing cache can be read and changed.</summary>
    public bool EditableTimingCache { get; init; }

    /// <summary>Which weights can be replaced after the build.</summary>
    public RefitKind Refit { get; init; }

    /// <summary>Names of the weights that <see cref="RefitKind.Individual"/> allows to replace.</summary>
    public IReadOnlyList<string> RefittableWeights { get; init; } = [];

    /// <summary>Whether the plan is stored without the weights that can be replaced; a refit gives them back.</summary>
    public bool StripPlan { get; init; }

    /// <summary>Whether weights may stay in host memory and be streamed to the GPU.</summary>
    public bool WeightStreaming { get; init; }

    /// <summary>Whether later releases and the lean and dispatch runtimes can run the plan.</summary>
    public bool VersionCompatible { get; init; }

    /// <summary>Whether a version-compatible plan leaves the lean runtime out.</summary>
    public bool ExcludeLeanRuntime { get; init; }

    /// <summary>GPUs that the engine must run on besides this one.</summary>
    public HardwareCompatibilityLevel? HardwareCompatibility { get; init; }

    /// <summary>The platform that the engine is for.</summary>
    public RuntimePlatform? RuntimePlatform { get; init; }

    /// <summary>Compute capabilities that the engine is for; TensorRT-RTX only, and needed there where no GPU is.</summary>
    public IReadOnlyList<ComputeCapability> ComputeCapabilities { get; init; } = [];

    /// <summary>The runtime that the engine is for.</summary>
    public EngineCapability? EngineCapability { get; init; }

    /// <summary>Whether the standard flow is restricted to what the safety flow allows.</summary>
    public bool SafetyScope { get; init; }

    /// <summary>How much the plan tells about its layers.</summary>
    public ProfilingVerbosity? ProfilingVerbosity { get; init; }

    /// <summary>Whether the build fails when an input or output would need a reformat.</summary>
    public bool DirectIO { get; init; }

    /// <summary>Whether shortcuts that hide NaN and infinity are forbidden.</summary>
    public bool StrictNans { get; init; }

    /// <summary>Whether every position of an independent axis is computed by the same operations.</summary>
    public bool DistributiveIndependence { get; init; }

    /// <summary>Whether the builder reports its use of memory.</summary>
    public bool MonitorMemory { get; init; }

    /// <summary>Number of the GPU to build on, in the order of <see cref="Interop.Cuda.Device.All"/>; default is the calling thread's.</summary>
    public int? Device { get; init; }

    /// <summary>DLA core on which layers run.</summary>
    public int? DLACore { get; init; }

    /// <summary>Whether layers that a DLA cannot run go to the GPU.</summary>
    public bool GpuFallback { get; init; }

    /// <summary>Devices on which single layers run; later ones win.</summary>
    public IReadOnlyList<LayerDevice> LayerDevices { get; init; } = [];

    /// <summary>Whether the plugins that come with TensorRT are registered first: yes fails when their library is missing; by default it is tried.</summary>
    public bool? NvInferPlugins { get; init; }

    /// <summary>Libraries whose plugins register themselves when they are loaded into the process.</summary>
    public IReadOnlyList<string> PluginLibraries { get; init; } = [];

    /// <summary>Libraries that are loaded into the builder's plugin registry.</summary>
    public IReadOnlyList<string> DynamicPlugins { get; init; } = [];

    /// <summary>Libraries that are put into the plan.</summary>
    public IReadOnlyList<string> PluginsToSerialize { get; init; } = [];

    /// <summary>Whether the libraries that the parser asks a version-compatible plan to carry are left out.</summary>
    public bool IgnoreParserPluginLibraries { get; init; }

    /// <summary>Builder flags by name, C#'s or C++'s (<c>StrictNans</c>, <c>kSTRICT_NANS</c>), to turn on or off: for flags that have no option.</summary>
    public IReadOnlyDictionary<string, bool> Flags { get; init; } = new Dictionary<string, bool>();

    /// <summary>Where tactics are timed for a safe engine: <c>protocol://user:password@host:port?key=value</c>. The JSON shows it without the password.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(AddressWithoutPassword))]
    public string? RemoteAutoTuning { get; init; }

    /// <summary>The build route to take.</summary>
    public string? BuildRoute { get; init; }

    /// <summary>Whether the text of the kernels is wanted too, see <see cref="BuiltEngine.KernelText"/>.</summary>
    public bool KernelText { get; init; }

    /// <summary>Whether the engine is loaded once after the build to see what the library made of the options. Where it cannot be loaded here, the plan's head is read.</summary>
    public bool ReadBack { get; init; } = true;
}
