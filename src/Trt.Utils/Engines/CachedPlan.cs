using Trt.Interop;

namespace Trt.Utils;

/// <summary>A plan out of an engine cache, mapped into memory; stays readable when others remove or replace the entry.</summary>
/// <remarks>Dispose it when the engine has been made from it. Thread-safe but for that.</remarks>
public sealed unsafe class CachedPlan : IDisposable
{
    private readonly MappedFile? file;
    private readonly IHostMemory? memory;
    private readonly byte[]? bytes;
    private bool disposed;

    private CachedPlan(EngineCacheKey key, bool wasCached, long length, MappedFile? file = null, IHostMemory? memory = null, byte[]? bytes = null)
    {
        (Key, WasCached, Length, this.file, this.memory, this.bytes) = (key, wasCached, length, file, memory, bytes);
        file?.Acquire(this);
    }

    /// <summary>What it was made from and for.</summary>
    public EngineCacheKey Key { get; }

    /// <summary>Whether it was there already; false when this call built it.</summary>
    public bool WasCached { get; }

    /// <summary>Its file; null when it could not be written (<see cref="EngineCacheOptions.BuildWhenUnwritable"/>).</summary>
    public string? Path => file?.Path;

    /// <summary>Its bytes' number.</summary>
    public long Length { get; }

    /// <summary>The plan, valid until this is disposed.</summary>
    /// <exception cref="OverflowException">It has 2 GiB or more; use <see cref="OpenRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return bytes ?? (file is not null ? new ReadOnlySpan<byte>(file.At(0), checked((int)Length)) : memory!.AsSpan());
        }
    }

    /// <summary>What its head tells.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public PlanHead Head
    {
        get
        {
            using Stream stream = OpenRead();
            return PlanHead.Read(stream) with { Path = Path };
        }
    }

    /// <summary>The plan as a stream of any length, valid until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public Stream OpenRead()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return bytes is not null ? new MemoryStream(bytes, writable: false)
            : file is not null ? new UnmanagedMemoryStream(file.At(0), Length)
            : memory!.OpenRead();
    }

    /// <summary>Makes an engine of it, which needs the plan no longer then.</summary>
    /// <param name="runtime">The runtime.</param>
    /// <returns>The engine, to be disposed by the caller.</returns>
    /// <exception cref="TensorRtException">The runtime refuses the plan; the message has its reason.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ICudaEngine Deserialize(IRuntime runtime)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ObjectDisposedException.ThrowIf(disposed, this);
        fixed (byte* pinned = bytes)
        {
            return EngineLoader.Read(runtime, bytes is not null ? (nint)pinned : file is not null ? (nint)file.At(0) : memory!.Data, Length);
        }
    }

    /// <summary>Frees it.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            file?.Release();
            file?.Dispose();
            memory?.Dispose();
        }
    }

    /// <summary>The checksum of a mapped plan.</summary>
    internal string Checksum() => PlanChecksum.Of((nint)file!.At(0), Length);

    internal static CachedPlan Of(EngineCacheKey key, MappedFile file, bool wasCached) => new(key, wasCached, file.Length, file: file);

    internal static CachedPlan Of(EngineCacheKey key, IHostMemory memory) => new(key, wasCached: false, checked((long)memory.Size), memory: memory);

    internal static CachedPlan Of(EngineCacheKey key, byte[] bytes) => new(key, wasCached: false, bytes.Length, bytes: bytes);
}
