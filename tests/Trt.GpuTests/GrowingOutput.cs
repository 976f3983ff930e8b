using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Gives an output of data-dependent size its memory.</summary>
internal sealed class GrowingOutput(Device device) : IOutputAllocator, IDisposable
{
    private DeviceMemory<byte>? memory;

    /// <summary>The shape that the library told last.</summary>
    public Dims Shape { get; private set; } = Dims.Unknown;

    /// <summary>How often memory was asked for.</summary>
    public int Calls { get; private set; }

    public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment)
    {
        Calls++;
        if (memory is null || (ulong)memory.Length < size)
        {
            memory?.Dispose();
            memory = new DeviceMemory<byte>((long)Math.Max(size, 1), device);
        }

        return memory.Pointer;
    }

    public void NotifyShape(string tensorName, Dims dims) => Shape = dims;

    /// <summary>The first bytes of what was written.</summary>
    public byte[] Read(int length)
    {
        byte[] bytes = new byte[length];
        using DeviceMemory<byte> part = memory!.Slice(0, length);
        part.CopyTo(bytes);
        return bytes;
    }

    public void Dispose() => memory?.Dispose();
}
