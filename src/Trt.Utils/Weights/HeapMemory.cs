using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>
/// Pinned arrays of the managed heap. They live as long as a tensor, a span or weights refer to them, so nobody closes them; a span keeps them even when the tensor is gone, because
/// the collector knows addresses inside its heap.
/// </summary>
internal sealed unsafe class HeapMemory : TensorMemory
{
    private readonly Lock gate = new();
    private readonly List<object> held = [];
    private long length;

    public override string Path => "";

    public override long Length => Volatile.Read(ref length);

    public override bool IsClosed => false;

    /// <summary>An array that somebody else made, pinned for as long as this lives.</summary>
    public static HeapMemory Of<T>(T[] values, out byte* address)
        where T : unmanaged
    {
        HeapMemory memory = new();
        Pin<T> pin = new(values);
        memory.held.Add(pin);
        memory.length = (long)values.Length * sizeof(T);
        address = pin.Address;
        return memory;
    }

    public override void Acquire(object owner)
    {
    }

    public override void Release() => GC.KeepAlive(this);

    public override byte* Allocate(long bytes)
    {
        long blocks = (Math.Max(bytes, 1) + Block.Size - 1) / Block.Size;
        Block[] array = GC.AllocateUninitializedArray<Block>(checked((int)(blocks + 1)), pinned: true); // one more, to align
        lock (gate)
        {
            held.Add(array);
            length += blocks * Block.Size;
        }

        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return (byte*)((address + Block.Size - 1) & -Block.Size);
    }

    [InlineArray(Size)]
    private struct Block
    {
        public const int Size = 64;

        private byte first;
    }

    private sealed class Pin<T>(T[] values)
        where T : unmanaged
    {
        private PinnedGCHandle<T[]> handle = new(values);

        ~Pin() => handle.Dispose();

        public byte* Address => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(handle.Target));
    }
}
