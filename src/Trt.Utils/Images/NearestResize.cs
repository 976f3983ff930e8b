namespace Trt.Utils;

/// <summary>Takes the pixel under the middle of each new one.</summary>
internal static class NearestResize
{
    public static Image Apply(Image image, int width, int height)
    {
        int channels = image.Channels;
        byte[] result = new byte[checked(width * height * channels)];
        int[] columns = new int[width], rows = new int[height];
        FillPlaces(image.Width, width, 0, columns);
        FillPlaces(image.Height, height, 0, rows);
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

    /// <summary>The source pixels of some new ones. Pillow adds up the step, and so rounds as this does.</summary>
    /// <param name="from">Source pixels.</param>
    /// <param name="to">New pixels.</param>
    /// <param name="first">The first new pixel that is wanted.</param>
    /// <param name="places">Room for those that are wanted.</param>
    public static void FillPlaces(int from, int to, int first, Span<int> places)
    {
        double step = (double)from / to;
        double at = step * 0.5;
        for (int i = 0; i < first; i++)
        {
            at += step;
        }

        for (int i = 0; i < places.Length; i++, at += step)
        {
            places[i] = Math.Min((int)at, from - 1);
        }
    }
}
