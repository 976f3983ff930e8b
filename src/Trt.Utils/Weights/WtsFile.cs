using System.Globalization;

namespace Trt.Utils;

/// <summary>
/// The text format of hand-written TensorRT networks (<c>.wts</c>): a line with the number of tensors, then for each a line <c>name count hex hex …</c> with the big-endian digits of
/// single-precision numbers. It has no shapes, so every tensor has one dimension. The digits are read when the values are asked for.
/// </summary>
internal static unsafe class WtsFile
{
    private const int LongestName = 4096;
    private const int DigitsPerValue = 8;

    /// <summary>Whether the first line is a plain number and the second does not start like another format.</summary>
    public static bool MayBeWts(ReadOnlySpan<byte> head)
    {
        int end = head.IndexOfAny("\r\n"u8);
        ReadOnlySpan<byte> line = (end < 0 ? head : head[..end]).Trim(" \t"u8);
        return line.Length is > 0 and < 20 && !line.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    /// <summary>Finds the lines. The caller holds the file.</summary>
    public static WeightContent Load(MappedFile file)
    {
        long position = 0;
        long expected = Number(Token(file, ref position)) ?? throw Fail(file, "It does not begin with the number of its tensors.");
        OrderedDictionary<string, TorchTensor> tensors = new(StringComparer.Ordinal);
        TorchDictionary root = new(isOrderedDict: false);
        while (true)
        {
            ReadOnlySpan<byte> token = Token(file, ref position);
            if (token.IsEmpty)
            {
                break;
            }

            string name = token.Length <= LongestName && PickleText.Utf8(token) is string text ? text : throw Fail(file, $"The name before its byte {position} is none.");
            long count = Number(Token(file, ref position)) ?? throw Fail(file, $"The number of values of \"{PickleText.Shorten(name)}\" is missing.");
            TorchTensor tensor = Values(file, ref position, name, count);
            if (!tensors.TryAdd(name, tensor))
            {
                throw Fail(file, $"It holds \"{PickleText.Shorten(name)}\" twice.");
            }

            root.Set(name, tensor);
        }

        return tensors.Count == expected
            ? new WeightContent(root, tensors)
            : throw Fail(file, $"It holds {tensors.Count} tensors, but its first line says {expected}.");
    }

    /// <summary>Writes tensors as such a text.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, TorchTensor> tensors)
    {
        if (tensors.Keys.FirstOrDefault(name => name.Length is 0 or > LongestName || name.Any(char.IsWhiteSpace)) is { } bad)
        {
            throw new ArgumentException($"\"{PickleText.Shorten(bad)}\" is no name that a .wts file can hold: it must have 1 to {LongestName} characters, none of them white space. Rename it, or write .safetensors.", nameof(tensors));
        }

        TensorOutput.WriteFile(path, stream =>
        {
            using StreamWriter text = new(stream, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
            text.WriteLine(tensors.Count.ToString(CultureInfo.InvariantCulture));
            foreach ((string name, TorchTensor tensor) in tensors)
            {
                text.Write(string.Create(CultureInfo.InvariantCulture, $"{name} {tensor.ElementCount}"));
                foreach (float value in tensor.ConvertTo(TorchDType.Float32).ToArray<float>())
                {
                    text.Write(string.Create(CultureInfo.InvariantCulture, $" {BitConverter.SingleToUInt32Bits(value):x8}"));
                }

                text.WriteLine();
            }
        });
    }

    private static TorchTensor Values(MappedFile file, ref long position, string name, long count)
    {
        long start = position;
        position = LineEnd(file, start);
        long length = position - start;
        if (count > length / 2)
        {
            throw Fail(file, $"\"{PickleText.Shorten(name)}\" should have {count} values, each a space and a number, but only {length} bytes stand on its line.");
        }

        TorchStorage storage = TorchStorage.Packed(file, name, count * sizeof(float), () => (nint)Decode(file, name, start, length, count));
        return TorchTensor.FromFile(new StorageView(storage, TorchDType.Float32, 0, storage.ByteLength), TorchDType.Float32, 0, [count], [1], requiresGrad: false).WithName(name);
    }

    private static byte* Decode(MappedFile file, string name, long start, long length, long count)
    {
        byte* text = file.At(start);
        byte* end = text + length;
        uint* values = (uint*)file.Allocate(count * sizeof(uint));
        for (long i = 0; i < count; i++)
        {
            while (text < end && *text is (byte)' ' or (byte)'\t')
            {
                text++;
            }

            uint value = 0;
            int digits = 0;
            for (; text < end && digits <= DigitsPerValue && Digit(*text) is >= 0 and int digit; text++, digits++)
            {
                value = (value << 4) | (uint)digit;
            }

            if (digits is 0 or > DigitsPerValue || (text < end && *text is not ((byte)' ' or (byte)'\t')))
            {
                throw Fail(file, $"Value {i} of the {count} of \"{PickleText.Shorten(name)}\" is no number of up to eight hexadecimal digits.");
            }

            values[i] = value;
        }

        return new ReadOnlySpan<byte>(text, (int)Math.Min(end - text, int.MaxValue)).ContainsAnyExcept(" \t"u8)
            ? throw Fail(file, $"More than the {count} values of \"{PickleText.Shorten(name)}\" stand on its line.")
            : (byte*)values;
    }

    private static int Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };

    /// <summary>What stands between white space; empty at the end of the file.</summary>
    private static ReadOnlySpan<byte> Token(MappedFile file, ref long position)
    {
        while (position < file.Length && file.At(position)[0] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            position++;
        }

        ReadOnlySpan<byte> rest = file.Span(position, Math.Min(file.Length - position, LongestName + 1));
        int length = rest.IndexOfAny(" \t\r\n"u8);
        ReadOnlySpan<byte> token = length < 0 ? rest : rest[..length];
        position += token.Length;
        return token;
    }

    private static long LineEnd(MappedFile file, long position)
    {
        const int Window = 1 << 24;
        while (position < file.Length)
        {
            ReadOnlySpan<byte> rest = file.Span(position, Math.Min(file.Length - position, Window));
            int length = rest.IndexOfAny("\r\n"u8);
            if (length >= 0)
            {
                return position + length;
            }

            position += rest.Length;
        }

        return position;
    }

    private static long? Number(ReadOnlySpan<byte> token) => long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static TorchFormatException Fail(MappedFile file, string problem) => new(file.Path, $"As a .wts text it is damaged: {problem}");
}
