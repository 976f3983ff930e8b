using System.IO.MemoryMappedFiles;

namespace Trt.Utils;

/// <summary>A plan that was just written, mapped into memory before it has its name.</summary>
internal sealed unsafe class WrittenPlan : IDisposable
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;

    private WrittenPlan(MemoryMappedFile map, MemoryMappedViewAccessor view, nint address)
    {
        this.map = map;
        this.view = view;
        Address = address;
    }

    public nint Address { get; }

    /// <summary>Maps what a file holds so far.</summary>
    /// <exception cref="IOException">It holds nothing.</exception>
    public static WrittenPlan Map(AtomicFile file)
    {
        file.Stream.Flush();
        if (file.Stream.Length == 0)
        {
            throw new IOException($"The library wrote no plan for {file.Path}.");
        }

        MemoryMappedFile map = MemoryMappedFile.CreateFromFile(file.Stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        MemoryMappedViewAccessor view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* address = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        return new WrittenPlan(map, view, (nint)(address + view.PointerOffset));
    }

    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
    }
}
