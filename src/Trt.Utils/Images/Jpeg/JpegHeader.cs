using System.Buffers.Binary;

namespace Trt.Utils;

/// <summary>What a JPEG file says of its picture (ITU-T T.81, annex B), read before memory is taken for it.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Components">1, 3 or 4.</param>
/// <param name="IsBaseline">Sequential Huffman coding of 8 bits, which hardware decodes.</param>
/// <param name="Frame">A number of size, kind and sampling, never 0: files that differ in these have another one but for rare chances.</param>
internal readonly record struct JpegHeader(int Width, int Height, int Components, bool IsBaseline, ulong Frame)
{
    /// <summary>Every 8x8 block of some component costs a bit, and components may each be halved one way: no file can hold more.</summary>
    private const long MostPixelsPerByte = 1024;

    /// <summary>How many bytes may stand behind the end marker of a file that is whole.</summary>
    private const int MostTail = 64 * 1024;

    /// <summary>Reads the markers up to the first scan.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="header">What it says.</param>
    /// <returns>Null, or what is wrong with the file, in a sentence.</returns>
    public static string? Read(ReadOnlySpan<byte> file, out JpegHeader header)
    {
        header = default;
        if (file is not [0xFF, 0xD8, 0xFF, ..])
        {
            return file.IsEmpty ? "The file is empty." : "It is no JPEG file.";
        }

        int at = 2;
        while (true)
        {
            int before = at;
            while (at < file.Length && file[at] == 0xFF)
            {
                at++;
            }

            if (at == before || at + 2 >= file.Length)
            {
                return "The JPEG is cut off or damaged before its first scan.";
            }

            byte marker = file[at++];
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
            {
                continue; // without a length
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (marker is 0xD8 or 0xD9 || length < 2 || length > file.Length - at)
            {
                return "The JPEG is cut off or damaged before its first scan.";
            }

            ReadOnlySpan<byte> segment = file.Slice(at + 2, length - 2);
            at += length;
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                if (ReadFrame(marker, segment, file.Length, ref header) is { } problem)
                {
                    return problem;
                }
            }
            else if (marker == 0xDA)
            {
                return header.Width == 0 ? "The JPEG has a scan before it says its size."
                    : file[Math.Max(at, file.Length - MostTail)..].LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) < 0 ? "The JPEG is cut off: its end marker is missing."
                    : null;
            }
        }
    }

    private static string? ReadFrame(byte marker, ReadOnlySpan<byte> segment, long fileLength, ref JpegHeader header)
    {
        if (segment.Length < 6 || segment.Length < 6 + (3 * segment[5]))
        {
            return "The JPEG is damaged where it says its size.";
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), components = segment[5];
        long pixels = (long)width * height;
        if (pixels is < 1 or > Image.MostPixels)
        {
            return $"It claims to be {width}x{height} pixels; at least 1x1 and at most {Image.MostPixels} pixels can be read.";
        }

        if (pixels > fileLength * MostPixelsPerByte)
        {
            return $"It claims to be {width}x{height} pixels, more than its {fileLength} bytes can hold.";
        }

        ulong frame = marker;
        foreach (byte value in segment)
        {
            frame = (frame ^ value) * 0x100000001B3; // FNV-1a
        }

        header = new JpegHeader(width, height, components, marker is 0xC0 or 0xC1 && segment[0] == 8, frame | 1);
        return components switch
        {
            1 or 3 => null,
            4 => "It is a JPEG with the four colours of printing (CMYK); convert it to RGB first.",
            _ => $"It is a JPEG of {components} components; 1 and 3 can be decoded.",
        };
    }
}
