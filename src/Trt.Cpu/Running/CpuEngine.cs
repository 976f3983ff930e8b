using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A built network, ready to run on the CPU. Thread-safe.</summary>
internal sealed class CpuEngine : CpuObject, ICudaEngine
{
    private readonly EngineCore core;
    private readonly Journal journal;

    private CpuEngine(EngineCore core, Journal journal)
    {
        this.core = core;
        this.journal = journal;
    }

    public int NbLayers => Core.Description.Layers.Count;

    public nuint DeviceMemorySize => (nuint)DeviceMemorySizeV2;

    public long DeviceMemorySizeV2 => Number(0);

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
        get => Number(0);
        set => RefuseStreaming("setWeightStreamingBudget", value);
    }

    public long WeightStreamingBudgetV2
    {
        get => Number(0);
        set => RefuseStreaming("setWeightStreamingBudgetV2", value);
    }

    public long MinimumWeightStreamingBudget => Number(0);

    public long StreamableWeightsSize => Number(0);

    public long WeightStreamingAutomaticBudget => Number(0);

    public long WeightStreamingScratchMemorySize => Number(0);

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
    public static CpuEngine Load(NativeBlob plan, Journal journal, string method)
    {
        try
        {
            return new CpuEngine(EngineCore.Load(plan), journal);
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

    public string? GetAliasedInputTensor(string tensorName)
    {
        Find(tensorName, "getAliasedInputTensor");
        return null;
    }

    public string GetIOTensorName(int index) => (uint)index < (uint)Core.Tensors.Length
        ? core.Tensors[index].Name
        : throw journal.Failure("ICudaEngine::getIOTensorName", Refusal.Argument($"Parameter check failed, condition: index < {core.Tensors.Length}. The index is {index}."));

    public int GetTensorBytesPerComponent(string tensorName) => Find(tensorName, "getTensorBytesPerComponent") is null ? -1 : 0;

    public int GetTensorBytesPerComponent(string tensorName, int profileIndex) => GetTensorBytesPerComponent(tensorName);

    public int GetTensorComponentsPerElement(string tensorName)
    {
        Find(tensorName, "getTensorComponentsPerElement");
        return -1;
    }

    public int GetTensorComponentsPerElement(string tensorName, int profileIndex) => GetTensorComponentsPerElement(tensorName);

    public TensorFormat GetTensorFormat(string tensorName)
    {
        Find(tensorName, "getTensorFormat");
        return TensorFormat.Linear;
    }

    public TensorFormat GetTensorFormat(string tensorName, int profileIndex) => GetTensorFormat(tensorName);

    public string? GetTensorFormatDesc(string tensorName) =>
        Find(tensorName, "getTensorFormatDesc") is { } tensor ? $"Row major linear {Types.Short(tensor.Type)} format (kLINEAR)" : null;

    public string? GetTensorFormatDesc(string tensorName, int profileIndex) => GetTensorFormatDesc(tensorName);

    public int GetTensorVectorizedDim(string tensorName)
    {
        Find(tensorName, "getTensorVectorizedDim");
        return -1;
    }

    public int GetTensorVectorizedDim(string tensorName, int profileIndex) => GetTensorVectorizedDim(tensorName);

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
        return Alive(false);
    }

    public nuint GetDeviceMemorySizeForProfile(int profileIndex) => (nuint)Number(0);

    public long GetDeviceMemorySizeForProfileV2(int profileIndex) => Number(0);

    public long GetEngineStat(EngineStat stat) => stat switch
    {
        EngineStat.TotalWeightsSize => Core.Description.WeightBytes,
        EngineStat.StrippedWeightsSize when Core.Description.IsStripped => core.Exchangeable.Sum(entry => entry.Bytes),
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
        return excludes && !IsRefittable
            ? throw journal.Failure("ICudaEngine::serializeWithConfig", Refusal.Argument(
                "kEXCLUDE_WEIGHTS needs an engine that can be refitted; build it with kREFIT, kREFIT_IDENTICAL or kREFIT_INDIVIDUAL."))
            : Serialize(excludes, config.GetFlag(SerializationFlag.IncludeRefit));
    }

    public IEngineInspector CreateEngineInspector()
    {
        ThrowIfDisposed();
        throw journal.Failure("ICudaEngine::createEngineInspector", new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage,
            "The engine inspector is not supported by this version of the CPU runtime."));
    }

    public IRuntimeConfig CreateRuntimeConfig()
    {
        ThrowIfDisposed();
        return new CpuRuntimeConfig();
    }

    public IExecutionContext CreateExecutionContext(ExecutionContextAllocationStrategy strategy = ExecutionContextAllocationStrategy.Static)
    {
        ThrowIfDisposed();
        return strategy is >= ExecutionContextAllocationStrategy.Static and <= ExecutionContextAllocationStrategy.UserManaged
            ? new CpuExecutionContext(this, core, journal.Child())
            : throw journal.Failure("ICudaEngine::createExecutionContext", Refusal.Argument("Parameter check failed, condition: strategy is an enumerator of ExecutionContextAllocationStrategy."));
    }

    public IExecutionContext CreateExecutionContextWithoutDeviceMemory() => CreateExecutionContext(ExecutionContextAllocationStrategy.UserManaged);

    public IExecutionContext CreateExecutionContext(IRuntimeConfig runtimeConfig)
    {
        ArgumentNullException.ThrowIfNull(runtimeConfig);
        return CreateExecutionContext(runtimeConfig.ExecutionContextAllocationStrategy);
    }

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

    private PlanProfile? Profile(int index) => index < core.Description.Profiles.Count ? core.Description.Profiles[index] : null;

    private void RefuseStreaming(string setter, long budget)
    {
        ThrowIfDisposed();
        throw journal.Failure($"ICudaEngine::{setter}", Refusal.Argument($"A budget of {budget} bytes cannot be set: the engine was not built for weight streaming, which does not exist on a CPU."));
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
