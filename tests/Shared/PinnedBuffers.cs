using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.Tests;

/// <summary>Arrays whose addresses an engine is given: they stay where they are, or, where a GPU runs the engine, have copies in page-locked memory.</summary>
internal sealed unsafe class PinnedBuffers : IDisposable
{
    [ThreadStatic]
    private static List<PinnedBuffers>? alive;

    private readonly List<GCHandle> pins = [];
    private readonly List<(Array Array, PinnedMemory<byte> Copy)> copies = [];
    private readonly List<PinnedBuffers> ofThread = alive ??= [];

    public PinnedBuffers() => ofThread.Add(this);

    /// <summary>Brings what the device wrote into the arrays of the calling thread.</summary>
    public static void PullAll() => alive?.ForEach(buffers => buffers.copies.ForEach(entry => entry.Copy.Span[..Bytes(entry.Array).Length].CopyTo(Bytes(entry.Array))));

    public nint Add(Array array)
    {
        GCHandle pin = GCHandle.Alloc(array.Length == 0 ? new byte[16] : array, GCHandleType.Pinned);
        pins.Add(pin);
        if (!TestDevice.Copies)
        {
            return pin.AddrOfPinnedObject();
        }

        PinnedMemory<byte> copy = new(Math.Max(Bytes(array).Length, 16), TestDevice.Current);
        Bytes(array).CopyTo(copy.Span);
        copies.Add((array, copy));
        return copy.Pointer;
    }

    /// <summary>Tells the device of what was written into the arrays since they were added.</summary>
    public void Push() => copies.ForEach(entry => Bytes(entry.Array).CopyTo(entry.Copy.Span));

    public void Dispose()
    {
        ofThread.Remove(this);
        pins.ForEach(pin => pin.Free());
        copies.ForEach(entry => entry.Copy.Dispose());
    }

    private static Span<byte> Bytes(Array array) => array.Length == 0 ? [] : MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), checked(array.Length * Marshal.SizeOf(Element(array))));

    /// <summary>What has the size of an element in an array: a truth value has one byte there and four elsewhere.</summary>
    private static Type Element(Array array) => array.GetType().GetElementType() is { } type && type == typeof(bool) ? typeof(byte) : array.GetType().GetElementType()!;
}
