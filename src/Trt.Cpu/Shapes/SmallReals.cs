using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Elements of a small tensor of real numbers on the way from shapes to shapes, such as extents times a scale: integers over one divisor.</summary>
/// <param name="Numerators">In row order.</param>
/// <param name="Divisor">Greater than 0.</param>
internal sealed record SmallReals(DimExpr[] Numerators, long Divisor)
{
    private const long GreatestDivisor = 1L << 30;
    private const double GreatestNumber = 1L << 31;

    /// <summary>Constants, as far as they are fractions with a small power of 2 below; null for others.</summary>
    public static SmallReals? Of(ReadOnlySpan<float> values)
    {
        if (values.Length > TensorFacts.MostValues)
        {
            return null;
        }

        long divisor = 1;
        foreach (float value in values)
        {
            if (!(MathF.Abs(value) <= GreatestNumber))
            {
                return null;
            }

            while ((double)value * divisor % 1 != 0)
            {
                if ((divisor *= 2) > GreatestDivisor)
                {
                    return null;
                }
            }
        }

        return new SmallReals(Array.ConvertAll(values.ToArray(), value => DimExpr.Constant((long)((double)value * divisor))), divisor);
    }

    /// <summary>The same numbers over another divisor, a multiple of theirs.</summary>
    public DimExpr[] Over(long divisor) => divisor == Divisor ? Numerators : Array.ConvertAll(Numerators, number => number * (divisor / Divisor));

    /// <summary>The least divisor that both have as a factor; 0 when it is too great.</summary>
    public static long Common(SmallReals left, SmallReals right)
    {
        long common = left.Divisor / (long)System.Numerics.BigInteger.GreatestCommonDivisor(left.Divisor, right.Divisor) * right.Divisor;
        return common <= GreatestDivisor ? common : 0;
    }

    public SmallReals Floor() => Whole(DimExpr.FloorDiv);

    public SmallReals Ceiling() => Whole(DimExpr.CeilDiv);

    /// <summary>The numbers as integers, cut off towards 0.</summary>
    public DimExpr[] ToIntegers() => Whole(DimExpr.TruncDiv).Numerators;

    /// <summary>Two tensors combined element by element; null for what does not lead to shapes.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="left">First operand.</param>
    /// <param name="right">Second operand.</param>
    /// <param name="make">Combines the elements that broadcasting brings together; null when there are too many.</param>
    public static SmallReals? Combine(ElementWiseOperation operation, SmallReals left, SmallReals right, Func<DimExpr[], DimExpr[], Func<DimExpr, DimExpr, DimExpr?>, DimExpr[]?> make)
    {
        switch (operation)
        {
            case ElementWiseOperation.Prod:
                return left.Divisor <= GreatestDivisor / right.Divisor ? Made(make(left.Numerators, right.Numerators, (a, b) => a * b), left.Divisor * right.Divisor) : null;
            case ElementWiseOperation.Div:
                // Only by one number that is known: then the divisor stays one for all.
                if (right.Numerators is not [{ IsConstant: true, Number: not 0 } one, ..] || !Array.TrueForAll(right.Numerators, number => number.Equals(one)) || Math.Abs(one.Number) > GreatestDivisor / left.Divisor)
                {
                    return null;
                }

                long factor = right.Divisor * Math.Sign(one.Number);
                return Made(make(left.Numerators, right.Numerators, (a, _) => a * factor), left.Divisor * Math.Abs(one.Number));
            case ElementWiseOperation.FloorDiv:
                return Made(make(left.Numerators, right.Numerators, (a, b) => DimExpr.FloorDiv(a * right.Divisor, b * left.Divisor)), 1);
            case ElementWiseOperation.Sum or ElementWiseOperation.Sub or ElementWiseOperation.Max or ElementWiseOperation.Min when Common(left, right) is > 0 and long common:
                return Made(make(left.Over(common), right.Over(common), operation switch
                {
                    ElementWiseOperation.Sum => (a, b) => a + b,
                    ElementWiseOperation.Sub => (a, b) => a - b,
                    ElementWiseOperation.Max => DimExpr.Max,
                    _ => DimExpr.Min,
                }), common);
            default:
                return null;
        }
    }

    private static SmallReals? Made(DimExpr[]? numerators, long divisor) => numerators is null ? null : new SmallReals(numerators, divisor);

    private SmallReals Whole(Func<DimExpr, DimExpr, DimExpr> divide) =>
        Divisor == 1 ? this : new SmallReals(Array.ConvertAll(Numerators, number => divide(number, DimExpr.Constant(Divisor))), 1);
}
