using Trt.Interop;

namespace Trt.Lite.Tests.Postprocessing;

/// <summary>Operations on scores, with numbers worked out by hand; and that they allocate nothing.</summary>
public class ScoresTests
{
    [Fact]
    public void Argmax_is_the_first_of_the_greatest()
    {
        Assert.Equal(1, Scores.Argmax<float>([1, 5, 5, 2]));
        Assert.Equal(0, Scores.Argmax<float>([-3]));
        Assert.Equal(2, Scores.Argmax<float>([1, 5, float.NaN, 7]));
        Assert.Equal(1, Scores.Argmax<long>([(1L << 53) + 0, (1L << 53) + 1]));
        Assert.Throws<ArgumentException>(() => Scores.Argmax<float>([]));
        Span<int> best = stackalloc int[2];
        Scores.Argmax<float>([1, 2, 3, 6, 5, 4], 3, best);
        Assert.Equal([2, 0], best.ToArray());
        Assert.Throws<ArgumentException>(() => Scores.Argmax<float>([1, 2, 3], 2, new int[1]));
    }

    [Fact]
    public void Softmax_sums_to_one_and_does_not_overflow()
    {
        float[] result = new float[3];
        Scores.Softmax([0, MathF.Log(2), MathF.Log(5)], result);
        Equal([0.125f, 0.25f, 0.625f], result);
        Scores.Softmax([1000, 1000, float.NegativeInfinity], result);
        Equal([0.5f, 0.5f, 0], result);

        float[] rows = new float[4];
        Scores.Softmax([0, 0, 0, MathF.Log(3)], 2, rows);
        Equal([0.5f, 0.5f, 0.25f, 0.75f], rows);

        // Two classes at three pixels, along the classes; and the same in place.
        float[] planes = [0, 0, 1000, 0, MathF.Log(3), 1000];
        Scores.Softmax(planes, 2, 3, planes);
        Equal([0.5f, 0.25f, 0.5f, 0.5f, 0.75f, 0.5f], planes);
        Assert.Throws<ArgumentException>(() => Scores.Softmax([1, 2, 3], new float[2]));
    }

    [Fact]
    public void TopK_is_in_falling_order_and_the_first_of_equal_ones_comes_first()
    {
        Span<int> places = stackalloc int[4];
        Assert.Equal(4, Scores.TopK<float>([1, 7, 3, 7, 9, 0], places));
        Assert.Equal([4, 1, 3, 2], places.ToArray());
        Assert.Equal(2, Scores.TopK<float>([1, 2], places));
        Assert.Equal([1, 0], places[..2].ToArray());
        Assert.Equal(0, Scores.TopK<float>([1, 2], []));
        Assert.Equal(4, Scores.TopK<float>([1, float.NaN, 2, 3], places));
        Assert.Equal([1, 3, 2, 0], places.ToArray());

        // Against sorting, with many equal scores.
        Random random = new(3);
        for (int round = 0; round < 200; round++)
        {
            float[] scores = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (float)random.Next(8))];
            int[] expected = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(5)];
            int[] found = new int[5];
            int count = Scores.TopK<float>(scores, found);
            Assert.Equal(expected, found[..count]);
        }
    }

    [Fact]
    public void AtLeast_finds_all_that_reach_the_threshold()
    {
        int[] places = new int[2];
        Assert.Equal(3, Scores.AtLeast([0.5f, 0.49f, 0.9f, float.NaN, 0.5f], 0.5f, places));
        Assert.Equal([0, 2], places);
    }

    [Fact]
    public void Boxes_that_overlap_a_better_one_are_dropped()
    {
        // 10 x 10 at 0; moved by 5 (overlap 50 / 150); moved by 2 (80 / 120); far away.
        float[] boxes = [0, 0, 10, 10, 5, 0, 15, 10, 2, 0, 12, 10, 100, 100, 110, 110];
        float[] scores = [0.9f, 0.8f, 0.7f, 0.6f];
        Assert.Equal(50f / 150, Boxes.Overlap(boxes.AsSpan(0, 4), boxes.AsSpan(4, 4)), 6);
        Assert.Equal([0, 1, 3], Suppress(boxes, scores, [], 0.5f));
        Assert.Equal([0, 3], Suppress(boxes, scores, [], 0.3f));
        Assert.Equal([0, 1, 2, 3], Suppress(boxes, scores, [], 1));
        Assert.Equal([0, 1, 2, 3], Suppress(boxes, scores, [0, 1, 2, 0], 0.3f));
        Assert.Equal([3, 1, 0], Suppress(boxes, [0.1f, 0.5f, float.NaN, 2], [], 0.5f));
        Assert.Equal([1, 2, 3, 0], Suppress(boxes, [-2, 0.5f, -0f, -1], [], 1));
        int[] one = new int[1];
        Assert.Equal(1, Boxes.Suppress(boxes, scores, [], 0.5f, one));
        Assert.Throws<ArgumentException>(() => Boxes.Suppress(boxes, [1, 2], [], 0.5f, one));
    }

    [Fact]
    public void Suppression_is_the_textbooks()
    {
        Random random = new(11);
        for (int round = 0; round < 100; round++)
        {
            int count = random.Next(0, 40);
            float[] boxes = new float[4 * count];
            float[] scores = new float[count];
            int[] classes = new int[count];
            for (int i = 0; i < count; i++)
            {
                (float x, float y) = (random.Next(20), random.Next(20));
                (boxes[4 * i], boxes[(4 * i) + 1], boxes[(4 * i) + 2], boxes[(4 * i) + 3]) = (x, y, x + random.Next(1, 12), y + random.Next(1, 12));
                (scores[i], classes[i]) = (random.Next(10) / 10f, random.Next(3));
            }

            List<int> left = [.. Enumerable.Range(0, count).OrderByDescending(i => scores[i]).ThenBy(i => i)];
            List<int> expected = [];
            while (left.Count > 0)
            {
                int best = left[0];
                expected.Add(best);
                left.RemoveAll(i => i == best || (classes[i] == classes[best] && Union(i, best) > 0.4));
            }

            Assert.Equal(expected, Suppress(boxes, scores, classes, 0.4f));

            double Union(int a, int b)
            {
                double both = Math.Max(0, Math.Min(boxes[(4 * a) + 2], boxes[(4 * b) + 2]) - Math.Max(boxes[4 * a], boxes[4 * b]))
                    * Math.Max(0, Math.Min(boxes[(4 * a) + 3], boxes[(4 * b) + 3]) - Math.Max(boxes[(4 * a) + 1], boxes[(4 * b) + 1]));
                return both / (Area(a) + Area(b) - both);
            }

            double Area(int a) => (boxes[(4 * a) + 2] - boxes[4 * a]) * (boxes[(4 * a) + 3] - boxes[(4 * a) + 1]);
        }
    }

    [Theory]
    [InlineData(BoxFormat.Corners, 2, 3, 10, 20, 2, 3, 10, 20)]
    [InlineData(BoxFormat.CentreAndSize, 2, 3, 10, 20, -3, -7, 7, 13)]
    [InlineData(BoxFormat.CornerAndSize, 2, 3, 10, 20, 2, 3, 12, 23)]
    public void Boxes_of_all_forms_become_corners(BoxFormat format, float a, float b, float c, float d, float left, float top, float right, float bottom)
    {
        float[] box = [a, b, c, d];
        Boxes.ToCorners(box, format);
        Assert.Equal([left, top, right, bottom], box);
    }

    [Fact]
    public void Class_maps_have_the_best_class_at_each_pixel()
    {
        float[] scores = new float[3 * 700];
        for (int pixel = 0; pixel < 700; pixel++)
        {
            scores[(pixel % 3 * 700) + pixel] = 1;
        }

        byte[] map = new byte[700];
        ClassMap.Argmax(scores, 3, map);
        Assert.Equal(Enumerable.Range(0, 700).Select(i => (byte)(i % 3)), map);
        Assert.Throws<ArgumentException>(() => ClassMap.Argmax(scores, 4, map));
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        float[] scores = [.. Enumerable.Range(0, 4000).Select(i => MathF.Sin(i) * 10)];
        float[] boxes = [.. Enumerable.Range(0, 1000).SelectMany(i => new[] { i % 37f, i % 41f, (i % 37f) + 9, (i % 41f) + 8 })];
        float[] room = new float[4000];
        int[] places = new int[1000];
        byte[] map = new byte[1000];
        (Dims planes, Dims flat) = ([4, 1000], [4000]);
        long before = 0;
        for (int round = 0; round < 5; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            Scores.Softmax(scores, room);
            Scores.Softmax(scores, 4, 1000, room);
            Scores.Argmax<float>(scores);
            Scores.TopK<float>(scores, places.AsSpan(0, 5));
            Scores.AtLeast(scores, 1, places);
            Boxes.Suppress(boxes, scores.AsSpan(0, 1000), [], 0.5f, places);
            ClassMap.Argmax(scores, 4, map);
            Post.Softmax.Apply(scores, planes, room);
            Post.Argmax.Apply(scores, flat);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int[] Suppress(float[] boxes, float[] scores, int[] classes, float threshold)
    {
        int[] kept = new int[scores.Length];
        return kept[..Boxes.Suppress(boxes, scores, classes, threshold, kept)];
    }

    private static void Equal(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], found[i], 1e-6f));
    }
}
