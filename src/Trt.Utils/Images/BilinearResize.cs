namespace Trt.Utils;

/// <summary>Bilinear resizing in fixed point, rows first; antialiased it is Pillow's arithmetic, so that results are the same to the bit.</summary>
internal static class BilinearResize
{
    /// <summary>Bits behind the point of a weight: 32 less 8 of the pixel less 2 for sign and overflow.</summary>
    public const int Precision = 22;

    public static Image Apply(Image image, int width, int height, bool isAntialiased)
    {
        bool alpha = image.Format == PixelFormat.Rgba32;
        byte[] pixels = alpha ? Premultiply(image.Data) : image.Data.ToArray();
        int channels = image.Channels;
        if (width != image.Width)
        {
            pixels = Horizontal(pixels, image.Width, image.Height, channels, Weights.For(image.Width, width, isAntialiased));
        }

        if (height != image.Height)
        {
            pixels = Vertical(pixels, width * channels, Weights.For(image.Height, height, isAntialiased));
        }

        if (alpha)
        {
            Unmultiply(pixels);
        }

        return new Image(width, height, image.Format, pixels);
    }

    private static byte[] Horizontal(byte[] source, int width, int height, int channels, Weights weights)
    {
        byte[] result = new byte[checked(weights.Count * height * channels)];
        int to = 0;
        for (int y = 0; y < height; y++)
        {
            int row = y * width * channels;
            for (int x = 0; x < weights.Count; x++)
            {
                ReadOnlySpan<int> factors = weights.Of(x, out int first);
                for (int channel = 0; channel < channels; channel++)
                {
                    int sum = 1 << (Precision - 1);
                    int from = row + (first * channels) + channel;
                    foreach (int factor in factors)
                    {
                        sum += source[from] * factor;
                        from += channels;
                    }

                    result[to++] = Clip(sum);
                }
            }
        }

        return result;
    }

    private static byte[] Vertical(byte[] source, int stride, Weights weights)
    {
        byte[] result = new byte[checked(weights.Count * stride)];
        int[] sums = new int[stride];
        for (int y = 0; y < weights.Count; y++)
        {
            sums.AsSpan().Fill(1 << (Precision - 1));
            ReadOnlySpan<int> factors = weights.Of(y, out int first);
            for (int i = 0; i < factors.Length; i++)
            {
                ReadOnlySpan<byte> row = source.AsSpan((first + i) * stride, stride);
                int factor = factors[i];
                for (int x = 0; x < row.Length; x++)
                {
                    sums[x] += row[x] * factor;
                }
            }

            Span<byte> target = result.AsSpan(y * stride, stride);
            for (int x = 0; x < target.Length; x++)
            {
                target[x] = Clip(sums[x]);
            }
        }

        return result;
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> Precision, 0, 255);

    private static byte[] Premultiply(ReadOnlySpan<byte> rgba)
    {
        byte[] result = rgba.ToArray();
        for (int i = 0; i < result.Length; i += 4)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                int product = (result[i + channel] * result[i + 3]) + 128;
                result[i + channel] = (byte)(((product >> 8) + product) >> 8);
            }
        }

        return result;
    }

    private static void Unmultiply(byte[] rgba)
    {
        for (int i = 0; i < rgba.Length; i += 4)
        {
            int alpha = rgba[i + 3];
            for (int channel = 0; alpha is not (0 or 255) && channel < 3; channel++)
            {
                rgba[i + channel] = (byte)Math.Min(255, 255 * rgba[i + channel] / alpha);
            }
        }
    }

    /// <summary>For each new pixel of a row or column: the first old one that counts, and the weights from there on.</summary>
    private sealed class Weights(int[] first, int[] factors, int most)
    {
        private readonly int[] used = new int[first.Length];

        public int Count => first.Length;

        public static Weights For(int from, int to, bool isAntialiased)
        {
            double scale = (double)from / to;
            double filterScale = isAntialiased ? Math.Max(scale, 1) : 1;

            // The triangle of a bilinear filter reaches one pixel to either side, and is widened when shrinking (antialiased).
            double support = filterScale;
            int most = ((int)Math.Ceiling(support) * 2) + 1;
            Weights weights = new(new int[to], new int[to * most], most);
            double[] values = new double[most];
            for (int i = 0; i < to; i++)
            {
                weights.Fill(i, (i + 0.5) * scale, support, 1 / filterScale, from, values);
            }

            return weights;
        }

        public ReadOnlySpan<int> Of(int i, out int start)
        {
            start = first[i];
            return factors.AsSpan(i * most, used[i]);
        }

        private void Fill(int i, double centre, double support, double shrink, int size, double[] values)
        {
            int low = Math.Max(0, (int)(centre - support + 0.5));
            int count = Math.Min(size, (int)(centre + support + 0.5)) - low;
            double sum = 0;
            for (int x = 0; x < count; x++)
            {
                values[x] = Math.Max(0, 1 - Math.Abs((x + low - centre + 0.5) * shrink));
                sum += values[x];
            }

            for (int x = 0; x < count; x++)
            {
                double value = sum == 0 ? values[x] : values[x] / sum;
                factors[(i * most) + x] = (int)((value * (1 << Precision)) + 0.5);
            }

            first[i] = low;
            used[i] = count;
        }
    }
}
