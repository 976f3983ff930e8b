using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>Memory for an output whose shape only the run knows.</summary>
/// <param name="memory">Holds it in place.</param>
internal sealed class CaseOutput(PinnedBuffers memory) : IOutputAllocator
{
    /// <summary>The shape that the library told.</summary>
    public Dims Shape { get; private set; } = Dims.Unknown;

    public byte[] Bytes { get; private set; } = [];

    /// <summary>Sizes that were asked for.</summary>
    public List<ulong> Sizes { get; } = [];

    public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment)
    {
        Sizes.Add(size);
        Bytes = new byte[size];
        return memory.Add(Bytes);
    }

    public void NotifyShape(string tensorName, Dims dims) => Shape = dims;
}
