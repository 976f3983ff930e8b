namespace Trt.Interop.Cuda;

/// <summary>
/// Numbers for host objects that look like no pointer: bits 63–48 name the kind and are never those of an address in a process, bits 47–20
/// count, bits 19–0 are the slot. A handle is never used twice, so that a stale one is refused.
/// </summary>
internal sealed class HandleTable<T>(ushort kind)
    where T : class
{
    private const int SlotBits = 20;
    private readonly Lock gate = new();
    private readonly Stack<int> free = new();
    private Slot[] slots = new Slot[16];
    private int length;
    private long generation;

    internal nint Add(T item)
    {
        lock (gate)
        {
            if (!free.TryPop(out int index))
            {
                index = length++;
                if (index == slots.Length)
                {
                    if (index >= 1 << SlotBits)
                    {
                        throw new CudaException(CudaResult.OutOfMemory, "HandleTable", "More than a million host objects of one kind are alive; dispose those that are not needed.");
                    }

                    Array.Resize(ref slots, slots.Length * 2);
                }
            }

            generation = (generation + 1) & ((1L << (48 - SlotBits)) - 1);
            nint handle = (nint)(((long)kind << 48) | (generation << SlotBits) | (uint)index);
            Volatile.Write(ref slots[index], new Slot(handle, item));
            return handle;
        }
    }

    /// <summary>The object, or null where the handle is foreign or stale. Takes no lock.</summary>
    internal T? Find(nint handle)
    {
        Slot[] all = Volatile.Read(ref slots);
        int index = (int)(handle & ((1 << SlotBits) - 1));
        Slot? slot = index < all.Length ? Volatile.Read(ref all[index]) : null;
        return slot is not null && slot.Handle == handle ? slot.Item : null;
    }

    internal T Get(nint handle, string function, string noun) => Find(handle)
        ?? throw new CudaException(CudaResult.InvalidHandle, function, $"0x{handle:x} is no {noun} of the host stand-in, or was disposed.");

    internal T Remove(nint handle, string function, string noun)
    {
        lock (gate)
        {
            T item = Get(handle, function, noun);
            int index = (int)(handle & ((1 << SlotBits) - 1));
            Volatile.Write(ref slots[index]!, null);
            free.Push(index);
            return item;
        }
    }

    private sealed record Slot(nint Handle, T Item);
}
