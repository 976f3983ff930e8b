using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>Writes an address without the password in it.</summary>
internal sealed class AddressWithoutPassword : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(Hide(value));

    /// <summary>The address with dots where the password stands: between the first colon of user:password and the last @.</summary>
    public static string Hide(string address)
    {
        int start = address.IndexOf("://", StringComparison.Ordinal) is >= 0 and int scheme ? scheme + 3 : 0;
        int at = address.LastIndexOf('@');
        int colon = at < 0 ? -1 : address.IndexOf(':', start);
        return colon < 0 || colon > at ? address : $"{address[..(colon + 1)]}...{address[at..]}";
    }
}
