namespace Trt.Utils;

/// <summary>Decoding of a level on the CPU.</summary>
internal readonly unsafe struct AnchorTwin(AnchorLevel level, float threshold, int pictures, int first, int slots, int best, nint scores, nint deltas, nint boxes, nint boxScores, nint classes) : IHostTwin
{
    public void Run()
    {
        (int scoreCount, int deltaCount, int numbers) = (level.ScoreCount, level.DeltaCount, level.Coordinates);
        for (long picture = 0; picture < pictures; picture++)
        {
            long slot = (picture * slots) + first;
            Span<float> corners = new((float*)boxes + (slot * numbers), best * numbers);
            Span<float> values = new((float*)boxScores + slot, best);
            Span<int> kinds = new((int*)classes + slot, best);
            int found = AnchorDecoding.Decode(
                level, new ReadOnlySpan<float>((float*)scores + (picture * scoreCount), scoreCount), new ReadOnlySpan<float>((float*)deltas + (picture * deltaCount), deltaCount), threshold, corners, values, kinds);
            corners[(found * numbers)..].Clear();
            values[found..].Clear();
            kinds[found..].Clear();
        }
    }
}
