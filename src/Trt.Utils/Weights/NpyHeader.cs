using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Trt.Utils;

/// <summary>What stands before the elements of a .npy file: NumPy's format versions 1 to 3.</summary>
/// <param name="DType">Element type.</param>
/// <param name="ElementSize">Bytes of one element.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="IsFortranOrder">Whether the first dimension, not the last, is fastest.</param>
/// <param name="Length">Bytes of the header.</param>
internal sealed record NpyHeader(NpzDType DType, int ElementSize, ImmutableArray<long> Shape, bool IsFortranOrder, int Length)
{
    private const int MostDimensions = 64;

    public static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Bytes of the header that begins here, or 0 where none does.</summary>
    public static int LengthOf(ReadOnlySpan<byte> data) => data.Length < 12 || !data.StartsWith(Magic) ? 0
        : data[6] == 1 ? 10 + BinaryPrimitives.ReadUInt16LittleEndian(data[8..])
        : (int)Math.Min(12L + BinaryPrimitives.ReadUInt32LittleEndian(data[8..]), int.MaxValue);

    /// <param name="data">The file's bytes, or at least its first.</param>
    /// <param name="fail">Makes the exception from a sentence.</param>
    public static NpyHeader Parse(ReadOnlySpan<byte> data, Func<string, Exception> fail)
    {
        if (data.Length < 10 || !data.StartsWith(Magic))
        {
            throw fail("does not begin like a NumPy array. The file is damaged or of another kind.");
        }

        int version = data[6];
        if (version is not (1 or 2 or 3))
        {
            throw fail($"is of NumPy format version {version}; 1 to 3 are known. The file is damaged or newer than this reader.");
        }

        int start = version == 1 ? 10 : 12;
        uint length = data.Length < start ? uint.MaxValue : version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(data[8..]);
        if (length > data.Length - start)
        {
            throw fail("has a header longer than its file. The file is damaged or cut off.");
        }

        string text = Encoding.UTF8.GetString(data.Slice(start, (int)length));
        string shown = PickleText.Shorten(text.Trim());
        string descriptor = ValueOf(text, "descr") ?? throw fail($"has a header without its type: {shown}");
        (NpzDType type, int size) = TypeOf(descriptor, fail);
        bool fortran = ValueOf(text, "fortran_order") switch
        {
            string value when value.StartsWith("True", StringComparison.Ordinal) => true,
            string value when value.StartsWith("False", StringComparison.Ordinal) => false,
            _ => throw fail($"has a header without its order: {shown}"),
        };
        ImmutableArray<long> shape = ShapeOf(ValueOf(text, "shape")) ?? throw fail($"has a header without its shape: {shown}");
        return new NpyHeader(type, size, shape, fortran, start + (int)length);
    }

    /// <summary>The header's text behind a key and its colon.</summary>
    private static string? ValueOf(string text, string key)
    {
        int at = text.IndexOf($"'{key}'", StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        string rest = text[(at + key.Length + 2)..].TrimStart();
        return rest.StartsWith(':') ? rest[1..].TrimStart() : null;
    }

    private static (NpzDType Type, int Size) TypeOf(string value, Func<string, Exception> fail)
    {
        if (value.StartsWith('['))
        {
            throw fail("holds records (a structured type). Save its fields as arrays of their own.");
        }

        int end = value.Length > 0 && value[0] is '\'' ? value.IndexOf('\'', 1) : -1;
        string name = end > 0 ? value[1..end] : "";
        if (name.Length > 1 && name[0] == '>' && name[^1] != '1')
        {
            throw fail($"holds big-endian numbers ({PickleText.Shorten(name)}). Save array.astype(array.dtype.newbyteorder('<')).");
        }

        return (name.Length > 0 ? name[1..] : "") switch
        {
            "b1" => (NpzDType.Bool, 1),
            "i1" => (NpzDType.Int8, 1),
            "i2" => (NpzDType.Int16, 2),
            "i4" => (NpzDType.Int32, 4),
            "i8" => (NpzDType.Int64, 8),
            "u1" => (NpzDType.UInt8, 1),
            "u2" => (NpzDType.UInt16, 2),
            "u4" => (NpzDType.UInt32, 4),
            "u8" => (NpzDType.UInt64, 8),
            "f2" => (NpzDType.Float16, 2),
            "f4" => (NpzDType.Float32, 4),
            "f8" => (NpzDType.Float64, 8),
            "O" => throw fail("holds Python objects, which only Python can make and which can run code. Save numbers."),
            "c8" or "c16" => throw fail("holds complex numbers, which TensorRT has no type for. Save the real and the imaginary part."),
            _ => throw fail($"holds elements of type {PickleText.Shorten(name.Length == 0 ? value : name)}, which cannot be read. Save booleans, integers or floating-point numbers."),
        };
    }

    private static ImmutableArray<long>? ShapeOf(string? value)
    {
        int end = value is not null && value.StartsWith('(') ? value.IndexOf(')', StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            return null;
        }

        string[] parts = value![1..end].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > MostDimensions)
        {
            return null;
        }

        ImmutableArray<long>.Builder shape = ImmutableArray.CreateBuilder<long>(parts.Length);
        foreach (string item in parts)
        {
            string part = item.TrimEnd('L'); // Python 2 wrote (3L,)
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long dimension))
            {
                return null;
            }

            shape.Add(dimension);
        }

        return shape.ToImmutable();
    }
}
