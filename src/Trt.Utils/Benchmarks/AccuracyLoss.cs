namespace Trt.Utils;

/// <summary>Compares outputs with references. Unlike in trtexec a NaN where the reference has none is no agreement: the loss is then infinite.</summary>
public static class AccuracyLoss
{
    /// <summary>Measures the loss.</summary>
    /// <param name="values">The output.</param>
    /// <param name="reference">As many values.</param>
    /// <param name="measure">How.</param>
    /// <param name="absolute">For <see cref="AccuracyMeasure.L0"/>: the absolute tolerance.</param>
    /// <param name="relative">For <see cref="AccuracyMeasure.L0"/>: the relative tolerance.</param>
    /// <returns>0 or more, 0 for equal values. Positive infinity where one has a NaN, where infinities differ (equal ones count as equal), and for the cosine where exactly one of both is zero throughout; two zero vectors are equal.</returns>
    /// <exception cref="ArgumentException">The numbers of values differ.</exception>
    public static double Of(ReadOnlySpan<double> values, ReadOnlySpan<double> reference, AccuracyMeasure measure, double absolute = 1e-5, double relative = 1e-5)
    {
        if (values.Length != reference.Length)
        {
            throw new ArgumentException($"There are {values.Length} values, but {reference.Length} reference values.", nameof(reference));
        }

        double sum = 0, squares = 0, most = 0, product = 0, lengthA = 0, lengthB = 0;
        long outside = 0;
        bool broken = false, infinite = false;
        for (int i = 0; i < values.Length; i++)
        {
            double a = values[i], b = reference[i];
            double difference = a == b ? 0 : Math.Abs(a - b);
            broken |= double.IsNaN(a) || double.IsNaN(b);
            infinite |= double.IsInfinity(a) || double.IsInfinity(b);
            outside += difference <= absolute + (relative * Math.Abs(b)) && !(double.IsInfinity(b) && difference > 0) ? 0 : 1;
            sum += difference;
            squares += difference * difference;
            most = Math.Max(most, difference);
            product += a * b;
            lengthA += a * a;
            lengthB += b * b;
        }

        return broken ? double.PositiveInfinity
            : values.IsEmpty ? 0
            : measure switch
            {
                AccuracyMeasure.L0 => (double)outside / values.Length,
                AccuracyMeasure.L1 => sum / values.Length,
                AccuracyMeasure.L2 => Math.Sqrt(squares / values.Length),
                AccuracyMeasure.LInf => most,
                AccuracyMeasure.Cos => most == 0 ? 0 : infinite || lengthA == 0 || lengthB == 0 ? double.PositiveInfinity : Math.Max(1 - (product / Math.Sqrt(lengthA) / Math.Sqrt(lengthB)), 0),
                _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "There is no such measure."),
            };
    }
}
