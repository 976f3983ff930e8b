using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Loads engines from plans.</summary>
internal sealed class CpuInferRuntime : CpuObject, IRuntime
{
    private const int Piece = 1 << 26;

    private readonly Journal journal;
    private readonly CpuPluginRegistry registry = new(CpuPluginRegistry.Shared);
    private int maxThreads = 1;
    private string? temporaryDirectory;
    private Mask<TempfileControlFlag> tempfileControl = [TempfileControlFlag.AllowInMemoryFiles, TempfileControlFlag.AllowTemporaryFiles];
    private bool hostCodeAllowed;

    public CpuInferRuntime(ILogger logger) => journal = new Journal(logger);

    /// <summary>There is no DLA, and so no core to choose; TensorRT says nothing to it.</summary>
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

    public IPluginRegistry PluginRegistry => Alive(registry);

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

    private CpuEngine Load(NativeBlob plan) => CpuEngine.Load(plan, registry, journal.Child(), "IRuntime::deserializeCudaEngine");

    /// <summary>Reads a plan into memory of its size, which its header tells; of what is no plan, only the beginning.</summary>
    private NativeBlob ReadAll(ReadPiece read, string callback)
    {
        byte[] header = new byte[PlanFile.HeaderLength];
        int begun = (int)ReadInto(header, read, callback);
        long length = PlanFile.LengthOf(header.AsSpan(0, begun));
        if (length <= begun)
        {
            return NativeBlob.Of(header.AsSpan(0, begun));
        }

        NativeBlob plan;
        try
        {
            plan = new NativeBlob(length);
        }
        catch (OutOfMemoryException)
        {
            throw journal.Failure("IRuntime::deserializeCudaEngine", new Refusal(ErrorCode.FailedAllocation, Refusal.ApiUsage, $"the plan says that it has {length} bytes, for which there is no memory."));
        }

        header.CopyTo(plan.Span(0, begun));
        long at = begun;
        try
        {
            while (at < length)
            {
                int wanted = (int)Math.Min(length - at, Piece);
                long count = ReadInto(plan.Span(at, wanted), read, callback);
                at += count;
                if (count < wanted)
                {
                    break;
                }
            }

            if (at == length)
            {
                return plan;
            }

            NativeBlob part = NativeBlob.Of(plan.Address, at);
            plan.Dispose();
            return part;
        }
        catch (Exception)
        {
            plan.Dispose();
            throw;
        }
    }

    /// <summary>Fills a piece, or as much of it as there is.</summary>
    private long ReadInto(Span<byte> piece, ReadPiece read, string callback)
    {
        int done = 0;
        while (done < piece.Length)
        {
            long count;
            try
            {
                count = read(piece[done..]);
            }
            catch (Exception error)
            {
                throw new TensorRtException($"The callback {callback} threw {error.GetType().Name}: {error.Message}", error);
            }

            if (count < 0 || count > piece.Length - done)
            {
                throw journal.Failure("IRuntime::deserializeCudaEngine", Refusal.Argument($"the stream reader answered {count} when asked for {piece.Length - done} bytes."));
            }

            if (count == 0)
            {
                break;
            }

            done += (int)count;
        }

        return done;
    }

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }

    private delegate long ReadPiece(Span<byte> destination);
}
