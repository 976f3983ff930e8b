using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The memory that contexts offer their plugins: the host's.</summary>
internal sealed unsafe class HostAllocator : IGpuAllocator
{
    private const ulong Least = 64;

    private HostAllocator()
    {
    }

    public static HostAllocator Instance { get; } = new();

    public nint Allocate(ulong size, ulong alignment, uint flags) =>
        size == 0 ? 0 : (nint)NativeMemory.AlignedAlloc(checked((nuint)size), checked((nuint)Math.Max(alignment, Least)));

    public bool Deallocate(nint memory)
    {
        NativeMemory.AlignedFree((void*)memory);
        return true;
    }
}
