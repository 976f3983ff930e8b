using System.Globalization;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>Weights of a case: raw bytes, or numbers of the named type.</summary>
public static class GoldenWeights
{
    /// <summary>Weights whose count is the case's, which may be wrong on purpose.</summary>
    public static unsafe Weights Read(JsonElement json)
    {
        DataType type = GoldenNames.Parse<DataType>(json.GetProperty("type").GetString()!);
        long count = json.GetProperty("count").GetInt64();
        byte[] bytes = json.TryGetProperty("b64", out JsonElement raw) ? raw.GetBytesFromBase64() : Pack(type, json.GetProperty("data"));
        byte[] pinned = GC.AllocateUninitializedArray<byte>(Math.Max(bytes.Length, 64) + 64, pinned: true);
        bytes.CopyTo(pinned, 0);
        fixed (byte* values = pinned)
        {
            return new Weights(type, (nint)values, count, pinned);
        }
    }

    private static byte[] Pack(DataType type, JsonElement data) =>
        [.. data.EnumerateArray().SelectMany(value => type switch
        {
            DataType.Float => BitConverter.GetBytes(Number(value)),
            DataType.Half => BitConverter.GetBytes((Half)Number(value)),
            DataType.Int32 => BitConverter.GetBytes(value.GetInt32()),
            DataType.Int64 => BitConverter.GetBytes(value.GetInt64()),
            DataType.Int8 => [(byte)value.GetSByte()],
            DataType.UInt8 => [value.GetByte()],
            DataType.Bool => [(byte)(value.ValueKind == JsonValueKind.Number ? value.GetInt32() : value.GetBoolean() ? 1 : 0)],
            _ => throw new NotSupportedException($"{type} weights must be given as raw bytes."),
        })];

    /// <summary>A number, which may be one of the three that JSON has no literal for.</summary>
    public static float Number(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString() switch
        {
            "inf" => float.PositiveInfinity,
            "-inf" => float.NegativeInfinity,
            "nan" => float.NaN,
            string text => float.Parse(text, CultureInfo.InvariantCulture),
            null => 0,
        }
        : value.GetSingle();
}
