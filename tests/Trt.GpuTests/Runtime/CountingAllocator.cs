using System.Collections.Concurrent;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Device memory for a library from C#: counted, checked, and refused or thrown about on wish.</summary>
internal sealed class CountingAllocator(Device device) : IGpuAllocator
{
    private readonly ConcurrentDictionary<nint, DeviceMemory<byte>> live = new();
    private int requests;

    /// <summary>The request that fails, counted from 1; 0: none.</summary>
    public int FailsAt { get; init; }

    /// <summary>Whether failing means throwing.</summary>
    public bool Throws { get; init; }

    public int Requests => requests;

    public int Live => live.Count;

    public ulong Most { get; private set; }

    public ulong GreatestAlignment { get; private set; }

    /// <summary>What the library did wrong.</summary>
    public string? Wrong { get; private set; }

    public nint Allocate(ulong size, ulong alignment, uint flags)
    {
        int number = Interlocked.Increment(ref requests);
        if (number == FailsAt)
        {
            return Throws ? throw new InvalidTimeZoneException("no memory today") : 0;
        }

        if (size == 0)
        {
            return 0;
        }

        DeviceMemory<byte> memory = new((long)size, device);
        Most = Math.Max(Most, size);
        GreatestAlignment = Math.Max(GreatestAlignment, alignment);
        if (alignment > 0 && (ulong)memory.Pointer % alignment != 0)
        {
            Wrong ??= $"an alignment of {alignment} was wanted, more than the device gives";
        }

        live[memory.Pointer] = memory;
        return memory.Pointer;
    }

    public bool Deallocate(nint memory)
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
