using System.Globalization;
using System.Text;

namespace Trt.Cpu;

/// <summary>The histograms of a legacy calibration, to be kept by the calibrator: text of the CPU runtime's own, which other runtimes cannot read.</summary>
/// <remarks>First line <see cref="Head"/>; then for each tensor its name, and on the next line width, greatest magnitude and the bins that are not empty.</remarks>
internal static class HistogramCache
{
    private const string Head = "Trt.Cpu histograms 1";

    public static byte[] Write(IEnumerable<(string Tensor, TensorHistogram Histogram)> histograms)
    {
        StringBuilder text = new(Head + "\n");
        foreach ((string tensor, TensorHistogram histogram) in histograms)
        {
            text.Append(CultureInfo.InvariantCulture, $"{tensor}\n{histogram.Width:R} {histogram.Greatest:R}");
            foreach ((int bin, long count) in histogram.Bins.Index().Where(entry => entry.Item > 0))
            {
                text.Append(CultureInfo.InvariantCulture, $" {bin}:{count}");
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <exception cref="FormatException">The bytes are no histograms of the CPU runtime.</exception>
    public static Dictionary<string, TensorHistogram> Read(ReadOnlySpan<byte> bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        if (lines[0] != Head)
        {
            throw new FormatException("the histograms were not written by this version of the CPU runtime");
        }

        Dictionary<string, TensorHistogram> result = new(StringComparer.Ordinal);
        for (int i = 1; i + 1 < lines.Length; i += 2)
        {
            string[] words = lines[i + 1].Split(' ');
            long[] counts = new long[TensorHistogram.BinCount];
            foreach (string word in words.Skip(2))
            {
                int colon = word.IndexOf(':', StringComparison.Ordinal);
                if (colon < 1 || !int.TryParse(word.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out int bin) || bin >= counts.Length
                    || !long.TryParse(word.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out counts[bin]))
                {
                    throw new FormatException($"the histogram of {lines[i]} has a damaged bin \"{word}\"");
                }
            }

            result[lines[i]] = words.Length > 1 && double.TryParse(words[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double width)
                && float.TryParse(words[1], NumberStyles.Float, CultureInfo.InvariantCulture, out float greatest)
                ? TensorHistogram.From(width, greatest, counts)
                : throw new FormatException($"the histogram of {lines[i]} has no width");
        }

        return result;
    }
}
