namespace Trt.Utils;

/// <summary>Overlaps of pairs, on the CPU.</summary>
internal readonly unsafe struct OverlapTwin(nint one, nint other, nint overlaps, long count, BoxForm form, BoxRotation rotation) : IHostTwin
{
    public void Run()
    {
        int numbers = BoxGeometry.Numbers(rotation);
        for (long i = 0; i < count; i++)
        {
            ((float*)overlaps)[i] = (float)BoxGeometry.Overlap(new ReadOnlySpan<float>((float*)one + (i * numbers), numbers), new ReadOnlySpan<float>((float*)other + (i * numbers), numbers), form, rotation);
        }
    }
}
