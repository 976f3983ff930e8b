using System.Globalization;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Values of options as people and trtexec write them; a <see cref="FormatException"/> says what would be right.</summary>
internal static class OptionValue
{
    private static readonly (string Name, DataType Value)[] Types =
    [
        ("fp32", DataType.Float), ("fp16", DataType.Half), ("bf16", DataType.BF16), ("fp8", DataType.FP8), ("fp4", DataType.FP4), ("e8m0", DataType.E8M0),
        ("int64", DataType.Int64), ("int32", DataType.Int32), ("int8", DataType.Int8), ("int4", DataType.Int4), ("uint8", DataType.UInt8), ("bool", DataType.Bool),
    ];

    private static readonly (string Name, TensorFormat Value)[] Layouts =
    [
        ("chw", TensorFormat.Linear), ("chw2", TensorFormat.CHW2), ("hwc8", TensorFormat.HWC8), ("chw4", TensorFormat.CHW4), ("chw16", TensorFormat.CHW16),
        ("chw32", TensorFormat.CHW32), ("dhwc8", TensorFormat.DHWC8), ("cdhw32", TensorFormat.CDHW32), ("hwc", TensorFormat.HWC), ("dhwc", TensorFormat.DHWC),
        ("hwc16", TensorFormat.HWC16), ("dla_linear", TensorFormat.DLALinear), ("dla_hwc4", TensorFormat.DLAHwc4),
    ];

    /// <summary>A whole number in a range.</summary>
    public static long Whole(string text, long min, long max = long.MaxValue)
    {
        string range = (min, max) switch
        {
            (long.MinValue, _) => "a whole number",
            (_, long.MaxValue or int.MaxValue) => $"a whole number of {Text(min)} or more",
            _ => $"a whole number from {Text(min)} to {Text(max)}",
        };
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max
            ? number
            : throw new FormatException($"{range} is wanted{(max == int.MaxValue && number > max ? ", up to 2147483647" : string.Empty)}.");
    }

    /// <summary>A whole number of 32 bits in a range.</summary>
    public static int Int(string text, int min, int max = int.MaxValue) => (int)Whole(text, min, max);

    /// <summary>One of several words; upper and lower case are the same.</summary>
    public static T Choice<T>(string text, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        List<string> names = [];
        foreach ((string name, T value) in choices)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }

            names.Add(name);
        }

        throw new FormatException($"it must be {Listed(names)}.");
    }

    /// <summary>A size in bytes: a number with B, K, M or G (powers of 1024) behind it, or a plain one of a unit.</summary>
    public static long Bytes(string text, long plainUnit)
    {
        long? suffix = text.Length == 0 ? null : char.ToUpperInvariant(text[^1]) switch { 'B' => 1, 'K' => 1L << 10, 'M' => 1L << 20, 'G' => 1L << 30, _ => null };
        string digits = suffix is null ? text : text[..^1];
        long unit = suffix ?? plainUnit;
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) && number <= long.MaxValue / unit
            ? (long)(number * unit)
            : throw new FormatException($"\"{text}\" is no size: a number is wanted, with B, K, M or G behind it (powers of 1024), or plain in {(plainUnit == 1 ? "bytes" : "MiB")}.");
    }

    /// <summary>An element type.</summary>
    public static DataType Type(string text) => Choice(text, Types);

    /// <summary>Layouts with + between them; none in an empty text.</summary>
    public static IReadOnlyList<TensorFormat> Formats(string text) => [.. text.Split('+').Select(layout => Choice(layout, Layouts))];

    /// <summary>Names and values with a colon between, several by comma: <c>conv1:fp16,fc*:fp32</c>. The last colon counts, a name in single quotes may hold anything.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(string text, string wanted)
    {
        foreach (string part in Parts(text))
        {
            int colon = part.LastIndexOf(':');
            string name = colon < 0 ? string.Empty : part[..colon];
            if (name.Length > 1 && name[0] == '\'' && name[^1] == '\'')
            {
                name = name[1..^1];
            }

            if (name.Length == 0 || colon == part.Length - 1)
            {
                throw new FormatException($"\"{part}\" is not of the form {wanted}.");
            }

            yield return (name, part[(colon + 1)..]);
        }
    }

    /// <summary>A layer's name with at most one star.</summary>
    public static string Pattern(string name) => name.AsSpan().Count('*') <= 1 ? name : throw new FormatException($"\"{name}\" has more than one *.");

    /// <summary>Names by comma; a name in single quotes may hold a comma.</summary>
    public static IReadOnlyList<string> Names(string text) =>
        [.. Parts(text).Select(name => name.Length > 1 && name[0] == '\'' && name[^1] == '\'' ? name[1..^1] : name).Select(name => name.Length > 0 ? name : throw new FormatException("there is an empty name in it."))];

    /// <summary>Names with + or − before them, by comma: what to turn on and off.</summary>
    public static IEnumerable<(string Name, bool On)> Switches(string text)
    {
        foreach (string part in text.Split(','))
        {
            yield return part.Length > 1 && part[0] is '+' or '-' ? (part[1..], part[0] == '+') : throw new FormatException($"\"{part}\" has no + (on) or - (off) before a name.");
        }
    }

    /// <summary>Least, usual and greatest extent as MIN:OPT:MAX, or a number alone.</summary>
    public static ExtentRange Extents(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length is not (1 or 3))
        {
            throw new FormatException($"\"{text}\" is neither a number nor MIN:OPT:MAX.");
        }

        long[] numbers = [.. parts.Select(part => Whole(part, 0))];
        ExtentRange range = new(numbers[0], numbers[numbers.Length / 2], numbers[^1]);
        return range.Min <= range.Opt && range.Opt <= range.Max ? range : throw new FormatException($"\"{text}\" is not in order: MIN <= OPT <= MAX.");
    }

    /// <summary>A type, layouts, or both: <c>fp16:chw4+hwc8</c>, <c>chw</c>.</summary>
    public static IOFormat Format(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            return new IOFormat(Type(text[..colon]), Formats(text[(colon + 1)..]));
        }

        return Types.Any(type => type.Name.Equals(text, StringComparison.OrdinalIgnoreCase)) ? new IOFormat(Type(text)) : new IOFormat(null, Formats(text));
    }

    /// <summary>A list for a sentence: <c>a, b or c</c>.</summary>
    public static string Listed(IReadOnlyList<string> names) => names.Count < 2 ? string.Concat(names) : $"{string.Join(", ", names.Take(names.Count - 1))} or {names[^1]}";

    /// <summary>Splits at commas that do not stand between single quotes.</summary>
    private static IEnumerable<string> Parts(string text)
    {
        int start = 0;
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\'')
            {
                quoted = !quoted;
            }
            else if (text[i] == ',' && !quoted)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return quoted ? throw new FormatException("a single quote is not closed.") : text[start..];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
