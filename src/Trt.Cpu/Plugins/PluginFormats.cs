using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Tensors of plugins in the memory layouts that these ask for: how large they are, and how linear memory becomes them.</summary>
internal static unsafe class PluginFormats
{
    /// <summary>In the order in which plugins are asked.</summary>
    public static TensorFormat[] InOrder { get; } = [TensorFormat.Linear, .. VectorFormat.Known.Select(known => known.Format)];

    /// <summary>Whether a layout exists for elements of a type and a number of axes.</summary>
    public static bool Holds(TensorFormat format, DataType type, int rank) => format == TensorFormat.Linear || VectorFormat.Of(format)!.Holds(type, rank);

    /// <summary>Bytes of a tensor, with what the layout pads.</summary>
    public static long BytesOf(TensorFormat format, DataType type, Dims dims)
    {
        if (VectorFormat.Of(format) is { } vectors)
        {
            int channel = vectors.Channel(dims.NbDims);
            dims[channel] = vectors.Padded(dims[channel]);
        }

        return Types.Bytes(type, dims.Volume);
    }

    /// <summary>Linear memory into a vector format; what is padded becomes 0.</summary>
    public static void Pack(TensorFormat format, DataType type, Dims dims, nint linear, nint packed)
    {
        NativeMemory.Clear((void*)packed, (nuint)BytesOf(format, type, dims));
        Move(VectorFormat.Of(format)!, type, dims, linear, packed, pack: true);
    }

    /// <summary>A vector format into linear memory.</summary>
    public static void Unpack(TensorFormat format, DataType type, Dims dims, nint packed, nint linear) =>
        Move(VectorFormat.Of(format)!, type, dims, linear, packed, pack: false);

    private static void Move(VectorFormat format, DataType type, Dims dims, nint linear, nint packed, bool pack)
    {
        int axis = format.Channel(dims.NbDims);
        long channels = dims[axis];
        long outer = Volume(dims.AsSpan()[..axis]);
        long inner = Volume(dims.AsSpan()[(axis + 1)..]);
        int size = Types.Size(type);
        int width = format.Width;
        long padded = format.Padded(channels);
        for (long n = 0; n < outer; n++)
        {
            for (long c = 0; c < channels; c++)
            {
                for (long s = 0; s < inner; s++)
                {
                    long plain = (((n * channels) + c) * inner) + s;
                    long place = format.HasChannelsLast
                        ? (((n * inner) + s) * padded) + c
                        : (((((n * (padded / width)) + (c / width)) * inner) + s) * width) + (c % width);
                    byte* here = (byte*)linear + (plain * size);
                    byte* there = (byte*)packed + (place * size);
                    Unsafe.CopyBlockUnaligned(pack ? there : here, pack ? here : there, (uint)size);
                }
            }
        }
    }

    private static long Volume(ReadOnlySpan<long> extents)
    {
        long volume = 1;
        foreach (long extent in extents)
        {
            volume *= extent;
        }

        return volume;
    }
}
