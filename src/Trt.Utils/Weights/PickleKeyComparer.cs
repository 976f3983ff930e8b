using System.Numerics;

namespace Trt.Utils;

/// <summary>Equality by value of what Python can hash, as far as checkpoints use it. Seeded per process, so that a file cannot aim at collisions.</summary>
internal sealed class PickleKeyComparer : IEqualityComparer<object>
{
    public static readonly PickleKeyComparer Instance = new();

    private PickleKeyComparer()
    {
    }

    public new bool Equals(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (object?[] a, object?[] b) => SameTuple(a, b),
        _ => object.Equals(left, right),
    };

    public int GetHashCode(object value)
    {
        HashCode hash = default;
        if (value is object?[] tuple)
        {
            foreach (object? item in tuple)
            {
                AddScalar(ref hash, item);
            }
        }
        else
        {
            AddScalar(ref hash, value);
        }

        return hash.ToHashCode();
    }

    /// <summary>Whether a value can be a key: scalars, and tuples of scalars (deeper ones occur in no checkpoint and would need a recursive hash).</summary>
    public static bool IsKey(object? value) => value is object?[] tuple ? Array.TrueForAll(tuple, item => item is null || IsScalar(item)) : value is not null && IsScalar(value);

    /// <summary>What hashing the key costs, in characters or bytes.</summary>
    public static long Cost(object? key) => key switch
    {
        string text => text.Length,
        byte[] bytes => bytes.Length,
        BigInteger number => number.GetByteCount(),
        object?[] tuple => tuple.Sum(item => item is object?[] ? 1 : 1 + Cost(item)),
        _ => 1,
    };

    public static string Describe(object? key) => key switch
    {
        null => "None",
        string text => $"\"{PickleText.Shorten(text)}\"",
        byte[] bytes => $"of {bytes.Length} bytes",
        object?[] tuple => $"(a tuple of {tuple.Length})",
        BigInteger => "(a large integer)",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => $"of type {key.GetType().Name}",
    };

    private static bool IsScalar(object value) => value is string or long or double or bool or BigInteger or byte[];

    private static bool SameTuple(object?[] left, object?[] right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (int i = 0; i < left.Length; i++)
        {
            bool same = (left[i], right[i]) switch
            {
                (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
                _ => object.Equals(left[i], right[i]),
            };
            if (!same)
            {
                return false;
            }
        }

        return true;
    }

    private static void AddScalar(ref HashCode hash, object? value)
    {
        switch (value)
        {
            case long number:
                hash.Add((int)number);
                hash.Add((int)(number >> 32));
                break;
            case double number:
                long bits = BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number);
                hash.Add((int)bits);
                hash.Add((int)(bits >> 32));
                break;
            case byte[] bytes:
                hash.AddBytes(bytes);
                break;
            default:
                hash.Add(value);
                break;
        }
    }
}
