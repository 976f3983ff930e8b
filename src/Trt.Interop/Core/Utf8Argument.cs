using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Trt.Interop.Core;

/// <summary>A string as NUL-terminated UTF-8 for the length of a call: on the stack when it is short, else in an array that stays where it is.</summary>
/// <remarks>Nothing is to be disposed: a call inside of a try block goes through a stub, which costs more than the rest of it. Callers keep <see cref="Held"/> alive instead.</remarks>
internal readonly unsafe ref struct Utf8Argument
{
    /// <summary>What callers put on the stack for each string.</summary>
    public const int StackSize = 256;

    /// <param name="value">The string; null gives a null pointer.</param>
    /// <param name="stack">A <see cref="Utf8Buffer"/> of the caller's.</param>
    /// <exception cref="ArgumentException">The string holds a NUL.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Utf8Argument(string? value, byte* stack)
    {
        if (value is null)
        {
            return;
        }

        int length = Transcode(value, stack);
        if (length < 0)
        {
            Held = Hold(value, out length);
            stack = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Held));
        }

        Pointer = stack;
        stack[length] = 0;
    }

    /// <param name="value">UTF-8 without its NUL; empty gives an empty string.</param>
    /// <param name="stack">A <see cref="Utf8Buffer"/> of the caller's.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Utf8Argument(ReadOnlySpan<byte> value, byte* stack)
    {
        int length = value.Length;
        if (length >= StackSize)
        {
            Held = GC.AllocateUninitializedArray<byte>(length + 1, pinned: true);
            stack = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Held));
        }

        // In overlapping pieces: a call of the general copy costs as much as all of them.
        ref byte from = ref MemoryMarshal.GetReference(value);
        Pointer = stack;
        if (length > 32)
        {
            value.CopyTo(new Span<byte>(stack, length));
        }
        else if (length >= 16)
        {
            Vector128<byte> last = Vector128.LoadUnsafe(ref from, (nuint)(length - 16));
            Vector128.LoadUnsafe(ref from).Store(stack);
            last.Store(stack + length - 16);
        }
        else if (length >= 8)
        {
            *(ulong*)stack = Unsafe.ReadUnaligned<ulong>(ref from);
            *(ulong*)(stack + length - 8) = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, length - 8));
        }
        else if (length >= 4)
        {
            *(uint*)stack = Unsafe.ReadUnaligned<uint>(ref from);
            *(uint*)(stack + length - 4) = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, length - 4));
        }
        else
        {
            for (int i = 0; i < length; i++)
            {
                stack[i] = Unsafe.Add(ref from, i);
            }
        }

        stack[length] = 0;
    }

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    /// <summary>What holds a string that is too long for the stack; to be kept alive until the call is over.</summary>
    public byte[]? Held { get; }

    /// <summary>Writes a string that fits; the bytes written, or −1. Most names are ASCII, which needs no more than every other byte.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Transcode(string value, byte* to)
    {
        const int Step = 8;
        int length = value.Length;
        if (length >= StackSize)
        {
            return -1;
        }

        bool isPlain = true;
        ref ushort from = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(value.AsSpan()));
        if (length >= Step)
        {
            Vector128<ushort> others = default;
            for (int i = 0; ; i = Math.Min(i + Step, length - Step))
            {
                Vector128<ushort> characters = Vector128.LoadUnsafe(ref from, (nuint)i);
                others |= Vector128.GreaterThan(characters - Vector128<ushort>.One, Vector128.Create((ushort)126)); // NUL too
                Vector128.Narrow(characters, characters).GetLower().Store(to + i);
                if (i == length - Step)
                {
                    break;
                }
            }

            isPlain = others == default;
        }
        else if (length >= Step / 2)
        {
            ulong first = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref from));
            ulong last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref from, length - (Step / 2))));
            Vector128<ushort> characters = Vector128.Create(first, last).AsUInt16();
            isPlain = !Vector128.GreaterThanAny(characters - Vector128<ushort>.One, Vector128.Create((ushort)126));
            ulong narrow = Vector128.Narrow(characters, characters).AsUInt64().ToScalar();
            *(uint*)to = (uint)narrow;
            *(uint*)(to + length - (Step / 2)) = (uint)(narrow >> 32);
        }
        else
        {
            for (int i = 0; i < length; i++)
            {
                uint character = Unsafe.Add(ref from, i);
                to[i] = (byte)character;
                isPlain &= character - 1 < 127;
            }
        }

        if (isPlain)
        {
            return length;
        }

        if (value.Contains('\0'))
        {
            ThrowNul(value);
        }

        return Encoding.UTF8.TryGetBytes(value, new Span<byte>(to, StackSize - 1), out int written) ? written : -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[] Hold(string value, out int length)
    {
        if (value.Contains('\0'))
        {
            ThrowNul(value);
        }

        byte[] held = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(value) + 1, pinned: true);
        length = Encoding.UTF8.GetBytes(value, held);
        return held;
    }

    [DoesNotReturn]
    private static void ThrowNul(string value) =>
        throw new ArgumentException($"A string for TensorRT ends at its first NUL, so it may not hold one: \"{value.Replace("\0", "\\0", StringComparison.Ordinal)}\".");
}
