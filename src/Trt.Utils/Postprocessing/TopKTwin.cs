namespace Trt.Utils;

/// <summary>Top-k of rows on the CPU.</summary>
internal readonly unsafe struct TopKTwin(nint scores, nint values, nint places, int rows, int width, int k) : IHostTwin
{
    public void Run()
    {
        for (long row = 0; row < rows; row++)
        {
            float* from = (float*)scores + (row * width);
            Span<int> best = new((int*)places + (row * k), k);
            HostScores.TopK(new ReadOnlySpan<float>(from, width), best);
            for (int i = 0; i < k; i++)
            {
                ((float*)values)[(row * k) + i] = from[best[i]];
            }
        }
    }
}
