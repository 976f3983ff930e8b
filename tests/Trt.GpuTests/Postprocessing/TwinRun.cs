using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Memory and a stream on one device, for running the same work there and on another.</summary>
internal sealed class TwinRun(Device device) : IDisposable
{
    private readonly List<IDisposable> owned = [];

    public CudaStream Stream { get; } = new(device);

    public DeviceMemory<T> Up<T>(T[] values)
        where T : unmanaged
    {
        DeviceMemory<T> memory = Room<T>(values.Length);
        memory.CopyFrom(values);
        return memory;
    }

    /// <summary>Memory whose bytes are all 0xCD, so that what is not written shows.</summary>
    public DeviceMemory<T> Room<T>(long length)
        where T : unmanaged
    {
        DeviceMemory<T> memory = new(length, device);
        owned.Add(memory);
        memory.Cast<byte>().Fill(0xCD);
        return memory;
    }

    /// <summary>Waits, and reads.</summary>
    public T[] Read<T>(DeviceMemory<T> memory)
        where T : unmanaged
    {
        Stream.Synchronize();
        return memory.ToArray();
    }

    public void Dispose()
    {
        Stream.Synchronize();
        Stream.Dispose();
        owned.ForEach(item => item.Dispose());
    }

    /// <summary>Runs the same on a device and its stand-in and compares the bytes of what it answers.</summary>
    public static string? Same<T>(Device device, Func<TwinRun, T[]> work)
        where T : unmanaged
    {
        using TwinRun here = new(device), there = new(Device.Host);
        T[] actual = work(here), expected = work(there);
        if (actual.Length != expected.Length)
        {
            return $"{actual.Length} results, the twin has {expected.Length}";
        }

        for (int i = 0; i < actual.Length; i++)
        {
            if (!MemoryMarshal.AsBytes(actual.AsSpan(i, 1)).SequenceEqual(MemoryMarshal.AsBytes(expected.AsSpan(i, 1))))
            {
                return $"element {i} of {actual.Length} is {actual[i]}, the twin's is {expected[i]}";
            }
        }

        return null;
    }
}
