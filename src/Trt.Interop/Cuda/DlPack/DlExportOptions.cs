using System.Collections.Immutable;

namespace Trt.Interop.Cuda;

/// <summary>How memory is handed out as a DLPack tensor.</summary>
public sealed record DlExportOptions
{
    /// <summary>Steps of each axis in elements, not negative; default: without gaps, the last axis fastest.</summary>
    public ImmutableArray<long> Strides { get; init; }

    /// <summary>The element type, where .NET's type does not say it: <c>ushort</c> with bfloat16, <c>byte</c> with an eight-bit float.</summary>
    public DlDataType? Type { get; init; }

    /// <summary>Whether the receiver must not write. Only <see cref="DlPack.ExportVersioned{T}(DeviceMemory{T}, ReadOnlySpan{long}, DlExportOptions?)"/> can say so.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>False: the memory goes with the tensor, and the receiver's deleter disposes it; the caller must not. True: it stays the caller's, who keeps it until <see cref="Released"/>.</summary>
    public bool LeaveOpen { get; init; }

    /// <summary>Called once, when the receiver has called the deleter, on whichever thread did that. Must not wait for a device.</summary>
    public Action? Released { get; init; }
}
