namespace Trt.Utils;

/// <summary>The floating-point types below double: what they can represent. All of their values are doubles too, so rounding is arithmetic of doubles.</summary>
/// <param name="MantissaBits">Stored bits of the mantissa.</param>
/// <param name="LeastExponent">Exponent of the smallest normal number.</param>
/// <param name="Largest">The largest finite number.</param>
/// <param name="HasInfinity">Whether there are infinities.</param>
internal readonly record struct Minifloat(int MantissaBits, int LeastExponent, double Largest, bool HasInfinity)
{
    /// <summary>IEEE 754 binary32 and binary16, bfloat16, and the two of OCP's "8-bit Floating Point Specification".</summary>
    public static Minifloat Of(TorchDType type) => type switch
    {
        TorchDType.Float32 => new(23, -126, float.MaxValue, true),
        TorchDType.Float16 => new(10, -14, 65504, true),
        TorchDType.BFloat16 => new(7, -126, 3.3895313892515355e38, true),
        TorchDType.Float8E4M3FN => new(3, -6, 448, false),
        TorchDType.Float8E5M2 => new(2, -14, 57344, true),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This is no floating-point type below double."),
    };

    /// <summary>The nearest representable number, ties to even; what is beyond the largest stays beyond it.</summary>
    public double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value;
        }

        // Scaling by a power of two is exact: a double's exponent reaches far beyond those of the types here.
        int exponent = Math.Max(Math.ILogB(value), LeastExponent);
        int scale = MantissaBits - exponent;
        return Math.ScaleB(Math.Round(Math.ScaleB(value, scale), MidpointRounding.ToEven), -scale);
    }
}
