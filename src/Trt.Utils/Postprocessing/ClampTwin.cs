namespace Trt.Utils;

/// <summary>Edges within the picture, on the CPU.</summary>
internal readonly unsafe struct ClampTwin(nint boxes, long count, int numbers, float width, float height) : IHostTwin
{
    public void Run()
    {
        for (long i = 0; i < count; i++)
        {
            float* box = (float*)boxes + (i * numbers);
            (box[0], box[1], box[2], box[3]) = (Within(box[0], width), Within(box[1], height), Within(box[2], width), Within(box[3], height));
        }
    }

    private static float Within(float value, float most) => value < 0 ? 0 : value > most ? most : value;
}
