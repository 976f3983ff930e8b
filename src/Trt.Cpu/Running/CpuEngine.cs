using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A built network, ready to run on the CPU. Thread-safe.</summary>
internal sealed class CpuEngine : CpuObject, ICudaEngine
{
    private readonly EngineCore core;
    private readonly Journal journal;
    private readonly WeightStreaming streaming;
    private int contexts;

    private CpuEngine(EngineCore core, Journal journal)
    {
        this.core = core;
        this.journal = journal;
        streaming = new WeightStreaming(core.Description.StreamsWeights, core.Description.WeightBytes, core.Description.LargestWeights);
    }

    public int NbLayers => Core.Description.Layers.Count;

    public nuint DeviceMemorySize => (nuint)DeviceMemorySizeV2;

    public long DeviceMemorySizeV2 => Enumerable.Range(0, Core.NbProfiles).Max(core.MemoryForProfile);

    public bool IsRefittable => Core.Description.IsRefittable;

    public string Name => Core.Description.Name;

    public int NbOptimizationProfiles => Core.NbProfiles;

    public EngineCapability EngineCapability => Core.Description.Capability;

    public IErrorRecorder? ErrorRecorder
    {
        get => Alive(journal).Recorder;
        set => Alive(journal).Recorder = value;
    }

    public Mask<TacticSource> TacticSources => Alive(default(Mask<TacticSource>));

    public ProfilingVerbosity ProfilingVerbosity => Core.Description.Verbosity;

    public int NbIOTensors => Core.Tensors.Length;

    public HardwareCompatibilityLevel HardwareCompatibilityLevel => Core.Description.HardwareCompatibility;

    public int NbAuxStreams => (int)Number(0);

    public long WeightStreamingBudget
    {
        get => Alive(streaming).OldBudget;
        set => Budget("setWeightStreamingBudget", () => streaming.SetOld(value, contexts));
    }

    public long WeightStreamingBudgetV2
    {
        get => Alive(streaming).Budget;
        set => Budget("setWeightStreamingBudgetV2", () => streaming.Set(value, contexts));
    }

    public long MinimumWeightStreamingBudget => Alive(streaming).Minimum;

    public long StreamableWeightsSize => Alive(streaming).Streamable;

    public long WeightStreamingAutomaticBudget => Alive(streaming).Streamable;

    public long WeightStreamingScratchMemorySize => Alive(streaming).Scratch;

    public EngineCore Core
    {
        get
        {
            ThrowIfDisposed();
            return core;
        }
    }

    /// <summary>Makes an engine from a plan, which it owns.</summary>
    /// <exception cref="TensorRtException">The plan is not usable.</exception>
    public static CpuEngine Load(NativeBlob plan, CpuPluginRegistry registry, Journal journal, string method)
    {
        try
        {
            return new CpuEngine(EngineCore.Load(plan, registry, journal), journal);
        }
        catch (Refusal refusal)
        {
            throw journal.Failure(method, refusal);
        }
    }

    public Dims GetTensorShape(string tensorName) => Find(tensorName, "getTensorShape")?.Dims ?? Dims.Unknown;

    public Dims GetTensorShape(ReadOnlySpan<byte> tensorName) => Find(tensorName, "getTensorShape")?.Dims ?? Dims.Unknown;

    public DataType GetTensorDataType(string tensorName) => Find(tensorName, "getTensorDataType")?.Type ?? DataType.Float;

    public DataType GetTensorDataType(ReadOnlySpan<byte> tensorName) => Find(tensorName, "getTensorDataType")?.Type ?? DataType.Float;

    public TensorLocation GetTensorLocation(string tensorName) =>
        Find(tensorName, "getTensorLocation") is { IsShape: true } ? TensorLocation.Host : TensorLocation.Device;

    public bool IsShapeInferenceIO(string tensorName) => Find(tensorName, "isShapeInferenceIO") is { IsShape: true };

    public TensorIOMode GetTensorIOMode(string tensorName) => Mode(Find(tensorName, "getTensorIOMode"));

    public TensorIOMode GetTensorIOMode(ReadOnlySpan<byte> tensorName) => Mode(Find(tensorName, "getTensorIOMode"));

    public string? GetAliasedInputTensor(string tensorName) => Find(tensorName, "getAliasedInputTensor")?.Plan.Alias;

    public string GetIOTensorName(int index) => (uint)index < (uint)Core.Tensors.Length
        ? core.Tensors[index].Name
        : throw journal.Failure("ICudaEngine::getIOTensorName", Refusal.Argument($"Parameter check failed, condition: index < {core.Tensors.Length}. The index is {index}."));

    // A tensor in rows has no vectors; TensorRT says 0 and -1 of it.
    public int GetTensorBytesPerComponent(string tensorName) =>
        Find(tensorName, "getTensorBytesPerComponent") is not { } tensor ? -1 : tensor.Format is { Width: > 1 } ? tensor.Bits / 8 : 0;

    public int GetTensorBytesPerComponent(string tensorName, int profileIndex) => HasProfile(profileIndex, "getTensorBytesPerComponent") ? GetTensorBytesPerComponent(tensorName) : -1;

    public int GetTensorComponentsPerElement(string tensorName) =>
        Find(tensorName, "getTensorComponentsPerElement") is { Format: { Width: > 1 } format } ? format.Width : -1;

    public int GetTensorComponentsPerElement(string tensorName, int profileIndex) =>
        HasProfile(profileIndex, "getTensorComponentsPerElement") ? GetTensorComponentsPerElement(tensorName) : -1;

    public TensorFormat GetTensorFormat(string tensorName) => Find(tensorName, "getTensorFormat")?.Plan.Format ?? TensorFormat.Linear;

    public TensorFormat GetTensorFormat(string tensorName, int profileIndex) => HasProfile(profileIndex, "getTensorFormat") ? GetTensorFormat(tensorName) : TensorFormat.Linear;

    public string? GetTensorFormatDesc(string tensorName) => Find(tensorName, "getTensorFormatDesc") is not { } tensor ? string.Empty
        : tensor.Format?.Describe(tensor.Type) ?? $"Row major linear {Types.Short(tensor.Type)} format (kLINEAR)";

    public string? GetTensorFormatDesc(string tensorName, int profileIndex) => HasProfile(profileIndex, "getTensorFormatDesc") ? GetTensorFormatDesc(tensorName) : string.Empty;

    public int GetTensorVectorizedDim(string tensorName) =>
        Find(tensorName, "getTensorVectorizedDim") is { Format: { Width: > 1 } format } tensor ? format.Channel(tensor.Dims.NbDims) : -1;

    public int GetTensorVectorizedDim(string tensorName, int profileIndex) => HasProfile(profileIndex, "getTensorVectorizedDim") ? GetTensorVectorizedDim(tensorName) : -1;

    public Dims GetProfileShape(string tensorName, int profileIndex, OptProfileSelector select)
    {
        EngineTensor? tensor = Find(tensorName, "getProfileShape");
        return tensor is not { IsInput: true } || !IsPoint(profileIndex, select) ? Dims.Unknown
            : Profile(profileIndex)?.Shapes.GetValueOrDefault(tensorName) is { } points ? new Dims(points[(int)select])
            : tensor.Dims;
    }

    public int[]? GetProfileTensorValues(string tensorName, int profileIndex, OptProfileSelector select) =>
        GetProfileTensorValuesV2(tensorName, profileIndex, select) is { } values ? Array.ConvertAll(values, value => checked((int)value)) : null;

    public long[]? GetProfileTensorValuesV2(string tensorName, int profileIndex, OptProfileSelector select)
    {
        EngineTensor? tensor = Find(tensorName, "getProfileTensorValues");
        return tensor is { IsInput: true } && IsPoint(profileIndex, select) && Profile(profileIndex)?.Values.GetValueOrDefault(tensorName) is { } points
            ? (long[])points[(int)select].Clone()
            : null;
    }

    public bool HasImplicitBatchDimension() => Alive(false);

    public bool IsDebugTensor(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Core.IsDebugTensor(name);
    }

    public nuint GetDeviceMemorySizeForProfile(int profileIndex) => (nuint)GetDeviceMemorySizeForProfileV2(profileIndex);

    public long GetDeviceMemorySizeForProfileV2(int profileIndex) => HasProfile(profileIndex, "getDeviceMemorySizeForProfileV2") ? core.MemoryForProfile(profileIndex) : 0;

    public long GetEngineStat(EngineStat stat) => stat switch
    {
        EngineStat.TotalWeightsSize => Core.Description.WeightBytes,
        EngineStat.StrippedWeightsSize when Core.Description.IsStripped => core.Exchangeable.Where(entry => entry.Plan.RangeOf is null).Sum(entry => entry.Bytes),
        _ => Number(-1),
    };

    public IHostMemory Serialize() => Serialize(false, false);

    public ISerializationConfig CreateSerializationConfig()
    {
        ThrowIfDisposed();
        return new CpuSerializationConfig();
    }

    public IHostMemory SerializeWithConfig(ISerializationConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        bool excludes = config.GetFlag(SerializationFlag.ExcludeWeights);
        bool includes = config.GetFlag(SerializationFlag.IncludeRefit);
        return (excludes || includes) && !IsRefittable
            ? throw journal.Failure("ICudaEngine::serializeWithConfig", Refusal.Argument(
                $"{(excludes ? "kEXCLUDE_WEIGHTS" : "kINCLUDE_REFIT")} needs an engine that can be refitted; build it with kREFIT, kREFIT_IDENTICAL or kREFIT_INDIVIDUAL."))
            : Serialize(excludes, includes);
    }

    public IEngineInspector CreateEngineInspector()
    {
        ThrowIfDisposed();
        return new CpuEngineInspector(core, journal.Child());
    }

    public IRuntimeConfig CreateRuntimeConfig()
    {
        ThrowIfDisposed();
        return new CpuRuntimeConfig();
    }

    public IExecutionContext CreateExecutionContext(ExecutionContextAllocationStrategy strategy = ExecutionContextAllocationStrategy.Static)
    {
        ThrowIfDisposed();
        const string method = "ICudaEngine::createExecutionContext";
        if (strategy is < ExecutionContextAllocationStrategy.Static or > ExecutionContextAllocationStrategy.UserManaged)
        {
            throw journal.Failure(method, Refusal.Argument("Parameter check failed, condition: strategy is an enumerator of ExecutionContextAllocationStrategy."));
        }

        if (core.Description.NeedsUserMemory && strategy != ExecutionContextAllocationStrategy.UserManaged)
        {
            throw journal.Failure(method, Refusal.Api("The engine was built with kREQUIRE_USER_ALLOCATION: its contexts must be created with kUSER_MANAGED."));
        }

        Journal own = journal.Child();
        ContextPlugins? plugins;
        try
        {
            plugins = core.Plugins.Attach(new PluginResourceContext(own));
        }
        catch (Refusal refusal)
        {
            own.Recorder = null;
            throw journal.Failure(method, refusal);
        }

        Interlocked.Increment(ref contexts);
        return new CpuExecutionContext(this, core, strategy, own, plugins);
    }

    public IExecutionContext CreateExecutionContextWithoutDeviceMemory() => CreateExecutionContext(ExecutionContextAllocationStrategy.UserManaged);

    public IExecutionContext CreateExecutionContext(IRuntimeConfig runtimeConfig)
    {
        ArgumentNullException.ThrowIfNull(runtimeConfig);
        return CreateExecutionContext(runtimeConfig.ExecutionContextAllocationStrategy);
    }

    /// <summary>A context was disposed.</summary>
    public void ContextGone() => Interlocked.Decrement(ref contexts);

    protected override void Release()
    {
        journal.Recorder = null;
        core.LetGo();
    }

    /// <summary>A plan; of an engine whose plan was stripped, one that has its weights can be refitted only when that is asked for.</summary>
    private HostMemory Serialize(bool excludesWeights, bool includesRefit)
    {
        PlanDescription description = Core.Description;
        bool whole = !excludesWeights && core.FirstMissing() < 0;
        return new HostMemory(core.Serialize(whole, description.IsRefittable && (!whole || !description.IsStripped || includesRefit)));
    }

    private static TensorIOMode Mode(EngineTensor? tensor) => tensor is null ? TensorIOMode.None : tensor.IsInput ? TensorIOMode.Input : TensorIOMode.Output;

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }

    private long Number(long number) => Alive(number);

    private bool IsPoint(int profileIndex, OptProfileSelector select) =>
        (uint)profileIndex < (uint)core.NbProfiles && select is >= OptProfileSelector.Min and <= OptProfileSelector.Max;

    private bool HasProfile(int index, string method)
    {
        ThrowIfDisposed();
        if ((uint)index < (uint)core.NbProfiles)
        {
            return true;
        }

        journal.Refused($"ICudaEngine::{method}", Refusal.Argument($"Parameter check failed, condition: profileIndex < getNbOptimizationProfiles(). Profile {index} was asked for, the engine has {core.NbProfiles}."));
        return false;
    }

    private PlanProfile? Profile(int index) => index < core.Description.Profiles.Count ? core.Description.Profiles[index] : null;

    private void Budget(string setter, Action change)
    {
        ThrowIfDisposed();
        try
        {
            change();
        }
        catch (Refusal refusal)
        {
            throw journal.Failure($"ICudaEngine::{setter}", refusal);
        }
    }

    private EngineTensor? Find(string name, string method)
    {
        ArgumentNullException.ThrowIfNull(name);
        int index = Core.Find(name);
        return index >= 0 ? core.Tensors[index] : Unknown(name, method);
    }

    private EngineTensor? Find(ReadOnlySpan<byte> name, string method)
    {
        int index = Core.Find(name);
        return index >= 0 ? core.Tensors[index] : Unknown(System.Text.Encoding.UTF8.GetString(name), method);
    }

    private EngineTensor? Unknown(string name, string method)
    {
        journal.Refused($"ICudaEngine::{method}", Refusal.Argument($"Given invalid tensor name: {name}. The engine has {string.Join(", ", core.Tensors.Select(tensor => tensor.Name))}."));
        return null;
    }
}
