namespace Trt.Cpu;

/// <summary>How often a tensor's magnitudes occur, in 2,048 bins of equal width.</summary>
/// <remarks>The first batch's greatest magnitude decides the width; when a later batch exceeds the range, pairs of bins are merged until it fits.</remarks>
internal sealed class TensorHistogram
{
    public const int BinCount = 2048;

    private readonly long[] bins = new long[BinCount];

    public IReadOnlyList<long> Bins => bins;

    /// <summary>Width of a bin; 0 while only zeros were seen.</summary>
    public double Width { get; private set; }

    /// <summary>The greatest magnitude seen.</summary>
    public float Greatest { get; private set; }

    /// <summary>A histogram as it was written once.</summary>
    public static TensorHistogram From(double width, float greatest, ReadOnlySpan<long> counts)
    {
        TensorHistogram histogram = new() { Width = width, Greatest = greatest };
        counts.CopyTo(histogram.bins);
        return histogram;
    }

    /// <summary>Counts the values of a batch; what is not finite is left out.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        float greatest = 0;
        foreach (float value in values)
        {
            float magnitude = Math.Abs(value);
            greatest = float.IsFinite(magnitude) && magnitude > greatest ? magnitude : greatest;
        }

        Greatest = Math.Max(Greatest, greatest);
        Width = Width == 0 ? (double)greatest / BinCount : Width;
        while (greatest > Width * BinCount)
        {
            Widen();
        }

        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                bins[Width == 0 ? 0 : (int)Math.Min(Math.Abs(value) / Width, BinCount - 1)]++;
            }
        }
    }

    private void Widen()
    {
        for (int i = 0; i < BinCount / 2; i++)
        {
            bins[i] = bins[2 * i] + bins[(2 * i) + 1];
        }

        bins.AsSpan(BinCount / 2).Clear();
        Width *= 2;
    }
}
