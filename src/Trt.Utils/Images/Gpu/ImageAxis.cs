using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>One axis of one picture, as struct Axis of image.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ImageAxis
{
    public int From;
    public int To;
    public int First;
    public int Count;
    public int Taps;
    public int Unused;
    public long Start;

    /// <summary>Integers of the workspace.</summary>
    public readonly long Size => (long)Count * (2 + Taps);

    /// <param name="from">Source pixels.</param>
    /// <param name="to">Pixels after resizing.</param>
    /// <param name="offset">Where in the tensor the first of them is.</param>
    /// <param name="extent">The tensor's pixels.</param>
    /// <param name="filter">How.</param>
    public static ImageAxis For(int from, int to, int offset, int extent, ResizeFilter filter)
    {
        int first = Math.Max(0, -offset);
        double support = filter == ResizeFilter.Bilinear ? Math.Max(1, (double)from / to) : 1;
        return new ImageAxis
        {
            From = from,
            To = to,
            First = first,
            Count = Math.Min(extent, to + offset) - Math.Max(0, offset),
            Taps = filter == ResizeFilter.Nearest ? 1 : ((int)Math.Ceiling(support) * 2) + 1,
        };
    }

    /// <summary>For the nearest pixel: places, ones, and whole weights, as image.cu reads them.</summary>
    public readonly void FillNearest(Span<int> workspace)
    {
        NearestResize.FillPlaces(From, To, First, workspace.Slice((int)Start, Count));
        workspace.Slice((int)Start + Count, Count).Fill(1);
        workspace.Slice((int)Start + (2 * Count), Count).Fill(1 << BilinearResize.Precision);
    }

    public readonly bool HasWeightsOf(in ImageAxis other) => From == other.From && To == other.To && First == other.First && Count == other.Count;
}
