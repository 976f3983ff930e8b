using System.Globalization;
using System.Numerics;
using System.Text;

namespace Trt.Utils;

/// <summary>The text forms of pickle's protocol 0, and strings made fit for a message. Each parser answers null where the text is not of its form.</summary>
internal static class PickleText
{
    /// <summary>As Python itself: longer decimal numbers cost quadratic time.</summary>
    private const int LongestNumber = 4300;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text with control characters replaced, cut to a length that a message can carry.</summary>
    public static string Shorten(string text)
    {
        const int Longest = 120;
        StringBuilder shown = new(Math.Min(text.Length, Longest) + 1);
        foreach (char character in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            shown.Append(char.IsControl(character) || char.IsSurrogate(character) ? '?' : character);
        }

        return text.Length > Longest ? shown.Append('…').ToString() : shown.ToString();
    }

    public static string? Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>A decimal integer, with the L that Python 2 wrote behind long ones.</summary>
    public static object? Integer(ReadOnlySpan<byte> line)
    {
        if (line.Length > 0 && line[^1] == 'L')
        {
            line = line[..^1];
        }

        if (line.Length is 0 or > LongestNumber)
        {
            return null;
        }

        string text = Encoding.Latin1.GetString(line);
        return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value) ? Number(value) : null;
    }

    /// <summary>A long where it fits, else the large integer.</summary>
    public static object Number(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    public static double? Float(ReadOnlySpan<byte> line)
    {
        string text = Encoding.Latin1.GetString(line[..Math.Min(line.Length, LongestNumber)]);
        return text switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" or "-nan" => double.NaN,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
        };
    }

    /// <summary>A Python string literal in quotes, with its escapes, as UTF-8.</summary>
    public static string? Quoted(ReadOnlySpan<byte> line)
    {
        if (line.Length < 2 || line[0] != line[^1] || line[0] is not ((byte)'\'' or (byte)'"'))
        {
            return null;
        }

        line = line[1..^1];
        byte[] bytes = new byte[line.Length];
        int count = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] != '\\')
            {
                bytes[count++] = line[i];
                continue;
            }

            if (++i == line.Length)
            {
                return null;
            }

            int value = line[i] switch
            {
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'a' => 7,
                (byte)'b' => 8,
                (byte)'f' => 12,
                (byte)'v' => 11,
                (byte)'\\' or (byte)'\'' or (byte)'"' => line[i],
                (byte)'x' => Hex(line, i + 1, 2),
                _ => -1,
            };
            if (value < 0)
            {
                return null;
            }

            i += line[i] == 'x' ? 2 : 0;
            bytes[count++] = (byte)value;
        }

        return Utf8(bytes.AsSpan(0, count));
    }

    /// <summary>Latin-1 text with \uHHHH and \UHHHHHHHH escapes.</summary>
    public static string? RawUnicode(ReadOnlySpan<byte> line)
    {
        StringBuilder text = new(line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            int digits = line[i] == '\\' && i + 1 < line.Length ? line[i + 1] switch { (byte)'u' => 4, (byte)'U' => 8, _ => 0 } : 0;
            if (digits == 0)
            {
                text.Append((char)line[i]);
                continue;
            }

            int value = Hex(line, i + 2, digits);
            if (value is < 0 or > 0x10FFFF)
            {
                return null;
            }

            _ = value > 0xFFFF ? text.Append(char.ConvertFromUtf32(value)) : text.Append((char)value);
            i += 1 + digits;
        }

        return text.ToString();
    }

    private static int Hex(ReadOnlySpan<byte> line, int start, int digits) =>
        start + digits <= line.Length && int.TryParse(line.Slice(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) ? value : -1;
}
