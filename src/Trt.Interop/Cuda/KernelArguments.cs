using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>A kernel's arguments, laid out one after another with the alignment of each.</summary>
/// <example><code>
/// KernelArguments arguments = new(stackalloc byte[32]);
/// arguments.Add(memory.Pointer);
/// arguments.Add(1000);
/// kernel.Launch(stream, 4, 256, arguments);
/// </code></example>
public ref struct KernelArguments
{
    private readonly Span<byte> buffer;
    private int length;

    /// <summary>Starts with no arguments.</summary>
    /// <param name="buffer">Room for them: the sum of their sizes, each rounded up to its alignment.</param>
    public KernelArguments(Span<byte> buffer) => this.buffer = buffer;

    internal readonly ReadOnlySpan<byte> Written => buffer[..length];

    /// <summary>Adds the next argument.</summary>
    /// <typeparam name="T">A type of the size that the kernel declares: <c>nint</c> for a pointer, <c>int</c>, <c>float</c>, …</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="alignment">For a struct: its alignment in C++. 0 means the size of <typeparamref name="T"/>, right for numbers and pointers.</param>
    /// <exception cref="ArgumentException">The buffer is too small, or the alignment is no power of two up to 16.</exception>
    public unsafe void Add<T>(T value, int alignment = 0)
        where T : unmanaged
    {
        alignment = alignment == 0 ? sizeof(T) : alignment;
        if (alignment is not (1 or 2 or 4 or 8 or 16))
        {
            throw new ArgumentException($"{typeof(T).Name} cannot be aligned to {alignment} bytes; pass its alignment in C++ (1, 2, 4, 8 or 16).", nameof(alignment));
        }

        int start = (length + alignment - 1) & -alignment;
        if (start + sizeof(T) > buffer.Length)
        {
            throw new ArgumentException($"The buffer of {buffer.Length} bytes is too small; this argument needs bytes {start} to {start + sizeof(T) - 1}.", nameof(value));
        }

        MemoryMarshal.Write(buffer[start..], in value);
        length = start + sizeof(T);
    }
}
