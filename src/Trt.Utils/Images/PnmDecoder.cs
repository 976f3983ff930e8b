using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Portable grey and pixel maps (PGM, PPM), binary and as text, of 8 and 16 bits.</summary>
internal ref struct PnmDecoder(ReadOnlySpan<byte> file, string name)
{
    private readonly ReadOnlySpan<byte> file = file;
    private int at = 2;

    public Image Decode()
    {
        byte kind = file[1];
        bool text = kind is (byte)'2' or (byte)'3';
        int channels = kind is (byte)'3' or (byte)'6' ? 3 : 1;
        int width = Number("width");
        int height = Number("height");
        int maximum = Number("maximum");
        Image.CheckSize(name, width, height);
        if (maximum is < 1 or > 65535)
        {
            throw new ImageFormatException(name, $"Its largest value is {maximum}; it must be 1 to 65535.");
        }

        if (!text)
        {
            at++;
        }

        // As text, each number has a blank after it but perhaps the last; in binary form two bytes when they do not fit one.
        int size = text ? 2 : maximum > 255 ? 2 : 1;
        int count = width * height * channels;
        if ((long)count * size > file.Length - at + (text ? 1 : 0))
        {
            throw new ImageFormatException(name, $"It is cut off: {width}x{height} pixels do not fit its {file.Length} bytes.");
        }

        bool deep = maximum > 255 && channels == 1;
        byte[] pixels = new byte[deep ? count * 2 : count];
        for (int i = 0; i < count; i++)
        {
            int value = text ? Number("a pixel") : size == 1 ? file[at++] : (file[at++] << 8) | file[at++];
            if (value > maximum)
            {
                throw new ImageFormatException(name, $"A pixel has the value {value}, above the file's largest value {maximum}.");
            }

            if (deep)
            {
                ushort scaled = (ushort)(maximum == 65535 ? value : (((long)value * 65535) + (maximum / 2)) / maximum);
                MemoryMarshal.Write(pixels.AsSpan(i * 2), in scaled);
            }
            else
            {
                pixels[i] = (byte)(maximum == 255 ? value : ((value * 255) + (maximum / 2)) / maximum);
            }
        }

        return new Image(width, height, deep ? PixelFormat.Grey16 : channels == 3 ? PixelFormat.Rgb24 : PixelFormat.Grey8, pixels);
    }

    private int Number(string what)
    {
        while (at < file.Length && (char.IsWhiteSpace((char)file[at]) || file[at] == '#'))
        {
            if (file[at++] == '#')
            {
                while (at < file.Length && file[at] is not ((byte)'\n' or (byte)'\r'))
                {
                    at++;
                }
            }
        }

        int start = at;
        long value = 0;
        for (; at < file.Length && char.IsAsciiDigit((char)file[at]) && value <= int.MaxValue; at++)
        {
            value = (value * 10) + file[at] - '0';
        }

        return at > start && value <= int.MaxValue ? (int)value : throw new ImageFormatException(name, at == file.Length ? $"It is cut off before {what}." : $"Where {what} is expected, there is no number.");
    }
}
