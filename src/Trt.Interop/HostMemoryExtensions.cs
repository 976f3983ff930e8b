namespace Trt.Interop;

/// <summary>What .NET programs do with memory that a library filled.</summary>
public static class HostMemoryExtensions
{
    /// <summary>The bytes as a span, valid until the memory is disposed.</summary>
    /// <param name="memory">A plan, a timing cache or kernel text.</param>
    /// <exception cref="OverflowException">It has more than 2 GiB; use <see cref="OpenRead"/>.</exception>
    public static unsafe ReadOnlySpan<byte> AsSpan(this IHostMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new ReadOnlySpan<byte>((void*)memory.Data, checked((int)memory.Size));
    }

    /// <summary>The bytes as a stream of any length, valid until the memory is disposed.</summary>
    /// <param name="memory">A plan, a timing cache or kernel text.</param>
    public static unsafe Stream OpenRead(this IHostMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new UnmanagedMemoryStream((byte*)memory.Data, checked((long)memory.Size));
    }

    /// <summary>Writes the bytes to a file, which is replaced only when all was written.</summary>
    /// <param name="memory">A plan, a timing cache or kernel text.</param>
    /// <param name="path">The file.</param>
    public static void Save(this IHostMemory memory, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (FileStream file = File.Create(temporary))
        using (Stream source = memory.OpenRead())
        {
            source.CopyTo(file);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
