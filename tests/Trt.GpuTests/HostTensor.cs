using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>A tensor's values in host memory.</summary>
internal sealed record HostTensor(Dims Shape, DataType Type, byte[] Bytes)
{
    /// <summary>The values in the type that an engine wants: 8.x takes 64-bit token numbers as 32-bit ones.</summary>
    public byte[] As(DataType wanted) => (Type, wanted) switch
    {
        _ when Type == wanted => Bytes,
        (DataType.Int64, DataType.Int32) => MemoryMarshal.AsBytes(MemoryMarshal.Cast<byte, long>(Bytes).ToArray().Select(value => checked((int)value)).ToArray().AsSpan()).ToArray(),
        _ => throw new NotSupportedException($"{Type} values cannot be given as {wanted}."),
    };
}
