using Trt.Interop;

namespace Trt.Utils;

/// <summary>What there is to say of a tensor's elements in a few numbers. Measures are of the finite elements; NaN where there are none.</summary>
public sealed record TensorStatistics
{
    /// <summary>Number of elements.</summary>
    public required long Count { get; init; }

    /// <summary>How many are NaN.</summary>
    public required long NaNCount { get; init; }

    /// <summary>How many are infinite, of either sign.</summary>
    public required long InfinityCount { get; init; }

    /// <summary>The first element that is NaN or infinite; −1 where all are finite.</summary>
    public required long FirstNotFinite { get; init; }

    /// <summary>The least.</summary>
    public required double Min { get; init; }

    /// <summary>The greatest.</summary>
    public required double Max { get; init; }

    /// <summary>The mean.</summary>
    public required double Mean { get; init; }

    /// <summary>The standard deviation.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>Whether all elements are finite.</summary>
    public bool IsFinite => NaNCount == 0 && InfinityCount == 0;

    /// <summary>Measures a tensor.</summary>
    /// <param name="tensor">A tensor of numbers or truth values (0 and 1).</param>
    /// <exception cref="NotSupportedException">It is of text, or of a type that arithmetic is not done with.</exception>
    public static TensorStatistics Of(OnnxTensor tensor) => Of(TensorElements.Required(tensor));

    /// <summary>Counts elements in bins of equal width between the least and the greatest finite one.</summary>
    /// <param name="tensor">A tensor of numbers or truth values.</param>
    /// <param name="bins">How many bins, 1 or more.</param>
    /// <returns>The bins; none where no element is finite.</returns>
    /// <exception cref="NotSupportedException">It is of text, or of a type that arithmetic is not done with.</exception>
    public static IReadOnlyList<HistogramBin> Histogram(OnnxTensor tensor, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        return Histogram(TensorElements.Required(tensor), bins);
    }

    internal static TensorStatistics Of(ReadOnlySpan<double> values)
    {
        long nans = 0, infinities = 0, first = -1, finite = 0;
        double min = double.PositiveInfinity, max = double.NegativeInfinity, mean = 0, squares = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i];
            if (!double.IsFinite(value))
            {
                _ = double.IsNaN(value) ? nans++ : infinities++;
                first = first < 0 ? i : first;
                continue;
            }

            // Welford's recurrence: no sum of squares that could lose digits.
            double from = value - mean;
            mean += from / ++finite;
            squares += from * (value - mean);
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        return new TensorStatistics
        {
            Count = values.Length,
            NaNCount = nans,
            InfinityCount = infinities,
            FirstNotFinite = first,
            Min = finite > 0 ? min : double.NaN,
            Max = finite > 0 ? max : double.NaN,
            Mean = finite > 0 ? mean : double.NaN,
            StandardDeviation = finite > 0 ? Math.Sqrt(squares / finite) : double.NaN,
        };
    }

    internal static HistogramBin[] Histogram(ReadOnlySpan<double> values, int bins)
    {
        TensorStatistics all = Of(values);
        if (double.IsNaN(all.Min))
        {
            return [];
        }

        double width = (all.Max - all.Min) / bins;
        long[] counts = new long[bins];
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                counts[width > 0 ? Math.Min((int)((value - all.Min) / width), bins - 1) : 0]++;
            }
        }

        return [.. counts.Select((count, i) => new HistogramBin(all.Min + (i * width), i + 1 == bins ? all.Max : all.Min + ((i + 1) * width), count))];
    }
}
