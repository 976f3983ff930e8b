using System.IO.MemoryMappedFiles;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A plan file as a library reads it: mapped as a whole, or through a reader where it is larger than a span can be.</summary>
internal sealed unsafe class PlanSource : IDisposable
{
    private readonly string path;
    private readonly FileStream file;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public PlanSource(string path)
    {
        this.path = path;
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
    }

    public ICudaEngine Deserialize(IRuntime runtime, TensorRtLibrary library)
    {
        long length = file.Length;
        if (length == 0)
        {
            throw new InvalidDataException($"{path} is empty: it holds no plan.");
        }

        if (length > int.MaxValue)
        {
            return library.Supports("IStreamReader")
                ? runtime.DeserializeCudaEngine(new Reader(file))
                : throw new NotSupportedException($"{path} has {length} bytes, and {library} takes plans of more than 2 GiB only through an IStreamReaderV2: deserialise it with one and hand the engine to the runner.");
        }

        using MemoryMappedFile map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using MemoryMappedViewAccessor view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return runtime.DeserializeCudaEngine(new ReadOnlySpan<byte>(start + view.PointerOffset, (int)length));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    public void Dispose() => file.Dispose();

    private sealed class Reader(FileStream file) : IStreamReader
    {
        public long Read(Span<byte> destination) => file.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
    }
}
