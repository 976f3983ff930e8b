using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Postprocessing;

/// <summary>Suppression through the API of devices, on the stand-in in host memory, against hand-made cases and the definition itself.</summary>
public class SuppressionTests
{
    private static readonly float[] Row = [0, 0, 10, 10, 1, 0, 11, 10, 20, 0, 30, 10, 2, 0, 12, 10];

    [Fact]
    public void ABoxThatOverlapsABetterOneGoes()
    {
        // Overlaps with the first: 9/11, 0, 8/12; of the second and fourth 9/11.
        Check([2, 0, -1], [2], Run(Row, [0.8f, 0.7f, 0.9f, 0.6f], null, 1, 3, new SuppressionRule(0.5f)));
        Check([2, 0, 3], [3], Run(Row, [0.8f, 0.7f, 0.9f, 0.6f], null, 1, 3, new SuppressionRule(0.7f)));
        Check([2, 1, -1], [2], Run(Row, [0.7f, 0.8f, 0.9f, 0.6f], null, 1, 3, new SuppressionRule(0.5f))); // the second drops both neighbours
        Check([2, 0, 1, 3], [4], Run(Row, [0.8f, 0.7f, 0.9f, 0.6f], null, 1, 4, new SuppressionRule(9 / 11f)));
    }

    [Fact]
    public void ClassesAreApartUnlessAskedFor()
    {
        float[] scores = [0.8f, 0.7f, 0.9f, 0.6f];
        Check([2, 0, 1, -1], [3], Run(Row, scores, [0, 1, 0, 1], 1, 4, new SuppressionRule(0.5f)));
        Check([2, 0, -1, -1], [2], Run(Row, scores, [0, 1, 0, 1], 1, 4, new SuppressionRule(0.5f, AcrossClasses: true)));
    }

    [Fact]
    public void ScoresHaveToExceedTheThresholdAndBeNumbers()
    {
        Check([3, -1, -1, -1], [1], Run(Row, [0.5f, float.NaN, 0.25f, 0.75f], null, 1, 4, new SuppressionRule(0.5f, 0.5f)));
        Check([0, 2, -1, -1], [2], Run(Row, [0.5f, float.NaN, float.NegativeInfinity, 0.5f], null, 1, 4, new SuppressionRule(0.5f))); // of equal scores the first
        Check([-1], [0], Run(Row, [0, 0, 0, 0], null, 1, 1, new SuppressionRule(0.5f, 0)));
    }

    [Fact]
    public void OnlyTheBestAreCompared() =>
        Check([2, 0, -1], [2], Run(Row, [0.8f, 0.7f, 0.9f, 0.6f], null, 1, 3, new SuppressionRule(1), candidates: 2));

    [Fact]
    public void PicturesOfABatchAreApart() =>
        Check([2, 0, -1, 3, 2, -1], [2, 2], Run([.. Row, .. Row], [0.8f, 0.7f, 0.9f, 0.6f, 0.1f, 0.2f, 0.3f, 0.4f], null, 2, 3, new SuppressionRule(0.5f)));

    [Fact]
    public void FormsAndEndPixels()
    {
        // Two boxes of 10 x 10 that share 5 columns: 50 of 150, and 6 · 11 of 2 · 121 − 66 with end pixels.
        float[] boxes = [5, 5, 10, 10, 10, 5, 10, 10];
        Assert.Equal([2], Run(boxes, [2, 1], null, 1, 2, new SuppressionRule(0.34f, Form: BoxForm.CentreAndSize)).Counts);
        Assert.Equal([1], Run(boxes, [2, 1], null, 1, 2, new SuppressionRule(0.33f, Form: BoxForm.CentreAndSize)).Counts);
        Assert.Equal([1], Run(boxes, [2, 1], null, 1, 2, new SuppressionRule(0.37f, Form: BoxForm.CornerAndSize, CountsEndPixels: true)).Counts);
        Assert.Equal([2], Run(boxes, [2, 1], null, 1, 2, new SuppressionRule(0.38f, Form: BoxForm.CornerAndSize, CountsEndPixels: true)).Counts);
    }

    [Fact]
    public void TurnedBoxesAreJudgedByTheirOwnShape()
    {
        // A square and itself turned by 45 degrees: 0.7071. Upright they would be one.
        float[] boxes = [0, 0, 2, 2, 0, 0, 0, 2, 2, MathF.PI / 4];
        Assert.Equal([2], Run(boxes, [2, 1], null, 1, 2, new SuppressionRule(0.7072f, Form: BoxForm.CentreAndSize, Rotation: BoxRotation.Angle)).Counts);
        Assert.Equal([1], Run(boxes, [2, 1], null, 1, 2, new SuppressionRule(0.707f, Form: BoxForm.CentreAndSize, Rotation: BoxRotation.Angle)).Counts);
    }

    /// <summary>By the definition: in falling order, a box stays unless one that stays overlaps it by more; overlaps in double precision.</summary>
    [Theory]
    [InlineData(400, 0.5)]
    [InlineData(400, 0.1)]
    [InlineData(65, 0.9)]
    public void ManyBoxesByTheDefinition(int count, double threshold)
    {
        Random random = new(count);
        float[] boxes = [.. Enumerable.Range(0, count).SelectMany(_ =>
        {
            (float x, float y) = (random.NextSingle() * 100, random.NextSingle() * 100);
            return (float[])[x, y, x + 5 + (random.NextSingle() * 40), y + 5 + (random.NextSingle() * 40)];
        })];
        float[] scores = [.. Enumerable.Range(0, count).Select(_ => random.Next(50) / 50f)];
        int[] classes = [.. Enumerable.Range(0, count).Select(_ => random.Next(3))];
        List<int> stay = [];
        foreach (int box in Enumerable.Range(0, count).Where(i => scores[i] > 0.2f).OrderByDescending(i => scores[i]))
        {
            if (!stay.Exists(other => classes[other] == classes[box] && Overlap(boxes.AsSpan(4 * other, 4), boxes.AsSpan(4 * box, 4)) > threshold))
            {
                stay.Add(box);
            }
        }

        (int[] kept, int[] counts) = Run(boxes, scores, classes, 1, count, new SuppressionRule((float)threshold, 0.2f));
        Assert.Equal([stay.Count], counts);
        Assert.Equal(stay, kept.Take(stay.Count));
        Assert.All(kept.Skip(stay.Count), place => Assert.Equal(-1, place));
    }

    [Fact]
    public void RowsAreTakenByTheirPlaces()
    {
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> rows = new(12, Device.Host), taken = new(8, Device.Host);
        using DeviceMemory<int> places = new(4, Device.Host);
        rows.CopyFrom([.. Enumerable.Range(0, 12).Select(i => (float)i)]);
        places.CopyFrom([2, -1, 0, 7]);
        DeviceBoxes.TakeRows(rows, places, 2, 2, taken, stream);
        stream.Synchronize();
        Assert.Equal([4, 5, 0, 0, 6, 7, 0, 0], taken.ToArray());
        using DeviceMemory<long> wide = new(4, Device.Host);
        Assert.Throws<ArgumentException>(() => DeviceBoxes.TakeRows(wide, places, 1, 1, wide, stream));
    }

    [Fact]
    public void RulesThatCannotBeMeantAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BoxSuppression(1, 10, 5, new SuppressionRule(1.5f)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BoxSuppression(1, 10, 5, new SuppressionRule(float.NaN)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BoxSuppression(1, 10, 5, new SuppressionRule(0.5f), BoxSuppression.MaxCandidates + 1));
        Assert.Throws<ArgumentException>(() => new BoxSuppression(1, 10, 5, new SuppressionRule(0.5f, Rotation: BoxRotation.Angle, CountsEndPixels: true)));
        Assert.Throws<ArgumentException>(() => BoxSuppression.Suppress(new float[8], new float[3], [], new SuppressionRule(0.5f), new int[3]));
    }

    private static void Check(int[] kept, int[] counts, (int[] Kept, int[] Counts) actual)
    {
        Assert.Equal(kept, actual.Kept);
        Assert.Equal(counts, actual.Counts);
    }

    private static double Overlap(Span<float> one, Span<float> other)
    {
        double width = Math.Max(0, Math.Min((double)one[2], other[2]) - Math.Max(one[0], other[0])), height = Math.Max(0, Math.Min((double)one[3], other[3]) - Math.Max(one[1], other[1]));
        return width * height / ((((double)one[2] - one[0]) * ((double)one[3] - one[1])) + (((double)other[2] - other[0]) * ((double)other[3] - other[1])) - (width * height));
    }

    private static (int[] Kept, int[] Counts) Run(float[] boxes, float[] scores, int[]? classes, int pictures, int most, SuppressionRule rule, int? candidates = null)
    {
        BoxSuppression suppression = new(pictures, scores.Length / pictures, most, rule, candidates);
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> boxMemory = new(boxes.Length, Device.Host), scoreMemory = new(scores.Length, Device.Host);
        using DeviceMemory<int> classMemory = new(scores.Length, Device.Host), kept = new(pictures * most, Device.Host), counts = new(pictures, Device.Host);
        using DeviceMemory<byte> workspace = new(suppression.WorkspaceBytes, Device.Host);
        boxMemory.CopyFrom(boxes);
        scoreMemory.CopyFrom(scores);
        classMemory.CopyFrom(classes);
        suppression.Run(boxMemory, scoreMemory, classes is null ? null : classMemory, kept, counts, workspace, stream);
        stream.Synchronize();
        return (kept.ToArray(), counts.ToArray());
    }
}
