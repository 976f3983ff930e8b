namespace Trt.Utils;

/// <summary>Where tensors keep their elements: a mapped file, or this process's own memory.</summary>
internal abstract unsafe class TensorMemory
{
    /// <summary>The file, as it was given; empty where there is none.</summary>
    public abstract string Path { get; }

    /// <summary>Bytes of the file; of memory, its own.</summary>
    public abstract long Length { get; }

    public abstract bool IsClosed { get; }

    /// <summary>Keeps the memory until the matching <see cref="Release"/>, also across a close on another thread.</summary>
    /// <exception cref="ObjectDisposedException">It is closed; <paramref name="owner"/> is named.</exception>
    public abstract void Acquire(object owner);

    public abstract void Release();

    /// <summary>Memory aligned to 64 bytes that lives exactly as long as this.</summary>
    public abstract byte* Allocate(long bytes);
}
