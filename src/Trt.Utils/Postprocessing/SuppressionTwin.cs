namespace Trt.Utils;

/// <summary>Suppression of a batch on the CPU.</summary>
internal readonly unsafe struct SuppressionTwin(BoxSuppression suppression, nint boxes, nint scores, nint classes, nint kept, nint counts) : IHostTwin
{
    public void Run()
    {
        (int count, int most, int numbers) = (suppression.Boxes, suppression.Kept, BoxGeometry.Numbers(suppression.Rule.Rotation));
        for (long picture = 0; picture < suppression.Pictures; picture++)
        {
            long first = picture * count;
            Span<int> places = new((int*)kept + (picture * most), most);
            ReadOnlySpan<int> kinds = classes == 0 ? [] : new((int*)classes + first, count);
            int found = BoxSuppression.Suppress(
                new ReadOnlySpan<float>((float*)boxes + (first * numbers), checked(count * numbers)), new ReadOnlySpan<float>((float*)scores + first, count), kinds, suppression.Rule, places, suppression.Candidates);
            places[found..].Fill(-1);
            ((int*)counts)[picture] = found;
        }
    }
}
