using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The memory layouts that plugins may ask for: what they hold, how large they are, and how linear memory becomes them.</summary>
internal static unsafe class PluginFormats
{
    /// <summary>In the order in which plugins are asked.</summary>
    public static TensorFormat[] InOrder { get; } =
    [
        TensorFormat.Linear, TensorFormat.CHW2, TensorFormat.HWC8, TensorFormat.CHW4, TensorFormat.CHW16, TensorFormat.CHW32,
        TensorFormat.DHWC8, TensorFormat.CDHW32, TensorFormat.HWC, TensorFormat.HWC16, TensorFormat.DHWC,
    ];

    /// <summary>Whether a layout exists for elements of a type and a number of axes.</summary>
    public static bool Holds(TensorFormat format, DataType type, int rank) => format == TensorFormat.Linear || (rank >= AxesFromEnd(format) && format switch
    {
        TensorFormat.CHW2 or TensorFormat.HWC8 or TensorFormat.DHWC8 => Types.IsSixteenBit(type),
        TensorFormat.CHW4 => type is DataType.Int8 or DataType.Half,
        TensorFormat.CHW16 => type == DataType.Half,
        TensorFormat.CHW32 => type is DataType.Int8 or DataType.Half or DataType.Float,
        TensorFormat.CDHW32 => type is DataType.Int8 or DataType.Half,
        TensorFormat.HWC => type is DataType.Float or DataType.UInt8,
        TensorFormat.HWC16 => type is DataType.Half or DataType.Int8,
        TensorFormat.DHWC => type == DataType.Float,
        _ => false,
    });

    /// <summary>Bytes of a tensor, with what the layout pads.</summary>
    public static long BytesOf(TensorFormat format, DataType type, Dims dims)
    {
        if (format == TensorFormat.Linear)
        {
            return checked(dims.Volume * Types.Size(type));
        }

        (long outer, long channels, long inner) = Split(format, dims);
        return checked(outer * Padded(channels, VectorOf(format)) * inner * Types.Size(type));
    }

    /// <summary>Linear memory into a layout; what is padded becomes 0.</summary>
    public static void Pack(TensorFormat format, DataType type, Dims dims, nint linear, nint packed)
    {
        NativeMemory.Clear((void*)packed, (nuint)BytesOf(format, type, dims));
        Move(format, type, dims, linear, packed, pack: true);
    }

    /// <summary>A layout into linear memory.</summary>
    public static void Unpack(TensorFormat format, DataType type, Dims dims, nint packed, nint linear) => Move(format, type, dims, linear, packed, pack: false);

    private static int AxesFromEnd(TensorFormat format) => format is TensorFormat.DHWC8 or TensorFormat.CDHW32 or TensorFormat.DHWC ? 4 : 3;

    private static int VectorOf(TensorFormat format) => format switch
    {
        TensorFormat.CHW2 => 2,
        TensorFormat.CHW4 => 4,
        TensorFormat.HWC8 or TensorFormat.DHWC8 => 8,
        TensorFormat.CHW16 or TensorFormat.HWC16 => 16,
        TensorFormat.CHW32 or TensorFormat.CDHW32 => 32,
        _ => 1,
    };

    private static bool HasChannelsLast(TensorFormat format) =>
        format is TensorFormat.HWC or TensorFormat.HWC8 or TensorFormat.HWC16 or TensorFormat.DHWC or TensorFormat.DHWC8;

    private static long Padded(long channels, int vector) => (channels + vector - 1) / vector * vector;

    private static (long Outer, long Channels, long Inner) Split(TensorFormat format, Dims dims)
    {
        int axis = dims.NbDims - AxesFromEnd(format);
        long outer = 1;
        long inner = 1;
        for (int i = 0; i < axis; i++)
        {
            outer *= dims[i];
        }

        for (int i = axis + 1; i < dims.NbDims; i++)
        {
            inner *= dims[i];
        }

        return (outer, dims[axis], inner);
    }

    private static void Move(TensorFormat format, DataType type, Dims dims, nint linear, nint packed, bool pack)
    {
        (long outer, long channels, long inner) = Split(format, dims);
        int size = Types.Size(type);
        int vector = VectorOf(format);
        long padded = Padded(channels, vector);
        bool last = HasChannelsLast(format);
        for (long n = 0; n < outer; n++)
        {
            for (long c = 0; c < channels; c++)
            {
                for (long s = 0; s < inner; s++)
                {
                    long plain = (((n * channels) + c) * inner) + s;
                    long place = last
                        ? (((n * inner) + s) * padded) + c
                        : (((((n * (padded / vector)) + (c / vector)) * inner) + s) * vector) + (c % vector);
                    byte* here = (byte*)linear + (plain * size);
                    byte* there = (byte*)packed + (place * size);
                    Unsafe.CopyBlockUnaligned(pack ? there : here, pack ? here : there, (uint)size);
                }
            }
        }
    }
}
