namespace Trt.Utils;

/// <summary>Another form of boxes, on the CPU.</summary>
internal readonly unsafe struct ConvertTwin(nint boxes, nint converted, long count, int numbers, BoxForm from, BoxForm to) : IHostTwin
{
    public void Run()
    {
        for (long i = 0; i < count; i++)
        {
            Span<float> box = new((float*)converted + (i * numbers), numbers);
            new ReadOnlySpan<float>((float*)boxes + (i * numbers), numbers).CopyTo(box);
            BoxGeometry.Convert(box, from, to);
        }
    }
}
