using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Loads engines from plans.</summary>
internal sealed class CpuInferRuntime : CpuObject, IRuntime
{
    private const int Piece = 1 << 20;

    private readonly Journal journal;
    private int maxThreads = 1;
    private string? temporaryDirectory;
    private Mask<TempfileControlFlag> tempfileControl = [TempfileControlFlag.AllowInMemoryFiles, TempfileControlFlag.AllowTemporaryFiles];
    private bool hostCodeAllowed;

    public CpuInferRuntime(ILogger logger) => journal = new Journal(logger);

    public int DLACore
    {
        get => Alive(-1);
        set => ThrowIfDisposed();
    }

    public int NbDLACores => Alive(0);

    public IErrorRecorder? ErrorRecorder
    {
        get => Alive(journal).Recorder;
        set => Alive(journal).Recorder = value;
    }

    public ILogger Logger => Alive(journal).Logger;

    public int MaxThreads
    {
        get => Alive(maxThreads);
        set
        {
            ThrowIfDisposed();
            maxThreads = value >= 1 ? value : throw journal.Failure("IRuntime::setMaxThreads", Refusal.Argument($"Parameter check failed, condition: maxThreads >= 1. It is {value}."));
        }
    }

    public string? TemporaryDirectory
    {
        get => Alive(temporaryDirectory);
        set
        {
            ThrowIfDisposed();
            temporaryDirectory = value;
        }
    }

    public Mask<TempfileControlFlag> TempfileControlFlags
    {
        get => Alive(tempfileControl);
        set
        {
            ThrowIfDisposed();
            tempfileControl = value;
        }
    }

    public IPluginRegistry PluginRegistry => Alive(CpuPluginRegistry.Shared);

    public bool EngineHostCodeAllowed
    {
        get => Alive(hostCodeAllowed);
        set
        {
            ThrowIfDisposed();
            hostCodeAllowed = value;
        }
    }

    public void SetGpuAllocator(IGpuAllocator? allocator) => ThrowIfDisposed();

    public ICudaEngine DeserializeCudaEngine(ReadOnlySpan<byte> blob)
    {
        ThrowIfDisposed();
        return Load(NativeBlob.Of(blob));
    }

    public ICudaEngine DeserializeCudaEngine(IStreamReader streamReader)
    {
        ArgumentNullException.ThrowIfNull(streamReader);
        ThrowIfDisposed();
        return Load(ReadAll(streamReader.Read, "IStreamReader.Read"));
    }

    public unsafe ICudaEngine DeserializeCudaEngine(IStreamReaderV2 streamReader)
    {
        ArgumentNullException.ThrowIfNull(streamReader);
        ThrowIfDisposed();
        return Load(ReadAll(destination =>
        {
            fixed (byte* address = destination)
            {
                return streamReader.Read((nint)address, destination.Length, 0);
            }
        }, "IStreamReaderV2.Read"));
    }

    public IRuntime LoadRuntime(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        ThrowIfDisposed();
        throw journal.Failure("IRuntime::loadRuntime", new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage, $"The CPU runtime loads no other runtime; {path} was not looked at."));
    }

    protected override void Release() => journal.Recorder = null;

    private CpuEngine Load(NativeBlob plan) => CpuEngine.Load(plan, journal.Child(), "IRuntime::deserializeCudaEngine");

    private NativeBlob ReadAll(ReadPiece read, string callback)
    {
        using MemoryStream all = new();
        byte[] piece = GC.AllocateUninitializedArray<byte>(Piece);
        while (true)
        {
            long count;
            try
            {
                count = read(piece);
            }
            catch (Exception error)
            {
                throw new TensorRtException($"The callback {callback} threw {error.GetType().Name}: {error.Message}", error);
            }

            if (count < 0 || count > piece.Length)
            {
                throw journal.Failure("IRuntime::deserializeCudaEngine", Refusal.Argument($"the stream reader answered {count} when asked for {piece.Length} bytes."));
            }

            if (count == 0)
            {
                return NativeBlob.Of(all.GetBuffer().AsSpan(0, (int)all.Length));
            }

            all.Write(piece, 0, (int)count);
        }
    }

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }

    private delegate long ReadPiece(Span<byte> destination);
}
