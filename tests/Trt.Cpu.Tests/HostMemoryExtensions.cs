using Trt.Interop;

namespace Trt.Cpu.Tests;

/// <summary>Host memory as a span, for tests.</summary>
internal static unsafe class HostMemoryExtensions
{
    public static Span<byte> AsSpan(this IHostMemory memory) => new((void*)memory.Data, checked((int)memory.Size));
}
