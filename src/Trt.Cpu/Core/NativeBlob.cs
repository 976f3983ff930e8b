using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Trt.Cpu;

/// <summary>Bytes outside of the managed heap, aligned to 64, freed when the last holder lets go.</summary>
internal sealed unsafe class NativeBlob : SafeHandleZeroOrMinusOneIsInvalid
{
    public const int Alignment = 64;

    public NativeBlob(long length)
        : base(ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(length, Alignment), Alignment));
        GC.AddMemoryPressure(Math.Max(length, Alignment));
    }

    public long Length { get; }

    public nint Address => handle;

    /// <summary>A length rounded up to whole units of alignment.</summary>
    public static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;

    /// <summary>A part of the bytes.</summary>
    public Span<byte> Span(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new Span<byte>((byte*)handle + offset, length);
    }

    /// <summary>A copy of the bytes.</summary>
    public static NativeBlob Of(ReadOnlySpan<byte> bytes)
    {
        NativeBlob blob = new(bytes.Length);
        bytes.CopyTo(new Span<byte>((void*)blob.handle, bytes.Length));
        return blob;
    }

    /// <summary>A copy of memory.</summary>
    public static NativeBlob Of(nint address, long length)
    {
        NativeBlob blob = new(length);
        Buffer.MemoryCopy((void*)address, (void*)blob.handle, length, length);
        return blob;
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(Math.Max(Length, Alignment));
        return true;
    }
}
