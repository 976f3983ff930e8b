using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>Figures of a row of durations, in milliseconds.</summary>
/// <remarks>
/// The confidence interval of the mean comes from batch means: neighbouring queries resemble each other, so that the spread of single queries would promise too much. The row is cut into 30 batches
/// of neighbours (single values where there are fewer than 60), whose means are taken as independent, with Student's t. That of the median comes from order statistics (ranks n/2 ± 0.98·√n), and holds for any
/// distribution of independent values.
/// </remarks>
public sealed record TimeStatistics
{
    private const int Batches = 30;

    /// <summary>How many there are, at least 1.</summary>
    public required int Count { get; init; }

    /// <summary>The least.</summary>
    public required double Min { get; init; }

    /// <summary>The greatest.</summary>
    public required double Max { get; init; }

    /// <summary>The mean.</summary>
    public required double Mean { get; init; }

    /// <summary>The one in the middle, or the mean of the two there.</summary>
    public required double Median { get; init; }

    /// <summary>The standard deviation, of all values (not an estimate from a sample).</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>The percentiles that were asked for, each the value with n−1−⌊(1−p/100)·n⌋ values before it in order, as trtexec takes it.</summary>
    public required ImmutableArray<(double Percent, double Value)> Percentiles { get; init; }

    /// <summary>Where the true mean is with 95 % confidence; null for a single value.</summary>
    public Interval? MeanInterval { get; init; }

    /// <summary>Where the true median is with 95 % confidence; null below 6 values.</summary>
    public Interval? MedianInterval { get; init; }

    /// <summary>The standard error of the mean, from batch means; null for a single value.</summary>
    public double? MeanError { get; init; }

    /// <summary>Its degrees of freedom: batches − 1.</summary>
    public int DegreesOfFreedom { get; init; }

    /// <summary>The coefficient of variation: standard deviation by mean; 0 where the mean is.</summary>
    public double Variation => Mean == 0 ? 0 : StandardDeviation / Mean;

    /// <summary>Computes the figures.</summary>
    /// <param name="values">In the order in which they were measured; at least one.</param>
    /// <param name="percentiles">Above 0 and up to 100.</param>
    /// <exception cref="ArgumentException">There are no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A percentile is out of range.</exception>
    public static TimeStatistics Of(ReadOnlySpan<double> values, IReadOnlyList<double> percentiles)
    {
        ArgumentNullException.ThrowIfNull(percentiles);
        if (values.IsEmpty)
        {
            throw new ArgumentException("There are no values.", nameof(values));
        }

        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        int count = sorted.Length;
        double mean = Sum(values) / count;
        double squares = 0;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        (double? error, int freedom) = ErrorOfMean(values);
        double reach = error is { } known ? known * StudentT.TwoSided95(freedom) : 0;
        return new TimeStatistics
        {
            Count = count,
            Min = sorted[0],
            Max = sorted[^1],
            Mean = mean,
            Median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2,
            StandardDeviation = Math.Sqrt(squares / count),
            Percentiles = [.. percentiles.Select(percent => (percent, Percentile(sorted, percent)))],
            MeanError = error,
            DegreesOfFreedom = freedom,
            MeanInterval = error is null ? null : new Interval(mean - reach, mean + reach),
            MedianInterval = AroundMedian(sorted),
        };
    }

    /// <summary>A percentile of sorted values.</summary>
    /// <param name="sorted">At least one, ascending.</param>
    /// <param name="percent">Above 0 and up to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public static double Percentile(ReadOnlySpan<double> sorted, double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);

        // In decimals, since 99.9 of 1000 must leave out one, and 1 − 0.999 in binary is a little less than 0.001.
        int leftOut = (int)((100m - (decimal)percent) * sorted.Length / 100m);
        return sorted[Math.Max(sorted.Length - 1 - leftOut, 0)];
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static (double? Error, int Freedom) ErrorOfMean(ReadOnlySpan<double> values)
    {
        int batches = values.Length >= 2 * Batches ? Batches : values.Length;
        if (batches < 2)
        {
            return (null, 0);
        }

        double[] means = new double[batches];
        for (int i = 0; i < batches; i++)
        {
            int start = (int)((long)values.Length * i / batches);
            int end = (int)((long)values.Length * (i + 1) / batches);
            means[i] = Sum(values[start..end]) / (end - start);
        }

        double mean = Sum(means) / batches;
        double squares = means.Sum(value => (value - mean) * (value - mean));
        return (Math.Sqrt(squares / (batches - 1) / batches), batches - 1);
    }

    /// <summary>The normal approximation of the binomial distribution of how many values lie below the median.</summary>
    private static Interval? AroundMedian(double[] sorted)
    {
        int count = sorted.Length;
        if (count < 6)
        {
            return null;
        }

        double reach = 0.98 * Math.Sqrt(count);
        int low = Math.Max((int)Math.Floor((count / 2.0) - reach), 1);
        int high = Math.Min((int)Math.Ceiling((count / 2.0) + reach) + 1, count);
        return new Interval(sorted[low - 1], sorted[high - 1]);
    }
}
