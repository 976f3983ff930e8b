namespace Trt.Cli.Commands.Run;

/// <summary>Range and mean of values; those that are no finite numbers are counted by themselves.</summary>
/// <param name="Min">The least, NaN where there is none.</param>
/// <param name="Max">The greatest.</param>
/// <param name="Mean">The mean.</param>
/// <param name="NotFinite">How many are NaN or infinite.</param>
internal readonly record struct ValueSummary(double Min, double Max, double Mean, long NotFinite)
{
    public static ValueSummary Of(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
        {
            return new ValueSummary(double.NaN, double.NaN, double.NaN, 0);
        }

        double sum = 0;
        long odd = 0;
        (float min, float max) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                sum += value;
                min = Math.Min(min, value);
                max = Math.Max(max, value);
            }
            else
            {
                odd++;
            }
        }

        return odd == values.Length ? new ValueSummary(double.NaN, double.NaN, double.NaN, odd) : new ValueSummary(min, max, sum / (values.Length - odd), odd);
    }
}
