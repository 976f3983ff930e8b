namespace Trt.Cpu.OnnxRuntime;

/// <summary>What one input or output is bound to.</summary>
internal struct OrtBoundTensor
{
    private long[]? dimensions;

    /// <summary>Address of the caller's memory.</summary>
    public nint Data { get; private set; }

    /// <summary>Bytes of the caller's memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>What the elements are.</summary>
    public OrtElementType Type { get; private set; }

    /// <summary>Dimensions, outermost first.</summary>
    public readonly ReadOnlySpan<long> Shape => dimensions;

    /// <summary>Whether it is bound to the caller's memory.</summary>
    public readonly bool IsCallers => dimensions is not null;

    /// <summary>Whether ONNX Runtime allocates it in every run.</summary>
    public bool IsAllocated { get; private set; }

    /// <summary>Whether a binding to these would change nothing.</summary>
    public readonly bool Holds(nint data, long bytes, OrtElementType type, ReadOnlySpan<long> shape) =>
        IsCallers && Data == data && Bytes == bytes && Type == type && shape.SequenceEqual(dimensions);

    /// <summary>Remembers the caller's memory; allocates only where the shape is another one.</summary>
    public void Hold(nint data, long bytes, OrtElementType type, ReadOnlySpan<long> shape)
    {
        IsAllocated = false;
        Data = data;
        Bytes = bytes;
        Type = type;
        if (dimensions is null || !shape.SequenceEqual(dimensions))
        {
            dimensions = shape.ToArray();
        }
    }

    /// <summary>Remembers that ONNX Runtime allocates.</summary>
    public void Allocate()
    {
        IsAllocated = true;
        Data = 0;
        Bytes = 0;
        dimensions = null;
    }
}
