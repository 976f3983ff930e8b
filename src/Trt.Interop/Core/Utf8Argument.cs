using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Trt.Interop.Core;

/// <summary>A string as NUL-terminated UTF-8 for the length of a call: on the stack when it is short, else in an array that stays where it is.</summary>
/// <remarks>Nothing is to be disposed: a call inside of a try block goes through a stub, which costs more than the rest of it. Callers keep <see cref="Held"/> alive instead.</remarks>
internal readonly unsafe ref struct Utf8Argument
{
    /// <summary>What callers put on the stack for each string.</summary>
    public const int StackSize = 256;

    /// <param name="value">The string; null gives a null pointer.</param>
    /// <param name="stack">Stack memory of <see cref="StackSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The string holds a NUL.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Utf8Argument(string? value, Span<byte> stack)
    {
        if (value is null)
        {
            return;
        }

        if (value.Contains('\0'))
        {
            ThrowNul(value);
        }

        if (!Encoding.UTF8.TryGetBytes(value, stack[..(StackSize - 1)], out int written))
        {
            Held = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(value) + 1, pinned: true);
            stack = Held;
            written = Encoding.UTF8.GetBytes(value, stack);
        }

        Pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(stack));
        Pointer[written] = 0;
    }

    /// <param name="value">UTF-8 without its NUL; empty gives an empty string.</param>
    /// <param name="stack">Stack memory of <see cref="StackSize"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Utf8Argument(ReadOnlySpan<byte> value, Span<byte> stack)
    {
        if (value.Length >= StackSize)
        {
            Held = GC.AllocateUninitializedArray<byte>(value.Length + 1, pinned: true);
            stack = Held;
        }

        Pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(stack));
        value.CopyTo(new Span<byte>(Pointer, value.Length));
        Pointer[value.Length] = 0;
    }

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    /// <summary>What holds a string that is too long for the stack; to be kept alive until the call is over.</summary>
    public byte[]? Held { get; }

    [DoesNotReturn]
    private static void ThrowNul(string value) =>
        throw new ArgumentException($"A string for TensorRT ends at its first NUL, so it may not hold one: \"{value.Replace("\0", "\\0", StringComparison.Ordinal)}\".");
}
