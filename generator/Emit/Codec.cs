namespace Trt.Generator.Emit;

/// <summary>How one value crosses the border, in one layout.</summary>
/// <param name="Managed">C# type that users see.</param>
/// <param name="Native">Blittable C# type of the ABI.</param>
/// <param name="ToNative">Expression over {0}, the managed value, and {L}, the library.</param>
/// <param name="ToManaged">Expression over {0}, the native value, and {L}.</param>
/// <param name="IsBlittable">Whether arrays of it need no conversion.</param>
internal sealed record Codec(string Managed, string Native, string ToNative = "{0}", string ToManaged = "{0}", bool IsBlittable = true)
{
    public string Out(string value, string library) => ToNative.Replace("{0}", value, StringComparison.Ordinal).Replace("{L}", library, StringComparison.Ordinal);

    public string In(string value, string library) => ToManaged.Replace("{0}", value, StringComparison.Ordinal).Replace("{L}", library, StringComparison.Ordinal);
}
