namespace Trt.Utils;

/// <summary>Rows by their places, on the CPU.</summary>
internal readonly unsafe struct TakeTwin(nint rows, nint places, nint taken, int count, int wanted, int width, int pictures) : IHostTwin
{
    public void Run()
    {
        for (long row = 0; row < (long)pictures * wanted; row++)
        {
            int place = ((int*)places)[row];
            Span<int> to = new((int*)taken + (row * width), width);
            if (place < 0 || place >= count)
            {
                to.Clear();
            }
            else
            {
                new ReadOnlySpan<int>((int*)rows + (((row / wanted * count) + place) * width), width).CopyTo(to);
            }
        }
    }
}
