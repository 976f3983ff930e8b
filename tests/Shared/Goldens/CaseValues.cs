using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>Turns the values of a case's JSON into bytes, numbers, shapes and enumerators, and bytes back into numbers.</summary>
internal static class CaseValues
{
    public static T Enumerator<T>(JsonElement value)
        where T : struct, Enum => value.ValueKind == JsonValueKind.Number
            ? (T)Enum.ToObject(typeof(T), value.GetInt32())
            : Enum.Parse<T>(value.GetString()![1..].Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true);

    /// <summary>What a C++ and a C# name of the same enumerator have in common.</summary>
    public static string Bare(string name) => (name.Length > 1 && name[0] == 'k' && char.IsUpper(name[1]) ? name[1..] : name).Replace("_", string.Empty, StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>A list of extents, or an object whose count may differ from its list.</summary>
    public static Dims Shape(JsonElement value)
    {
        bool counted = value.ValueKind == JsonValueKind.Object;
        Dims dims = new([.. (counted ? value.GetProperty("d") : value).EnumerateArray().Select(extent => extent.GetInt64())]);
        if (counted)
        {
            dims.NbDims = value.GetProperty("nb").GetInt32();
        }

        return dims;
    }

    public static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => value.GetString() switch
        {
            "nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            string other => throw new FormatException($"\"{other}\" is no number of a case."),
            null => throw new FormatException("null is no number of a case."),
        },
    };

    public static int Size(DataType type) => type switch
    {
        DataType.Float or DataType.Int32 => 4,
        DataType.Half or DataType.BF16 => 2,
        DataType.Int64 => 8,
        _ => 1,
    };

    /// <summary>The raw values that an object with <c>data</c> or <c>b64</c> holds.</summary>
    public static byte[] Bytes(JsonElement holder, DataType type)
    {
        if (holder.TryGetProperty("b64", out JsonElement raw))
        {
            return raw.GetBytesFromBase64();
        }

        double[] numbers = [.. holder.GetProperty("data").EnumerateArray().Select(Number)];
        byte[] bytes = new byte[numbers.Length * Size(type)];
        int i = 0;
        foreach (JsonElement element in holder.GetProperty("data").EnumerateArray())
        {
            Span<byte> target = bytes.AsSpan(i * Size(type));
            switch (type)
            {
                case DataType.Float:
                    BinaryPrimitives.WriteSingleLittleEndian(target, (float)numbers[i]);
                    break;
                case DataType.Half:
                    BinaryPrimitives.WriteHalfLittleEndian(target, (Half)numbers[i]);
                    break;
                case DataType.BF16:
                    BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)(BitConverter.SingleToUInt32Bits((float)numbers[i]) >> 16));
                    break;
                case DataType.Int32:
                    BinaryPrimitives.WriteInt32LittleEndian(target, element.GetInt32());
                    break;
                case DataType.Int64:
                    BinaryPrimitives.WriteInt64LittleEndian(target, element.GetInt64());
                    break;
                default:
                    target[0] = unchecked((byte)(sbyte)Math.Clamp(numbers[i], -128, 255));
                    break;
            }

            i++;
        }

        return bytes;
    }

    public static double[] Numbers(ReadOnlySpan<byte> bytes, DataType type)
    {
        double[] numbers = new double[bytes.Length / Size(type)];
        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<byte> at = bytes[(i * Size(type))..];
            numbers[i] = type switch
            {
                DataType.Float => BinaryPrimitives.ReadSingleLittleEndian(at),
                DataType.Half => (double)BinaryPrimitives.ReadHalfLittleEndian(at),
                DataType.BF16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
                DataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
                DataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
                DataType.Int8 => (sbyte)at[0],
                _ => at[0],
            };
        }

        return numbers;
    }

    public static string Text(double[] numbers) => string.Join(", ", numbers.Take(8).Select(number => number.ToString("G6", CultureInfo.InvariantCulture)));
}
