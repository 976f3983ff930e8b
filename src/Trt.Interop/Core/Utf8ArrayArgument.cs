using System.Runtime.InteropServices;
using System.Text;

namespace Trt.Interop.Core;

/// <summary>Strings as an array of pointers to NUL-terminated UTF-8, for the length of a call.</summary>
internal readonly unsafe ref struct Utf8ArrayArgument
{
    /// <param name="values">The strings.</param>
    public Utf8ArrayArgument(ReadOnlySpan<string> values)
    {
        int bytes = values.Length * sizeof(byte*);
        foreach (string value in values)
        {
            ArgumentNullException.ThrowIfNull(value, nameof(values));
            bytes += Encoding.UTF8.GetByteCount(value) + 1;
        }

        if (bytes == 0)
        {
            return;
        }

        Pointer = (byte**)NativeMemory.Alloc((nuint)bytes);
        byte* text = (byte*)(Pointer + values.Length);
        byte* end = (byte*)Pointer + bytes;
        for (int i = 0; i < values.Length; i++)
        {
            Pointer[i] = text;
            text += Encoding.UTF8.GetBytes(values[i], new Span<byte>(text, (int)(end - text)));
            *text++ = 0;
        }
    }

    /// <summary>The first pointer, or null without strings.</summary>
    public byte** Pointer { get; }

    public void Dispose() => NativeMemory.Free(Pointer);
}
