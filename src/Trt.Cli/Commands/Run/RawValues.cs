using System.Globalization;
using System.Text;
using System.Text.Json;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>All values of an output, as text and as JSON.</summary>
internal static class RawValues
{
    private const int Width = 80;

    /// <summary>Prints rows of the last axis, broken at 80 columns.</summary>
    public static void Print(Screen screen, TorchTensor tensor)
    {
        string[] texts = Texts(tensor);
        int row = tensor.Shape.Length == 0 ? 1 : (int)Math.Max(1, tensor.Shape[^1]);
        StringBuilder line = new();
        for (int i = 0; i < texts.Length; i++)
        {
            if (line.Length > 0 && (i % row == 0 || line.Length + texts[i].Length + 1 > Width))
            {
                screen.Line(line.ToString());
                line.Clear();
            }

            line.Append(line.Length == 0 ? "  " : " ").Append(texts[i]);
        }

        screen.Line(line.ToString());
    }

    /// <summary>Writes an array; NaN and infinities, which JSON does not have, as texts.</summary>
    public static void Write(Utf8JsonWriter json, string name, TorchTensor tensor)
    {
        json.WriteStartArray(name);
        foreach (string text in Texts(tensor))
        {
            if (char.IsLetter(text[^1]))
            {
                json.WriteStringValue(text);
            }
            else
            {
                json.WriteRawValue(text);
            }
        }

        json.WriteEndArray();
    }

    /// <summary>A number, or a text where JSON has none.</summary>
    public static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string[] Texts(TorchTensor tensor) => tensor.DType switch
    {
        TorchDType.Bool => Array.ConvertAll(tensor.ToArray<bool>(), value => value ? "1" : "0"),
        TorchDType.Int64 => Array.ConvertAll(tensor.ToArray<long>(), value => value.ToString(CultureInfo.InvariantCulture)),
        TorchDType.Int32 => Array.ConvertAll(tensor.ToArray<int>(), value => value.ToString(CultureInfo.InvariantCulture)),
        TorchDType.Int8 => Array.ConvertAll(tensor.ToArray<sbyte>(), value => value.ToString(CultureInfo.InvariantCulture)),
        TorchDType.UInt8 => Array.ConvertAll(tensor.ToArray<byte>(), value => value.ToString(CultureInfo.InvariantCulture)),
        _ => Array.ConvertAll(tensor.ToFloat32(), value => float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : float.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"),
    };
}
