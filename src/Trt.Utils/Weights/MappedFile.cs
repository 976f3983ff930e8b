using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>
/// A file mapped read-only into memory, together with the buffers made from it, which live exactly as long. There is no finalizer on purpose: addresses handed to TensorRT stay
/// valid when the owner is merely forgotten; only <see cref="Dispose"/> ends them. Thread-safe.
/// </summary>
internal sealed unsafe class MappedFile : TensorMemory, IDisposable
{
    private const int MostCopies = 8;

    private readonly Lock gate = new();
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly byte* start;
    private readonly List<nint> buffers = [];
    private long allocated;
    private int users;
    private bool closed;

    private MappedFile(string path)
    {
        Path = path;
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Length = file.Length;
        if (Length == 0)
        {
            return; // an empty file cannot be mapped
        }

        map = MemoryMappedFile.CreateFromFile(file, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            view = map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            byte* address = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
            start = address + view.PointerOffset;
        }
        catch
        {
            view?.Dispose();
            map.Dispose();
            throw;
        }
    }

    public override string Path { get; }

    public override long Length { get; }

    public override bool IsClosed => Volatile.Read(ref closed);

    public static MappedFile Open(string path) => new(path);

    public override void Acquire(object owner)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, owner);
            users++;
        }
    }

    public override void Release()
    {
        bool free;
        lock (gate)
        {
            free = --users == 0 && closed;
        }

        if (free)
        {
            Free();
        }
    }

    /// <summary>Address of a byte; the caller has checked the bounds and holds the file by <see cref="Acquire"/>.</summary>
    public byte* At(long offset) => start + offset;

    /// <summary>Bytes of the file; the caller holds the file by <see cref="Acquire"/>.</summary>
    public ReadOnlySpan<byte> Span(long offset, long length)
    {
        if (offset < 0 || length < 0 || length > int.MaxValue || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {offset + length} are outside the {Length} bytes of {Path}.");
        }

        return new ReadOnlySpan<byte>(start + offset, (int)length);
    }

    /// <summary>As long as all that was asked for stays in proportion to the file, whose views may look at the same bytes over and over.</summary>
    /// <exception cref="TorchFormatException">It does not.</exception>
    public override byte* Allocate(long bytes)
    {
        if (Interlocked.Add(ref allocated, bytes) > TensorBounds.LargestExpansion + (MostCopies * Length))
        {
            Interlocked.Add(ref allocated, -bytes);
            throw new TorchFormatException(Path, $"Copies of its tensors' values would take more than {MostCopies} times the file: its tensors are views that repeat the same values. Save them with contiguous() of what they were expanded from.");
        }

        byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), 64);
        Adopt(buffer);
        return buffer;
    }

    /// <summary>Takes over a buffer of <see cref="NativeMemory.AlignedAlloc"/>; it is freed with the file.</summary>
    public void Adopt(byte* buffer)
    {
        lock (gate)
        {
            buffers.Add((nint)buffer);
        }
    }

    public void Dispose()
    {
        bool free;
        lock (gate)
        {
            free = !closed && users == 0;
            closed = true;
        }

        if (free)
        {
            Free();
        }
    }

    private void Free()
    {
        if (view is not null)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }

        map?.Dispose();
        foreach (nint buffer in buffers)
        {
            NativeMemory.AlignedFree((void*)buffer);
        }

        buffers.Clear();
    }
}
