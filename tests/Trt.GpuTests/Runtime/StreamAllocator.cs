using System.Collections.Concurrent;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Device memory from the device's pool in stream order.</summary>
internal sealed class StreamAllocator(Device device) : IGpuAsyncAllocator
{
    private readonly ConcurrentDictionary<nint, DeviceMemory<byte>> live = new();
    private int requests;

    public int Requests => requests;

    public int Live => live.Count;

    /// <summary>What the library did wrong.</summary>
    public string? Wrong { get; private set; }

    public nint Allocate(ulong size, ulong alignment, uint flags) => AllocateAsync(size, alignment, flags, 0);

    public bool Deallocate(nint memory) => DeallocateAsync(memory, 0);

    public nint AllocateAsync(ulong size, ulong alignment, uint flags, nint arg3)
    {
        Interlocked.Increment(ref requests);
        if (size == 0)
        {
            return 0;
        }

        DeviceMemory<byte> memory = DeviceMemory<byte>.AllocateAsync((long)size, CudaStream.FromHandle(arg3, device));
        if (alignment > 0 && (ulong)memory.Pointer % alignment != 0)
        {
            Wrong ??= $"an alignment of {alignment} was wanted, more than the device gives";
        }

        live[memory.Pointer] = memory;
        return memory.Pointer;
    }

    public bool DeallocateAsync(nint memory, nint arg1)
    {
        if (memory == 0)
        {
            return true;
        }

        if (live.TryRemove(memory, out DeviceMemory<byte>? known))
        {
            known.Dispose();
            return true;
        }

        Wrong ??= $"0x{memory:x} was given back, which it had not";
        return false;
    }
}
