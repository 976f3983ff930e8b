using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>A tensor's host memory whatever its type.</summary>
internal static class TensorBytes
{
    /// <summary>All bytes of the current shape.</summary>
    public static Span<byte> Of(InferenceTensor tensor) => tensor.Spec.DataType switch
    {
        DataType.Float => MemoryMarshal.AsBytes(tensor.AsSpan<float>()),
        DataType.Half => MemoryMarshal.AsBytes(tensor.AsSpan<Half>()),
        DataType.BF16 => MemoryMarshal.AsBytes(tensor.AsSpan<ushort>()),
        DataType.Int64 => MemoryMarshal.AsBytes(tensor.AsSpan<long>()),
        DataType.Int32 => MemoryMarshal.AsBytes(tensor.AsSpan<int>()),
        DataType.Int8 => MemoryMarshal.AsBytes(tensor.AsSpan<sbyte>()),
        DataType.Bool => MemoryMarshal.AsBytes(tensor.AsSpan<bool>()),
        _ => tensor.AsSpan<byte>(),
    };
}
