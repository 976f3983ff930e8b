using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Tests;

/// <summary>Gives an output whose size only the run knows its memory, on the host, where a GPU can reach it too.</summary>
internal sealed unsafe class GrowingHostOutput : IOutputAllocator, IDisposable
{
    private void* memory;
    private PinnedMemory<byte>? locked;
    private ulong capacity;

    /// <summary>The shape that the library told last.</summary>
    public Dims Shape { get; private set; } = Dims.Unknown;

    /// <summary>How often memory was asked for.</summary>
    public int Calls { get; private set; }

    public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment)
    {
        Calls++;
        if (memory is null || capacity < size)
        {
            Dispose();
            capacity = Math.Max(size, 64);
            locked = TestDevice.Copies ? new PinnedMemory<byte>(checked((int)capacity), TestDevice.Current) : null;
            memory = locked is null ? NativeMemory.AlignedAlloc((nuint)capacity, 256) : (void*)locked.Pointer;
        }

        return (nint)memory;
    }

    public nint ReallocateOutputAsync(string tensorName, nint currentMemory, ulong size, ulong alignment, nint stream) =>
        ReallocateOutput(tensorName, currentMemory, size, alignment);

    public void NotifyShape(string tensorName, Dims dims) => Shape = dims;

    /// <summary>The first bytes of what was written.</summary>
    public byte[] Read(long length) => new ReadOnlySpan<byte>(memory, checked((int)length)).ToArray();

    public void Dispose()
    {
        if (locked is null)
        {
            NativeMemory.AlignedFree(memory);
        }

        locked?.Dispose();
        locked = null;
        memory = null;
    }
}
