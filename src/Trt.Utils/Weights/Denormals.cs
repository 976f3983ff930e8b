using System.Numerics;

namespace Trt.Utils;

/// <summary>Finds numbers whose exponent bits are all 0 and whose mantissa is not: the definition is the same in every IEEE-like type.</summary>
internal static unsafe class Denormals
{
    private const ulong LeastNormal64 = 1UL << 52;
    private const uint LeastNormal32 = 1U << 23;
    private const ushort LeastNormal16 = 1 << 10;
    private const ushort LeastNormalBrain = 1 << 7;
    private const ulong Sign64 = 1UL << 63;
    private const uint Sign32 = 1U << 31;
    private const ushort Sign16 = 1 << 15;

    public static bool Has(TorchDType type) => type is TorchDType.Float64 or TorchDType.Float32 or TorchDType.Float16 or TorchDType.BFloat16;

    public static long Count(byte* values, TorchDType type, long count) => type switch
    {
        TorchDType.Float64 => Scan((ulong*)values, count, LeastNormal64, Sign64, clear: false),
        TorchDType.Float32 => Scan((uint*)values, count, LeastNormal32, Sign32, clear: false),
        TorchDType.Float16 => Scan((ushort*)values, count, LeastNormal16, Sign16, clear: false),
        TorchDType.BFloat16 => Scan((ushort*)values, count, LeastNormalBrain, Sign16, clear: false),
        _ => 0,
    };

    /// <summary>Leaves only the sign of them.</summary>
    public static void Clear(byte* values, TorchDType type, long count) => _ = type switch
    {
        TorchDType.Float64 => Scan((ulong*)values, count, LeastNormal64, Sign64, clear: true),
        TorchDType.Float32 => Scan((uint*)values, count, LeastNormal32, Sign32, clear: true),
        TorchDType.Float16 => Scan((ushort*)values, count, LeastNormal16, Sign16, clear: true),
        TorchDType.BFloat16 => Scan((ushort*)values, count, LeastNormalBrain, Sign16, clear: true),
        _ => 0,
    };

    private static long Scan<T>(T* values, long count, T leastNormal, T sign, bool clear)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>, IMinMaxValue<T>
    {
        long found = 0;
        long i = 0;
        Vector<T> one = Vector<T>.One;
        Vector<T> range = new(leastNormal - T.One);
        Vector<T> magnitudes = new(~sign);
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> bits = Vector.Load(values + i);
            Vector<T> denormal = Vector.LessThan((bits & magnitudes) - one, range); // 0 wraps to the largest
            if (denormal == Vector<T>.Zero)
            {
                continue;
            }

            for (int lane = 0; lane < Vector<T>.Count; lane++)
            {
                found += denormal[lane] == T.Zero ? 0 : 1;
            }

            if (clear)
            {
                Vector.Store(Vector.ConditionalSelect(denormal, bits & new Vector<T>(sign), bits), values + i);
            }
        }

        for (; i < count; i++)
        {
            T magnitude = values[i] & ~sign;
            if (magnitude != T.Zero && magnitude < leastNormal)
            {
                found++;
                values[i] = clear ? values[i] & sign : values[i];
            }
        }

        return found;
    }
}
