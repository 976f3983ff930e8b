using System.Buffers.Binary;
using System.IO.Compression;

namespace Trt.Utils;

/// <summary>Writes PNG: grey, RGB, RGBA, or grey numbers with a palette. Rows are filtered where there are colours, which makes photographs a third smaller.</summary>
internal static class PngEncoder
{
    private static readonly uint[] Remainders = [.. Enumerable.Range(0, 256).Select(value => Remainder((uint)value))];

    private enum ColourType : byte
    {
        Grey = 0,
        Rgb = 2,
        Palette = 3,
        Rgba = 6,
    }

    /// <summary>The file.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="palette">Red, green and blue of each number of a grey picture; empty: it is grey.</param>
    public static byte[] Encode(Image image, ReadOnlySpan<byte> palette)
    {
        ColourType type = image.Format switch
        {
            PixelFormat.Rgb24 => ColourType.Rgb,
            PixelFormat.Rgba32 => ColourType.Rgba,
            _ => palette.IsEmpty ? ColourType.Grey : ColourType.Palette,
        };
        using MemoryStream file = new();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = image.Format == PixelFormat.Grey16 ? (byte)16 : (byte)8;
        header[9] = (byte)type;
        WriteChunk(file, "IHDR"u8, header);
        if (type == ColourType.Palette)
        {
            WriteChunk(file, "PLTE"u8, palette);
        }

        WriteChunk(file, "IDAT"u8, Pack(image, isFiltered: type is ColourType.Rgb or ColourType.Rgba));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Pack(Image image, bool isFiltered)
    {
        int size = image.Format == PixelFormat.Grey16 ? 2 : image.Channels;
        byte[] row = new byte[1 + (image.Width * size)];
        using MemoryStream packed = new();
        using (ZLibStream stream = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> pixels = image.Data.Slice(y * (row.Length - 1), row.Length - 1);
                Span<byte> target = row.AsSpan(1);
                row[0] = isFiltered ? (byte)1 : (byte)0; // 1: the difference to the pixel before
                pixels.CopyTo(target);
                if (image.Format == PixelFormat.Grey16 && BitConverter.IsLittleEndian)
                {
                    for (int i = 0; i < target.Length; i += 2)
                    {
                        target.Slice(i, 2).Reverse();
                    }
                }

                for (int i = size; isFiltered && i < target.Length; i++)
                {
                    target[i] = (byte)(pixels[i] - pixels[i - size]);
                }

                stream.Write(row);
            }
        }

        return packed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(name);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Checksum(Checksum(uint.MaxValue, name), content));
        file.Write(number);
    }

    private static uint Checksum(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            sum = Remainders[(byte)(sum ^ value)] ^ (sum >> 8);
        }

        return sum;
    }

    /// <summary>CRC-32 of ISO 3309, bits reversed, as PNG's specification (annex D) has it.</summary>
    private static uint Remainder(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1);
        }

        return value;
    }
}
