using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Lite;

/// <summary>An input's values on the device, used there as they are.</summary>
/// <param name="Memory">The memory, the user's.</param>
/// <param name="Kind">Its element type; none where it is not known.</param>
/// <param name="Count">How many elements; −1 where it is not known.</param>
/// <param name="Shape">Their shape with or without batch; null: what follows from their number.</param>
internal sealed record DeviceValues(DeviceMemory Memory, ElementKind Kind, long Count, Dims? Shape)
{
    /// <summary>Reads device memory of any element type.</summary>
    public static DeviceValues Of(DeviceMemory memory, Dims? shape)
    {
        ElementKind kind = memory switch
        {
            DeviceMemory<float> => ElementKind.Float,
            DeviceMemory<Half> => ElementKind.Half,
            DeviceMemory<byte> => ElementKind.UInt8,
            DeviceMemory<sbyte> => ElementKind.Int8,
            DeviceMemory<ushort> => ElementKind.UInt16,
            DeviceMemory<int> => ElementKind.Int32,
            DeviceMemory<long> => ElementKind.Int64,
            DeviceMemory<bool> => ElementKind.Bool,
            DeviceMemory<double> => ElementKind.Double,
            DeviceMemory<short> => ElementKind.Int16,
            DeviceMemory<uint> => ElementKind.UInt32,
            DeviceMemory<ulong> => ElementKind.UInt64,
            _ => ElementKind.None,
        };
        return new DeviceValues(memory, kind, kind == ElementKind.None ? -1 : memory.ByteLength / Elements.Size(kind), shape);
    }
}
