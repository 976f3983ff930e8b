namespace Trt.Utils;

/// <summary>Functions that kernels and their twins compute alike, to the bit: native/kernels/numbers.cuh says the same in C++.</summary>
internal static class DeviceNumbers
{
    /// <summary>Rises with the score; −0 is 0, and not-a-number is above all. No score gives 0.</summary>
    public static uint Order(float score)
    {
        if (float.IsNaN(score))
        {
            return uint.MaxValue;
        }

        uint bits = BitConverter.SingleToUInt32Bits(score == 0 ? 0 : score);
        return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    }

    /// <summary>Rises with the score and, of equal ones, falls with the place: no two are the same.</summary>
    public static ulong Key(float score, int place) => ((ulong)Order(score) << 32) | ~(uint)place;

    /// <summary>The place that a key was made of.</summary>
    public static int Place(ulong key) => (int)~(uint)key;

    /// <summary>e to a power: x = n·ln 2 + r, then Taylor's series of degree 13.</summary>
    public static double Exp(double x)
    {
        if (!(x > -708))
        {
            return double.IsNaN(x) ? x : 0;
        }

        if (x > 709)
        {
            return double.PositiveInfinity;
        }

        int n = (int)((x * 1.4426950408889634) + (x < 0 ? -0.5 : 0.5));
        double r = x - (n * 6.93147180369123816490e-01);
        r -= n * 1.90821492927058770002e-10;
        double sum = 1;
        for (int i = 13; i > 0; i--)
        {
            sum = (sum * r / i) + 1;
        }

        int first = n / 2;
        return sum * PowerOfTwo(first) * PowerOfTwo(n - first);
    }

    /// <summary>Sine and cosine of an angle below a million in absolute value, not-a-number of others: x = n·π/2 + r, then Taylor's series.</summary>
    public static (double Sine, double Cosine) Turn(double x)
    {
        if (!(x is > -1e6 and < 1e6))
        {
            return (double.NaN, double.NaN);
        }

        int n = (int)((x * 0.63661977236758134) + (x < 0 ? -0.5 : 0.5));
        double r = x - (n * 1.57079632673412561417e+00);
        r -= n * 6.07710050650619224932e-11;
        double square = r * r;
        double s = 1, c = 1;
        for (int i = 16; i > 0; i -= 2)
        {
            s = 1 - (s * square / (i * (i + 1)));
            c = 1 - (c * square / (i * (i - 1)));
        }

        s *= r;
        return (n & 3) switch
        {
            0 => (s, c),
            1 => (c, -s),
            2 => (-s, -c),
            _ => (-c, s),
        };
    }

    private static double PowerOfTwo(int n) => BitConverter.Int64BitsToDouble((long)(n + 1023) << 52);
}
