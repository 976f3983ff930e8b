using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Tests;

/// <summary>Gives an output whose size only the run knows its memory, on the host.</summary>
internal sealed unsafe class GrowingHostOutput : IOutputAllocator, IDisposable
{
    private void* memory;
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
            NativeMemory.AlignedFree(memory);
            capacity = Math.Max(size, 64);
            memory = NativeMemory.AlignedAlloc((nuint)capacity, 256);
        }

        return (nint)memory;
    }

    public nint ReallocateOutputAsync(string tensorName, nint currentMemory, ulong size, ulong alignment, nint stream) =>
        ReallocateOutput(tensorName, currentMemory, size, alignment);

    public void NotifyShape(string tensorName, Dims dims) => Shape = dims;

    /// <summary>The first bytes of what was written.</summary>
    public byte[] Read(long length) => new ReadOnlySpan<byte>(memory, checked((int)length)).ToArray();

    public void Dispose() => NativeMemory.AlignedFree(memory);
}
