namespace Trt.Cpu;

/// <summary>Where a tensor's magnitudes are cut off so that 8 bits serve best; each algorithm has its own idea of best.</summary>
internal static class Thresholds
{
    private const int Levels = 128;

    /// <summary>Of all cuts the one whose 128 levels lose least information: least Kullback–Leibler divergence of what the levels tell from what was there.</summary>
    /// <remarks>
    /// S. Migacz, "8-bit inference with TensorRT", GTC 2017: bins beyond the cut are added to the last one before it; the levels are made of the bins before
    /// the cut, spread over those that are not empty. Level boundaries fall within bins, which are shared then. Exact zeros are exact in 8 bits too: bin 0
    /// counts as much as its neighbour.
    /// </remarks>
    public static double Entropy(TensorHistogram histogram)
    {
        double[] bins = [.. histogram.Bins.Select(count => (double)count)];
        bins[0] = bins[1];
        double beyond = 0;
        double least = double.PositiveInfinity;
        int best = bins.Length;
        double[] spread = new double[bins.Length];
        for (int cut = bins.Length; cut >= Levels; cut--)
        {
            Spread(bins, cut, spread);
            double divergence = Divergence(bins, cut, beyond, spread);
            if (divergence <= least)
            {
                least = divergence;
                best = cut;
            }

            beyond += bins[cut - 1];
        }

        return (best + 0.5) * histogram.Width;
    }

    /// <summary>The upper end of the bin that holds the quantile, shortened by a regression where that is asked for.</summary>
    /// <param name="histogram">Magnitudes of the tensor.</param>
    /// <param name="quantile">Share of values that the range must hold.</param>
    /// <param name="cutoff">
    /// Share of the quantile's threshold from which a line is fitted to the logarithms of the counts; the range ends where that line reaches a count of one. At 1 there is nothing to fit.
    /// </param>
    public static double Legacy(TensorHistogram histogram, double quantile, double cutoff)
    {
        // Shares are summed, not counts: what rounding makes of a sum that should equal the quantile decides as it does there.
        double all = histogram.Bins.Sum();
        int last = 0;
        for (double below = histogram.Bins[0] / all; below < quantile && last < TensorHistogram.BinCount - 1; below += histogram.Bins[last] / all)
        {
            last++;
        }

        double region = last + 1;
        return Math.Min(region, Regression(histogram.Bins, (int)(cutoff * region), last + 1)) * histogram.Width;
    }

    /// <summary>Spreads 128 levels over the bins before the cut that are not empty.</summary>
    private static void Spread(double[] bins, int cut, double[] spread)
    {
        spread.AsSpan(0, cut).Clear();
        double size = (double)cut / Levels;
        for (int level = 0; level < Levels; level++)
        {
            double start = level * size;
            double end = Math.Min(start + size, cut);
            double sum = 0;
            double filled = 0;
            for (int bin = (int)start; bin < end; bin++)
            {
                double share = Math.Min(end, bin + 1) - Math.Max(start, bin);
                sum += bins[bin] * share;
                filled += bins[bin] > 0 ? share : 0;
            }

            for (int bin = (int)start; bin < end && filled > 0; bin++)
            {
                double share = Math.Min(end, bin + 1) - Math.Max(start, bin);
                spread[bin] += bins[bin] > 0 ? sum / filled * share : 0;
            }
        }
    }

    private static double Divergence(double[] bins, int cut, double beyond, double[] spread)
    {
        double all = beyond;
        double told = 0;
        for (int bin = 0; bin < cut; bin++)
        {
            all += bins[bin];
            told += spread[bin];
        }

        double divergence = 0;
        for (int bin = 0; bin < cut; bin++)
        {
            double reference = bins[bin] + (bin == cut - 1 ? beyond : 0);
            if (reference > 0)
            {
                if (spread[bin] <= 0)
                {
                    return double.PositiveInfinity;
                }

                divergence += reference / all * Math.Log(reference / all / (spread[bin] / told));
            }
        }

        return divergence;
    }

    /// <summary>Where the line through the logarithms of counts from one bin to another falls to 0; infinite where it does not fall or there are fewer than two counts.</summary>
    private static double Regression(IReadOnlyList<long> bins, int from, int to)
    {
        double n = 0, x = 0, y = 0, xx = 0, xy = 0;
        for (int bin = from; bin < to; bin++)
        {
            if (bins[bin] > 0)
            {
                double log = Math.Log(bins[bin]);
                n++;
                x += bin;
                y += log;
                xx += (double)bin * bin;
                xy += bin * log;
            }
        }

        double slope = n < 2 ? 0 : ((n * xy) - (x * y)) / ((n * xx) - (x * x));
        return slope < 0 ? ((x / n) - (y / n / slope)) + 0.5 : double.PositiveInfinity;
    }
}
