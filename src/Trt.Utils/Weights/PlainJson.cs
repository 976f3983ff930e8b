using System.Text.Json;

namespace Trt.Utils;

/// <summary>JSON as the plain values of <see cref="TorchStateDict.Root"/>. Names may not repeat, and nesting is bounded by the reader's own limit.</summary>
internal static class PlainJson
{
    public static readonly JsonReaderOptions Options = new() { MaxDepth = 32 };

    /// <summary>Reads a whole text.</summary>
    /// <exception cref="TorchFormatException">It is no JSON.</exception>
    public static object? Parse(ReadOnlySpan<byte> text, string path)
    {
        try
        {
            Utf8JsonReader reader = new(text, Options);
            reader.Read();
            object? value = Value(ref reader, path);
            return reader.Read() ? throw new TorchFormatException(path, "Something follows the end of its JSON. The file is damaged.") : value;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Malformed(path, exception);
        }
    }

    /// <summary>Makes the exception for what <see cref="Utf8JsonReader"/> refuses: bad syntax, or text that is no Unicode.</summary>
    public static TorchFormatException Malformed(string path, Exception inner) => new(path, $"Its JSON is malformed: {PickleText.Shorten(inner.Message)}", inner: inner);

    /// <summary>The value at which the reader stands; the reader then stands at its end.</summary>
    public static object? Value(ref Utf8JsonReader reader, string path)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                TorchDictionary dictionary = new(isOrderedDict: false);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = reader.GetString()!;
                    reader.Read();
                    if (dictionary.ContainsKey(name))
                    {
                        throw new TorchFormatException(path, $"Its JSON has \"{PickleText.Shorten(name)}\" twice. The file is damaged.");
                    }

                    dictionary.Set(name, Value(ref reader, path));
                }

                return dictionary;
            case JsonTokenType.StartArray:
                List<object?> list = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(Value(ref reader, path));
                }

                return list;
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return reader.TryGetInt64(out long number) ? (object)number : reader.GetDouble();
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                return null;
        }
    }
}
