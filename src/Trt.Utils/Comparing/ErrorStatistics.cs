namespace Trt.Utils;

/// <summary>Differences of two tensors in a few numbers. NaN where an element has none, as of two infinities.</summary>
public sealed record ErrorStatistics
{
    /// <summary>The greatest.</summary>
    public required double Max { get; init; }

    /// <summary>The mean.</summary>
    public required double Mean { get; init; }

    /// <summary>The median; of an even number of elements the lower one of the two in the middle.</summary>
    public required double Median { get; init; }

    /// <summary>The quantile that the rule names.</summary>
    public required double Quantile { get; init; }

    /// <summary>Measures differences, whose order is lost.</summary>
    internal static ErrorStatistics Of(Span<double> differences, double quantile)
    {
        if (differences.IsEmpty)
        {
            return new ErrorStatistics { Max = 0, Mean = 0, Median = 0, Quantile = 0 };
        }

        double sum = 0, max = 0;
        foreach (double difference in differences)
        {
            sum += difference;
            max = double.IsNaN(difference) || difference > max ? difference : max;
        }

        if (double.IsNaN(sum))
        {
            // The greatest that is a number says more than NaN, which the counts tell.
            foreach (double difference in differences)
            {
                max = double.IsNaN(max) || difference > max ? difference : max;
            }

            return new ErrorStatistics { Max = max, Mean = double.NaN, Median = double.NaN, Quantile = double.NaN };
        }

        int last = differences.Length - 1;
        return new ErrorStatistics { Max = max, Mean = sum / differences.Length, Median = Selection.Nth(differences, last / 2), Quantile = Selection.Nth(differences, (int)Math.Ceiling(quantile * last)) };
    }
}
