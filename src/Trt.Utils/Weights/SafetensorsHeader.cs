using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Trt.Utils;

/// <summary>
/// What stands before the data of a .safetensors file: the length of a JSON text as 8 bytes, little-endian, and the text, which maps each name to type, shape and place. Checked as
/// the format's definition says: offsets are in bounds, tensors neither overlap nor leave holes.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Of the length before the JSON.</summary>
    public const int PrefixLength = 8;

    public const string MetadataKey = "__metadata__";

    /// <summary>The format's own limit.</summary>
    public const int LongestHeader = 100_000_000;

    private SafetensorsHeader(List<SafetensorsEntry> entries, TorchDictionary? metadata, long dataOffset)
    {
        Entries = entries;
        Metadata = metadata;
        DataOffset = dataOffset;
    }

    public List<SafetensorsEntry> Entries { get; }

    public TorchDictionary? Metadata { get; }

    /// <summary>Where the data begins in the file.</summary>
    public long DataOffset { get; }

    /// <summary>Whether the first bytes are a length within the limit and the start of a JSON object.</summary>
    public static bool IsSafetensors(ReadOnlySpan<byte> head) =>
        head.Length > PrefixLength && head[PrefixLength] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(head) <= LongestHeader;

    public static SafetensorsHeader Parse(MappedFile file)
    {
        long length = BinaryPrimitives.ReadInt64LittleEndian(file.Span(0, PrefixLength));
        if (length > file.Length - PrefixLength)
        {
            throw new TorchFormatException(file.Path, $"Its header should have {length} bytes, but the file has {file.Length}. The file is damaged or cut off.");
        }

        List<SafetensorsEntry> entries = [];
        TorchDictionary? metadata = null;
        try
        {
            Utf8JsonReader reader = new(file.Span(PrefixLength, length), PlainJson.Options);
            reader.Read();
            HashSet<string> names = new(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (!names.Add(name))
                {
                    throw new TorchFormatException(file.Path, $"Its header has \"{PickleText.Shorten(name)}\" twice. The file is damaged.");
                }

                if (name == MetadataKey)
                {
                    metadata = PlainJson.Value(ref reader, file.Path) as TorchDictionary;
                    if (metadata is null || metadata.Values.Any(value => value is not string))
                    {
                        throw new TorchFormatException(file.Path, $"Its {MetadataKey} is no map of text to text. The file is damaged.");
                    }
                }
                else
                {
                    entries.Add(Entry(ref reader, name, file.Path));
                }
            }

            if (reader.Read())
            {
                throw new TorchFormatException(file.Path, "Something follows its header's JSON. The file is damaged.");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw PlainJson.Malformed(file.Path, exception);
        }

        CheckLayout(entries, file, PrefixLength + length);
        return new SafetensorsHeader(entries, metadata, PrefixLength + length);
    }

    private static SafetensorsEntry Entry(ref Utf8JsonReader reader, string name, string path)
    {
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fail("no object");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String:
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = Numbers(ref reader) ?? throw Fail("no shape");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref reader) ?? throw Fail("no place");
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Fail("a malformed description");
                default:
                    reader.Skip(); // later versions may say more
                    break;
            }
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
        {
            throw Fail("no complete description");
        }

        TorchDType element = SafetensorsDType.Parse(type)
            ?? throw new TorchFormatException(path, $"Tensor \"{PickleText.Shorten(name)}\" has elements of type {PickleText.Shorten(type)}, which cannot be read. Save it as one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64 … I8, U64 … U8 or BOOL.");
        long bytes = element.ByteSize();
        foreach (long dimension in shape)
        {
            bytes = TensorShape.Multiply(bytes, dimension);
        }

        return begin <= end && bytes == end - begin
            ? new SafetensorsEntry(name, element, ImmutableCollectionsMarshal.AsImmutableArray(shape), begin, end)
            : throw new TorchFormatException(path, $"Tensor \"{PickleText.Shorten(name)}\" of {element.TorchName()} {TensorShape.Text(shape)} is said to lie between the bytes {begin} and {end}, which it does not fill. The file is damaged.");

        TorchFormatException Fail(string what) => new(path, $"Its header has {what} of tensor \"{PickleText.Shorten(name)}\". The file is damaged.");
    }

    /// <summary>Numbers that are neither negative nor more than a tensor can have dimensions.</summary>
    private static long[]? Numbers(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        Span<long> numbers = stackalloc long[TensorBounds.MostDimensions];
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || count == numbers.Length)
            {
                return null;
            }

            numbers[count++] = number;
        }

        return numbers[..count].ToArray();
    }

    private static void CheckLayout(List<SafetensorsEntry> entries, MappedFile file, long dataOffset)
    {
        SafetensorsEntry[] ordered = [.. entries];
        Array.Sort(ordered, (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long end = 0;
        foreach (SafetensorsEntry entry in ordered)
        {
            if (entry.Begin != end)
            {
                throw new TorchFormatException(file.Path, $"Tensor \"{PickleText.Shorten(entry.Name)}\" begins at byte {entry.Begin} of the data, where {end} is expected: tensors lie over each other or leave a hole. The file is damaged.");
            }

            end = entry.End;
        }

        if (end != file.Length - dataOffset)
        {
            throw new TorchFormatException(file.Path, $"Its tensors take {end} bytes, but {file.Length - dataOffset} follow the header. The file is damaged or cut off.");
        }
    }
}
