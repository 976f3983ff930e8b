using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>The tensor's element for each byte of each channel, then for the padding of each channel: what scaling and type make of it, computed once.</summary>
internal static class ElementTable
{
    public static int ElementSize(DataType type) => type switch
    {
        DataType.Float => 4,
        DataType.Half or DataType.BF16 => 2,
        DataType.UInt8 or DataType.Int8 => 1,
        _ => throw new ArgumentException($"Pictures become tensors of Float, Half, BF16, UInt8 or Int8, not of {type}."),
    };

    /// <summary>256 elements a channel, then one a channel.</summary>
    public static byte[] Make(ImageTransformOptions options)
    {
        int channels = options.Channels;
        int size = ElementSize(options.Type);
        byte[] result = new byte[257 * channels * size];
        Span<float> values = stackalloc float[256];
        (byte red, byte green, byte blue) = options.Padding;
        ReadOnlySpan<byte> padding = options.Grey ? new Image(1, 1, PixelFormat.Rgb24, [red, green, blue]).ToGrey().Data
            : options.Scaling.Bgr ? [blue, green, red] : [red, green, blue];
        for (int channel = 0; channel < channels; channel++)
        {
            options.Scaling.FillTable(values, channel, channels);
            for (int i = 0; i < 256; i++)
            {
                Write(result.AsSpan(((channel * 256) + i) * size), values[i], options.Type);
            }

            Write(result.AsSpan(((256 * channels) + channel) * size), values[padding[channel]], options.Type);
        }

        return result;
    }

    private static void Write(Span<byte> target, float value, DataType type)
    {
        switch (type)
        {
            case DataType.Float:
                MemoryMarshal.Write(target, in value);
                break;
            case DataType.Half:
                Half half = (Half)value;
                MemoryMarshal.Write(target, in half);
                break;
            case DataType.BF16:
                ushort brain = BrainFloat.FromSingle(value);
                MemoryMarshal.Write(target, in brain);
                break;
            case DataType.UInt8:
                target[0] = (byte)Math.Clamp(MathF.Round(value), byte.MinValue, byte.MaxValue);
                break;
            default:
                target[0] = (byte)(sbyte)Math.Clamp(MathF.Round(value), sbyte.MinValue, sbyte.MaxValue);
                break;
        }
    }
}
