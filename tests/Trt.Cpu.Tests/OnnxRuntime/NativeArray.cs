using System.Runtime.InteropServices;

namespace Trt.Cpu.Tests.OnnxRuntime;

/// <summary>Native memory of a test, aligned to 64 bytes.</summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    public NativeArray(params T[] values)
    {
        Length = values.Length;
        Data = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(64, Bytes), 64);
        values.CopyTo(Span);
    }

    public nint Data { get; }

    public int Length { get; }

    public long Bytes => (long)Length * sizeof(T);

    public Span<T> Span => new((void*)Data, Length);

    public void Dispose() => NativeMemory.AlignedFree((void*)Data);
}
