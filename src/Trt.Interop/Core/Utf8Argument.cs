using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Trt.Interop.Core;

/// <summary>A string as NUL-terminated UTF-8 for the length of a call: on the stack when it is short.</summary>
internal readonly unsafe ref struct Utf8Argument
{
    /// <summary>What callers put on the stack for each string.</summary>
    public const int StackSize = 256;

    private readonly bool allocated;

    /// <param name="value">The string; null gives a null pointer.</param>
    /// <param name="stack">Stack memory of <see cref="StackSize"/> bytes.</param>
    public Utf8Argument(string? value, Span<byte> stack)
    {
        if (value is null)
        {
            return;
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"A string for TensorRT ends at its first NUL, so it may not hold one: \"{value.Replace("\0", "\\0", StringComparison.Ordinal)}\".");
        }

        int most = (value.Length * 3) + 1;
        if (most > stack.Length)
        {
            allocated = true;
            stack = new Span<byte>(NativeMemory.Alloc((nuint)most), most);
        }

        int written = Encoding.UTF8.GetBytes(value, stack);
        stack[written] = 0;
        Pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(stack));
    }

    /// <param name="value">UTF-8 without its NUL; empty gives an empty string.</param>
    /// <param name="stack">Stack memory of <see cref="StackSize"/> bytes.</param>
    public Utf8Argument(ReadOnlySpan<byte> value, Span<byte> stack)
    {
        if (value.Length >= stack.Length)
        {
            allocated = true;
            stack = new Span<byte>(NativeMemory.Alloc((nuint)value.Length + 1), value.Length + 1);
        }

        value.CopyTo(stack);
        stack[value.Length] = 0;
        Pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(stack));
    }

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    public void Dispose()
    {
        if (allocated)
        {
            NativeMemory.Free(Pointer);
        }
    }
}
