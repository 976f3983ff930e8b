using System.Text;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Cpu;

/// <summary>Runs an engine. Addresses are of host memory; one thread at a time, as with TensorRT's.</summary>
internal sealed partial class CpuExecutionContext : CpuObject, IExecutionContext, IDimSource
{
    private readonly CpuEngine engine;
    private readonly EngineCore core;
    private readonly ContextRunner runner;
    private readonly Journal journal;
    private readonly ContextMemory memory;
    private readonly nint[] addresses;
    private readonly Dims[] shapes;
    private readonly long[]?[] shapeValues;
    private readonly IOutputAllocator?[] allocators;
    private readonly bool hasShapeInputs;
    private bool stale = true;
    private int profile;
    private string name = string.Empty;
    private bool debugSync;
    private bool emitsProfile = true;
    private nint inputConsumed;
    private nuint cacheLimit;
    private ProfilingVerbosity nvtxVerbosity;
    private IGpuAllocator? temporaryAllocator;

    public CpuExecutionContext(CpuEngine engine, EngineCore core, ExecutionContextAllocationStrategy strategy, Journal journal, ContextPlugins? plugins)
    {
        memory = new ContextMemory(strategy);
        nvtxVerbosity = core.Description.Verbosity;
        this.engine = engine;
        this.core = core;
        this.journal = journal;
        runner = new ContextRunner(core, journal, plugins);
        addresses = new nint[core.Tensors.Length];
        allocators = new IOutputAllocator?[core.Tensors.Length];
        shapeValues = Array.ConvertAll(core.Tensors, tensor => tensor is { IsShape: true, IsInput: true } ? new long[tensor.Dims.Volume] : null);
        hasShapeInputs = shapeValues.Any(values => values is not null);
        shapes = Array.ConvertAll(core.Tensors, tensor => tensor.Dims);
    }

    public bool DebugSync
    {
        get => Alive(debugSync);
        set
        {
            ThrowIfDisposed();
            debugSync = value;
        }
    }

    public EngineCore Core => core;

    public ICudaEngine Engine => Alive(engine);

    public string Name
    {
        get => Alive(name);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ThrowIfDisposed();
            if (!journal.IsTooLong("IExecutionContext::setName", value))
            {
                name = value;
            }
        }
    }

    public int OptimizationProfile
    {
        get => Alive(profile);
        set => SetOptimizationProfileAsync(value, 0);
    }

    public IErrorRecorder? ErrorRecorder
    {
        get => Alive(journal).Recorder;
        set => Alive(journal).Recorder = value;
    }

    public bool EnqueueEmitsProfile
    {
        get => Alive(emitsProfile);
        set
        {
            ThrowIfDisposed();
            emitsProfile = value;
        }
    }

    public nint InputConsumedEvent
    {
        get => Alive(inputConsumed);
        set
        {
            ThrowIfDisposed();
            inputConsumed = value;
        }
    }

    public IGpuAllocator? TemporaryStorageAllocator
    {
        get => Alive(temporaryAllocator);
        set
        {
            ThrowIfDisposed();
            temporaryAllocator = value;
        }
    }

    public nuint PersistentCacheLimit
    {
        get => Alive(cacheLimit);
        set
        {
            ThrowIfDisposed();
            cacheLimit = value;
        }
    }

    public ProfilingVerbosity NvtxVerbosity
    {
        get => Alive(nvtxVerbosity);
        set
        {
            ThrowIfDisposed();
            bool possible = value >= ProfilingVerbosity.LayerNamesOnly && Rank(value) <= Rank(core.Description.Verbosity);
            nvtxVerbosity = possible
                ? value
                : throw journal.Failure("IExecutionContext::setNvtxVerbosity", Refusal.Argument(
                    $"Parameter check failed, condition: verbosity is not above that of the engine. It is {value}, the engine was built with {core.Description.Verbosity}."));

            // The enumerators do not stand in the order of how much they say.
            static int Rank(ProfilingVerbosity verbosity) => verbosity switch
            {
                ProfilingVerbosity.None => 0,
                ProfilingVerbosity.LayerNamesOnly => 1,
                ProfilingVerbosity.Detailed => 2,
                _ => 3,
            };
        }
    }

    public void SetDeviceMemory(nint memory) => SetMemory("setDeviceMemory", memory, -1);

    public void SetDeviceMemoryV2(nint memory, long size) => SetMemory("setDeviceMemoryV2", memory, size == -1 ? -2 : size);

    public Dims GetTensorStrides(string tensorName)
    {
        int tensor = Find(tensorName, "getTensorStrides");
        Dims dims = tensor < 0 ? Dims.Unknown : ShapeOf(tensor, "getTensorStrides");
        if (!dims.IsStatic)
        {
            return Dims.Unknown;
        }

        if (core.Tensors[tensor].Format is { } format)
        {
            return format.Strides(dims);
        }

        long stride = 1;
        for (int axis = dims.NbDims - 1; axis >= 0; axis--)
        {
            long extent = dims[axis];
            dims[axis] = stride;
            stride *= Math.Max(extent, 1);
        }

        return dims;
    }

    public void SetInputShape(string tensorName, Dims dims)
    {
        ArgumentNullException.ThrowIfNull(tensorName);
        SetShape(Find(tensorName, "setInputShape"), tensorName, dims);
    }

    public void SetInputShape(ReadOnlySpan<byte> tensorName, Dims dims)
    {
        int tensor = Find(tensorName, "setInputShape");
        SetShape(tensor, tensor < 0 ? Encoding.UTF8.GetString(tensorName) : core.Tensors[tensor].Name, dims);
    }

    public Dims GetTensorShape(string tensorName) => Find(tensorName, "getTensorShape") is >= 0 and int tensor ? ShapeOf(tensor, "getTensorShape") : Dims.Unknown;

    public Dims GetTensorShape(ReadOnlySpan<byte> tensorName) => Find(tensorName, "getTensorShape") is >= 0 and int tensor ? ShapeOf(tensor, "getTensorShape") : Dims.Unknown;

    public bool AllInputDimensionsSpecified()
    {
        ThrowIfDisposed();
        for (int i = 0; i < core.InputCount; i++)
        {
            if (!shapes[i].IsStatic)
            {
                return false;
            }
        }

        return true;
    }

    public bool AllInputShapesSpecified()
    {
        ThrowIfDisposed();
        return Unspecified().Length == 0;
    }

    public string[] InferShapes()
    {
        ThrowIfDisposed();
        string[] missing = Unspecified();
        if (missing.Length == 0)
        {
            Resolve("inferShapes");
        }

        return missing;
    }

    public void SetOptimizationProfileAsync(int profileIndex, nint stream)
    {
        ThrowIfDisposed();
        if ((uint)profileIndex >= (uint)core.NbProfiles)
        {
            throw journal.Failure("IExecutionContext::setOptimizationProfileAsync", Refusal.Argument(
                $"Parameter check failed, condition: profileIndex < getNbOptimizationProfiles(). Profile {profileIndex} was asked for, the engine has {core.NbProfiles}."));
        }

        profile = profileIndex;
        for (int i = 0; i < core.InputCount; i++)
        {
            shapes[i] = core.Tensors[i].Dims;
        }

        stale = true;
    }

    public nint GetTensorAddress(string tensorName) => Find(tensorName, "getTensorAddress") is >= 0 and int tensor ? addresses[tensor] : 0;

    public nint GetTensorAddress(ReadOnlySpan<byte> tensorName) => Find(tensorName, "getTensorAddress") is >= 0 and int tensor ? addresses[tensor] : 0;

    public nint GetOutputTensorAddress(string tensorName) => GetTensorAddress(tensorName);

    public nint GetOutputTensorAddress(ReadOnlySpan<byte> tensorName) => GetTensorAddress(tensorName);

    public void SetTensorAddress(string tensorName, nint data) => SetAddress(Find(tensorName, null), tensorName, data, null, "setTensorAddress");

    public void SetTensorAddress(ReadOnlySpan<byte> tensorName, nint data) => SetAddress(Find(tensorName, null), tensorName, data, null, "setTensorAddress");

    public void SetInputTensorAddress(string tensorName, nint data) => SetAddress(Find(tensorName, null), tensorName, data, true, "setInputTensorAddress");

    public void SetInputTensorAddress(ReadOnlySpan<byte> tensorName, nint data) => SetAddress(Find(tensorName, null), tensorName, data, true, "setInputTensorAddress");

    public void SetOutputTensorAddress(string tensorName, nint data) => SetAddress(Find(tensorName, null), tensorName, data, false, "setOutputTensorAddress");

    public void SetOutputTensorAddress(ReadOnlySpan<byte> tensorName, nint data) => SetAddress(Find(tensorName, null), tensorName, data, false, "setOutputTensorAddress");

    public nuint UpdateDeviceMemorySizeForShapes()
    {
        ThrowIfDisposed();
        const string method = "updateDeviceMemorySizeForShapes";
        if (!memory.IsUsers)
        {
            journal.Refused($"IExecutionContext::{method}", Refusal.Api("The context was not created with kUSER_MANAGED memory, whose size alone follows the shapes."));
            return 0;
        }

        if (Unspecified() is { Length: > 0 } missing)
        {
            journal.Refused($"IExecutionContext::{method}", Refusal.Argument($"Shapes of inputs are missing: {string.Join(", ", missing)}."));
            return 0;
        }

        try
        {
            Resolve(method);
            return (nuint)core.MemoryFor(this);
        }
        catch (TensorRtException)
        {
            return 0;
        }
    }

    public void SetOutputAllocator(string tensorName, IOutputAllocator? outputAllocator)
    {
        int tensor = Find(tensorName, null);
        if (tensor < 0 || core.Tensors[tensor].IsInput)
        {
            throw journal.Failure("IExecutionContext::setOutputAllocator", Refusal.Argument(Unknown(tensorName, "an output")));
        }

        allocators[tensor] = outputAllocator;
    }

    public IOutputAllocator? GetOutputAllocator(string tensorName) => Find(tensorName, "getOutputAllocator") is >= 0 and int tensor ? allocators[tensor] : null;

    public long GetMaxOutputSize(string tensorName)
    {
        int tensor = Find(tensorName, "getMaxOutputSize");
        return tensor < 0 || core.Tensors[tensor].IsInput || !HasAllShapes() || ShapeOf(tensor, "getMaxOutputSize").NbDims < 0 ? -1 : Limit(tensor);
    }

    /// <summary>Runs can be recorded unless the shape of an output is found by the run, which then has to wait for its own end.</summary>
    public bool IsStreamCapturable(nint stream)
    {
        ThrowIfDisposed();
        return !core.HasDataDependent && HostDeviceApi.TryGetStream(stream, out _);
    }

    public void SetAuxStreams(ReadOnlySpan<nint> auxStreams) => ThrowIfDisposed();

    public void SetCommunicator(nint communicator)
    {
        ThrowIfDisposed();
        throw journal.Failure("IExecutionContext::setCommunicator", Refusal.Argument("there are no collectives on a CPU."));
    }

    protected override void Release()
    {
        journal.Recorder = null;
        engine.ContextGone();
        watch?.Dispose();
        runner.LetGo();
    }

    private void SetMemory(string method, nint address, long size)
    {
        ThrowIfDisposed();
        try
        {
            memory.Set(address, size);
        }
        catch (Refusal refusal)
        {
            journal.Refused($"IExecutionContext::{method}", refusal);
        }
    }

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }

    private int Find(string tensorName, string? method)
    {
        ArgumentNullException.ThrowIfNull(tensorName);
        ThrowIfDisposed();
        int tensor = core.Find(tensorName);
        return tensor < 0 && method is not null ? LogUnknown(tensorName, method) : tensor;
    }

    private int Find(ReadOnlySpan<byte> tensorName, string? method)
    {
        ThrowIfDisposed();
        int tensor = core.Find(tensorName);
        return tensor < 0 && method is not null ? LogUnknown(Encoding.UTF8.GetString(tensorName), method) : tensor;
    }

    private int LogUnknown(string tensorName, string method)
    {
        journal.Refused($"IExecutionContext::{method}", Refusal.Argument(Unknown(tensorName, "an input or output")));
        return -1;
    }

    private string Unknown(string tensorName, string kind) =>
        $"Given invalid tensor name: {tensorName} is not {kind} of the engine, which has {string.Join(", ", core.Tensors.Select(tensor => tensor.Name))}.";

    private void SetAddress(int tensor, ReadOnlySpan<byte> tensorName, nint data, bool? input, string method)
    {
        if (tensor < 0 || (input is { } wanted && core.Tensors[tensor].IsInput != wanted))
        {
            SetAddress(-1, Encoding.UTF8.GetString(tensorName), data, input, method);
        }
        else
        {
            addresses[tensor] = data;
        }
    }

    private void SetAddress(int tensor, string tensorName, nint data, bool? input, string method)
    {
        if (tensor < 0 || (input is { } wanted && core.Tensors[tensor].IsInput != wanted))
        {
            throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument(Unknown(tensorName, input is null ? "an input or output" : input.Value ? "an input" : "an output")));
        }

        addresses[tensor] = data;
    }
}
