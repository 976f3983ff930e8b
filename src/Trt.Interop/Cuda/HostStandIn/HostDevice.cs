using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>One device of the host stand-in: its memory and its streams.</summary>
internal sealed unsafe class HostDevice
{
    private const nuint Alignment = 256; // what the driver promises, so that code that relies on it works here too
    private readonly ConcurrentDictionary<nint, nuint> blocks = new();
    private readonly ConcurrentDictionary<nint, (HostPool Pool, nuint Bytes)> pooled = new();
    private readonly List<HostStream> streams = [];
    private HostStream[] snapshot = [];
    private long used;

    internal HostDevice(HostDeviceApi api, int ordinal)
    {
        Api = api;
        Ordinal = ordinal;
        DefaultStream = new HostStream(this);
    }

    internal static long TotalMemory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    internal HostDeviceApi Api { get; }

    internal int Ordinal { get; }

    internal HostStream DefaultStream { get; }

    internal ulong PoolReleaseThreshold { get; set; }

    internal long FreeMemory => Math.Max(0, TotalMemory - Interlocked.Read(ref used));

    internal nint Allocate(nuint bytes, string function)
    {
        if (bytes == 0)
        {
            throw new CudaException(CudaResult.InvalidValue, function, "A block needs at least 1 byte.");
        }

        long free = FreeMemory;
        void* pointer = null;
        if (bytes <= (nuint)free)
        {
            try
            {
                pointer = NativeMemory.AlignedAlloc(bytes, Alignment);
            }
            catch (OutOfMemoryException)
            {
                // told below
            }
        }

        if (pointer == null)
        {
            throw new CudaException(CudaResult.OutOfMemory, function, $"{bytes} bytes were asked for on host:{Ordinal}, which has {free} of {TotalMemory} bytes free.");
        }

        blocks[(nint)pointer] = bytes;
        Interlocked.Add(ref used, (long)bytes);
        return (nint)pointer;
    }

    /// <summary>Takes a block off the books; <see cref="Release"/> must follow.</summary>
    internal void Forget(nint pointer, string function)
    {
        if (!blocks.TryRemove(pointer, out nuint bytes))
        {
            throw new CudaException(CudaResult.InvalidValue, function, $"0x{pointer:x} is no block that host:{Ordinal} allocated, or was freed before.");
        }

        Interlocked.Add(ref used, -(long)bytes);
    }

    /// <summary>Notes that a block is given out by a pool.</summary>
    internal void Give(nint pointer, HostPool pool, nuint bytes) => pooled[pointer] = (pool, bytes);

    /// <summary>Takes back a block that a pool has given out; false where it is none.</summary>
    internal bool TryTakeFromPool(nint pointer, [NotNullWhen(true)] out HostPool? pool, out nuint bytes)
    {
        bool found = pooled.TryRemove(pointer, out (HostPool Pool, nuint Bytes) entry);
        (pool, bytes) = entry;
        return found;
    }

    internal static void Release(nint pointer) => NativeMemory.AlignedFree((void*)pointer);

    internal void Add(HostStream stream)
    {
        lock (streams)
        {
            streams.Add(stream);
            snapshot = [.. streams];
        }
    }

    internal void Remove(HostStream stream)
    {
        lock (streams)
        {
            streams.Remove(stream);
            snapshot = [.. streams];
        }
    }

    /// <summary>Waits for the work queued so far in the device's streams. Does nothing in a callback, which may be what they wait for.</summary>
    internal void Drain(bool blockingOnly)
    {
        if (HostStream.IsWorker)
        {
            return;
        }

        foreach (HostStream stream in Volatile.Read(ref snapshot))
        {
            if (!blockingOnly || (stream.Flags & StreamFlags.NonBlocking) == 0)
            {
                stream.Drain();
            }
        }
    }
}
