using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Trt.Utils.Tests.Weights;

/// <summary>One change of a file's bytes. Any numbers will do: they are brought into range when it is applied.</summary>
/// <param name="Kind">Which change.</param>
/// <param name="At">Where.</param>
/// <param name="Value">A number for it.</param>
/// <param name="Length">How many bytes.</param>
internal sealed record Mutation(int Kind, int At, int Value, int Length)
{
    private const int Kinds = 10;

    private static readonly long[] Edges = [0, 1, -1, 2, 7, 8, 63, 64, 65, 127, 128, 255, 256, 32767, 65535, 65536, 16777216, int.MaxValue, 1L << 31, uint.MaxValue, 1L << 32, 1L << 53, 1L << 62, long.MaxValue, long.MinValue];

    /// <summary>What the formats are made of: pickle operations, JSON, paths, headers.</summary>
    private static readonly byte[][] Words =
    [
        .. ((string[])["(", ")", "]", "}", "e", "u", "s", "t", "R", "b", ".", "N", "Q", "0", "2", "\x80\x02", "\x81", "\x85", "\x86", "\x88", "\x93", "cposix\nsystem\n", "ctorch\nDoubleStorage\n", "ctorch._utils\n_rebuild_tensor_v3\n",
            "c__torch__\nA\n", "X\x04\0\0\0weak", "J\xff\xff\xff\xff", "\x8a\x08\0\0\0\0\0\0\0\x80", "\x95\xff\xff\xff\xff\xff\xff\xff\xff", "PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "PK\x06\x06", "{", "[", "]", ",", ":", "\"", "null", "-1", "1e9", "0.5",
            "\"F64\"", "\"U8\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"weight_map\"", "../", "..\\\\", "/etc/passwd", "\\u0000", "\\ud800", "<f8", ">f4", "|O", "True", "(", "\n", " ", "\r\n", "ffffffff", "00000000"]).Select(Encoding.Latin1.GetBytes),
    ];

    public static Gen<Mutation> Any { get; } =
        from kind in Gen.Choose(0, Kinds - 1)
        from at in Gen.Choose(0, int.MaxValue - 1)
        from value in Gen.Choose(0, int.MaxValue - 1)
        from length in Gen.Choose(0, int.MaxValue - 1)
        select new Mutation(kind, at, value, length);

    /// <param name="content">A file.</param>
    /// <param name="structure">Where what is no tensor data lies; nine changes of ten go there.</param>
    public byte[] Apply(byte[] content, (int Start, int Length)[] structure)
    {
        if (content.Length == 0)
        {
            return content;
        }

        int at = Place(content.Length, structure);
        int length = 1 + (Length % Math.Min(content.Length - at, 40));
        switch (Kind)
        {
            case 0: return Overwrite(content, at, [(byte)(content[at] ^ (1 << (Value % 8)))]);
            case 1: return Overwrite(content, at, [(byte)Value]);
            case 2: return Overwrite(content, at, BitConverter.GetBytes((uint)Edges[Value % Edges.Length]));
            case 3: return Overwrite(content, at, BitConverter.GetBytes(Edges[Value % Edges.Length]));
            case 4: return [.. content[..at], .. content[(at + length)..]];
            case 5: return [.. content[..(at + length)], .. content[at..]];
            case 6: return Value % 4 == 0 ? content[..at] : content[..^Math.Min(length, content.Length)];
            case 7: return Overwrite(content, at, content.AsSpan(Value % content.Length, Math.Min(length, content.Length - (Value % content.Length))).ToArray());
            case 8: return ReplaceNumber(content, at);
            default: return [.. content[..at], .. Words[Value % Words.Length], .. content[at..]];
        }
    }

    private int Place(int contentLength, (int Start, int Length)[] structure)
    {
        if (structure.Length > 0 && Length % 10 != 0)
        {
            (int start, int length) = structure[Length / 10 % structure.Length];
            return Math.Min(start + (At % length), contentLength - 1);
        }

        return At % contentLength;
    }

    private static byte[] Overwrite(byte[] content, int at, byte[] bytes)
    {
        byte[] changed = [.. content];
        bytes.AsSpan(0, Math.Min(bytes.Length, content.Length - at)).CopyTo(changed.AsSpan(at));
        return changed;
    }

    /// <summary>The next decimal number becomes another, as JSON, NumPy's headers and texts have them.</summary>
    private byte[] ReplaceNumber(byte[] content, int at)
    {
        int start = content.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start < 0)
        {
            return content;
        }

        start += at;
        int end = start;
        while (end < content.Length && char.IsAsciiDigit((char)content[end]))
        {
            end++;
        }

        long number = Length % 3 == 0 && long.TryParse(content.AsSpan(start, end - start), CultureInfo.InvariantCulture, out long old) ? old + (Value % 9) - 4 : Edges[Value % Edges.Length];
        return [.. content[..start], .. Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)), .. content[end..]];
    }
}
