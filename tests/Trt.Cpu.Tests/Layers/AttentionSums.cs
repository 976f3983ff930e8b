namespace Trt.Cpu.Tests.Layers;

/// <summary>Attention of one query over some keys, as sums.</summary>
internal static class AttentionSums
{
    /// <summary>Numbers in a head.</summary>
    public const int Width = 2;

    /// <summary>A key or a value.</summary>
    public delegate ReadOnlySpan<float> Row(int at);

    /// <summary>The values, weighted by the softmax of query times key.</summary>
    /// <param name="query">One head of one token.</param>
    /// <param name="count">How many keys it sees, from the first on.</param>
    /// <param name="key">Gives a key.</param>
    /// <param name="value">Gives a value.</param>
    /// <param name="bias">What is added to a score.</param>
    /// <param name="change">What becomes of a weight.</param>
    public static float[] Attend(ReadOnlySpan<float> query, int count, Row key, Row value, Func<int, double>? bias = null, Func<double, double>? change = null)
    {
        double[] weights = new double[count];
        for (int at = 0; at < count; at++)
        {
            double score = bias?.Invoke(at) ?? 0;
            for (int i = 0; i < Width; i++)
            {
                score += query[i] * key(at)[i];
            }

            weights[at] = Math.Exp(score);
        }

        float[] result = new float[Width];
        double sum = weights.Sum();
        for (int i = 0; i < Width; i++)
        {
            for (int at = 0; at < count; at++)
            {
                result[i] += (float)((change?.Invoke(weights[at] / sum) ?? (weights[at] / sum)) * value(at)[i]);
            }
        }

        return result;
    }

    /// <summary>Small numbers of both signs.</summary>
    public static float[] Numbers(int count, int seed) => [.. Enumerable.Range(0, count).Select(at => (((at * 7) + (seed * 5)) % 11 * 0.3f) - 1.4f)];
}
