using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Makes networks, settings and profiles, and builds engines for the CPU.</summary>
internal sealed class CpuBuilder : CpuObject, IBuilder
{
    private const long OnePiece = 1 << 24;

    private readonly CpuPluginRegistry registry = new(CpuPluginRegistry.Shared);
    private int networks;
    private int maxThreads = 1;

    public CpuBuilder(ILogger logger) => Journal = new Journal(logger);

    public Journal Journal { get; }

    /// <summary>What TensorRT says also where there is no DLA.</summary>
    public int MaxDLABatchSize => Alive(1 << 28);

    public int NbDLACores => Alive(0);

    public IErrorRecorder? ErrorRecorder
    {
        get => Alive(Journal).Recorder;
        set => Alive(Journal).Recorder = value;
    }

    public ILogger Logger => Alive(Journal).Logger;

    public int MaxThreads
    {
        get => Alive(maxThreads);
        set
        {
            ThrowIfDisposed();
            maxThreads = value >= 1 ? value : throw Journal.Failure("IBuilder::setMaxThreads", Refusal.Argument($"Parameter check failed, condition: maxThreads > 0. It is {value}."));
        }
    }

    public IPluginRegistry PluginRegistry => Alive(registry);

    public bool PlatformHasFastFp16() => Alive(false);

    public bool PlatformHasFastInt8() => Alive(false);

    public bool PlatformHasTf32() => Alive(false);

    public void SetGpuAllocator(IGpuAllocator? allocator) => ThrowIfDisposed();

    public IBuilderConfig CreateBuilderConfig()
    {
        ThrowIfDisposed();
        return new CpuBuilderConfig(Journal.Child());
    }

    public INetworkDefinition CreateNetworkV2(Mask<NetworkDefinitionCreationFlag> flags)
    {
        ThrowIfDisposed();
        return new CpuNetwork(this, flags, networks++);
    }

    public IOptimizationProfile CreateOptimizationProfile()
    {
        ThrowIfDisposed();
        return new CpuOptimizationProfile(Journal);
    }

    public void Reset()
    {
        // A builder has no state but its threads and its recorder, which TensorRT's keeps too.
        ThrowIfDisposed();
    }

    public IHostMemory BuildSerializedNetwork(INetworkDefinition network, IBuilderConfig config) =>
        new HostMemory(Build(network, config, "IBuilder::buildSerializedNetwork", plan => plan.ToBlob()));

    public IHostMemory BuildSerializedNetwork(INetworkDefinition network, IBuilderConfig config, out IHostMemory? kernelText)
    {
        kernelText = null;
        return BuildSerializedNetwork(network, config);
    }

    public void BuildSerializedNetworkToStream(INetworkDefinition network, IBuilderConfig config, IStreamWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        const string method = "IBuilder::buildSerializedNetworkToStream";
        Build(network, config, method, plan =>
        {
            // TensorRT writes in one piece; a large plan is not put together in memory for that.
            if (plan.Length <= OnePiece)
            {
                using NativeBlob whole = plan.ToBlob();
                Write(writer, whole.Span(0, (int)whole.Length), method);
            }
            else
            {
                plan.Visit(piece => Write(writer, piece, method));
            }

            return true;
        });
    }

    public ICudaEngine BuildEngineWithConfig(INetworkDefinition network, IBuilderConfig config)
    {
        const string method = "IBuilder::buildEngineWithConfig";
        NativeBlob plan = Build(network, config, method, image => image.ToBlob());
        return CpuEngine.Load(plan, registry, Journal.Child(), method);
    }

    public bool IsNetworkSupported(INetworkDefinition network, IBuilderConfig config)
    {
        (CpuNetwork ownNetwork, CpuBuilderConfig ownConfig) = Own(network, config);
        try
        {
            new EngineCompiler(ownNetwork, ownConfig, "IBuilder::isNetworkSupported").Check();
            return true;
        }
        catch (TensorRtException)
        {
            return false;
        }
    }

    protected override void Release() => Journal.Recorder = null;

    private void Write(IStreamWriter writer, ReadOnlySpan<byte> piece, string method)
    {
        long taken;
        try
        {
            taken = writer.Write(piece);
        }
        catch (Exception error)
        {
            throw new TensorRtException($"{method}: the callback IStreamWriter.Write threw {error.GetType().Name}: {error.Message}", error);
        }

        if (taken != piece.Length)
        {
            throw Journal.Failure(method, Refusal.Argument($"the stream writer took {taken} of {piece.Length} bytes of the plan."));
        }
    }

    private T Build<T>(INetworkDefinition network, IBuilderConfig config, string method, Func<PlanImage, T> write)
    {
        (CpuNetwork ownNetwork, CpuBuilderConfig ownConfig) = Own(network, config);
        return new EngineCompiler(ownNetwork, ownConfig, method).Compile(write);
    }

    private (CpuNetwork Network, CpuBuilderConfig Config) Own(INetworkDefinition network, IBuilderConfig config)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(config);
        ThrowIfDisposed();
        CpuNetwork ownNetwork = network as CpuNetwork
            ?? throw new ArgumentException("The network belongs to another library; the CPU runtime builds networks of its own builder.", nameof(network));
        CpuBuilderConfig ownConfig = config as CpuBuilderConfig
            ?? throw new ArgumentException("The configuration belongs to another library; use this builder's.", nameof(config));
        ownNetwork.ThrowIfDisposed();
        ownConfig.ThrowIfDisposed();
        return (ownNetwork, ownConfig);
    }

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }
}
