namespace Trt.Utils;

/// <summary>Takes the pixel under the middle of each new one.</summary>
internal static class NearestResize
{
    public static Image Apply(Image image, int width, int height)
    {
        int channels = image.Channels;
        byte[] result = new byte[checked(width * height * channels)];
        int[] columns = Places(image.Width, width);
        int[] rows = Places(image.Height, height);
        int to = 0;
        foreach (int y in rows)
        {
            ReadOnlySpan<byte> row = image.Data.Slice(y * image.Width * channels, image.Width * channels);
            foreach (int x in columns)
            {
                row.Slice(x * channels, channels).CopyTo(result.AsSpan(to));
                to += channels;
            }
        }

        return new Image(width, height, image.Format, result);
    }

    /// <summary>Pillow adds up the step, and so rounds as this does.</summary>
    private static int[] Places(int from, int to)
    {
        double step = (double)from / to;
        double at = step * 0.5;
        int[] places = new int[to];
        for (int i = 0; i < to; i++, at += step)
        {
            places[i] = Math.Min((int)at, from - 1);
        }

        return places;
    }
}
