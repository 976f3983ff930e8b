using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Postprocessing;

/// <summary>Forms and overlaps of boxes against exact geometry, and against polygons clipped side by side.</summary>
public class BoxGeometryTests
{
    [Theory]
    [InlineData(BoxForm.Corners, new float[] { 10, 20, 40, 60 })]
    [InlineData(BoxForm.CentreAndSize, new float[] { 25, 40, 30, 40 })]
    [InlineData(BoxForm.CornerAndSize, new float[] { 10, 20, 30, 40 })]
    public void FormsAreOfOneBox(BoxForm form, float[] numbers)
    {
        (BoxForm Form, float[] Numbers)[] all = [(BoxForm.Corners, [10, 20, 40, 60]), (BoxForm.CentreAndSize, [25, 40, 30, 40]), (BoxForm.CornerAndSize, [10, 20, 30, 40])];
        foreach ((BoxForm to, float[] expected) in all)
        {
            float[] box = [.. numbers, 0.5f];
            using CudaStream stream = new(Device.Host);
            using DeviceMemory<float> memory = new(5, Device.Host), converted = new(5, Device.Host);
            memory.CopyFrom(box);
            DeviceBoxes.Convert(memory, 5, form, to, converted, stream);
            stream.Synchronize();
            Assert.Equal([.. expected, 0.5f], converted.ToArray());
        }
    }

    [Fact]
    public void UprightOverlaps()
    {
        Assert.Equal(1 / 7f, BoxGeometry.Overlap([0, 0, 2, 2], [1, 1, 3, 3]));
        Assert.Equal(1, BoxGeometry.Overlap([5, 5, 7, 9], [5, 5, 7, 9]));
        Assert.Equal(0, BoxGeometry.Overlap([0, 0, 2, 2], [2, 0, 4, 2]));
        Assert.Equal(3 / 15f, BoxGeometry.Overlap([0, 0, 2, 2], [2, 0, 4, 2], countsEndPixels: true)); // 9 pixels each, 3 of them shared
        Assert.Equal(0, BoxGeometry.Overlap([0, 0, 0, 0], [0, 0, 0, 0]));
        Assert.Equal(0, BoxGeometry.Overlap([0, 0, float.NaN, 2], [0, 0, 2, 2]));
        Assert.Equal(0, BoxGeometry.Overlap([0, 0, float.PositiveInfinity, 2], [0, 0, 2, 2]));
    }

    [Fact]
    public void SquaresTurnedByHalfARightAngleMeetInAnOctagon()
    {
        float quarter = MathF.PI / 4;
        Assert.Equal(Math.Sqrt(0.5), Overlap([7, -3, 2, 2, 0], [7, -3, 2, 2, quarter]), 1e-7);
        Assert.Equal(Math.Sqrt(0.5), Overlap([700, -300, 20, 20, 1], [700, -300, 20, 20, 1 + quarter]), 1e-6);

        // A cross of two 4 x 2 bars: 4 of 12.
        Assert.Equal(1 / 3.0, Overlap([0, 0, 4, 2, 0.3f], [0, 0, 4, 2, 0.3f + (MathF.PI / 2)]), 1e-6);

        // The corner of a turned square of side 2 reaches sqrt 2 from its middle: beyond x = 1 it is a triangle of height sqrt 2 - 1.
        double triangle = Math.Pow(Math.Sqrt(2) - 1, 2);
        Assert.Equal(triangle / (8 - triangle), Overlap([0, 0, 2, 2, quarter], [2, 0, 2, 2, 0]), 1e-7);
        Assert.Equal(1, Overlap([10, 10, 3, 5, 0.7f], [10, 10, 3, 5, 0.7f]), 1e-12);
        Assert.Equal(1, Overlap([10, 10, 3, 5, 0.7f], [10, 10, 5, 3, 0.7f - (MathF.PI / 2)]), 1e-6);
    }

    [Fact]
    public void PositiveAnglesTurnFromXTowardsY()
    {
        // A bar of 4 x 0.2 turned by 45 degrees reaches (1, 1), not (1, -1).
        float[] bar = [0, 0, 4, 0.2f, MathF.PI / 4];
        Assert.True(Overlap(bar, [1, 1, 0.2f, 0.2f, 0]) > 0);
        Assert.Equal(0, Overlap(bar, [1, -1, 0.2f, 0.2f, 0]));
    }

    [Fact]
    public void SineAndCosineMayHaveAnyLength()
    {
        float[] one = [10, 10, 30, 20, 0.6f], other = [15, 12, 33, 28, -0.4f];
        float[] oneVector = [10, 10, 30, 20, 7 * MathF.Sin(0.6f), 7 * MathF.Cos(0.6f)], otherVector = [15, 12, 33, 28, 0.1f * MathF.Sin(-0.4f), 0.1f * MathF.Cos(-0.4f)];
        Assert.Equal(BoxGeometry.Overlap(one, other, BoxForm.Corners, BoxRotation.Angle), BoxGeometry.Overlap(oneVector, otherVector, BoxForm.Corners, BoxRotation.SineCosine), 1e-6);
        Assert.Equal(1 / 7.0, BoxGeometry.Overlap([0, 0, 2, 2, 0, 0], [1, 1, 3, 3, 0, 0], BoxForm.Corners, BoxRotation.SineCosine), 1e-12);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e7f)]
    public void AnglesThatMeanNothingOverlapNothing(float angle) => Assert.Equal(0, Overlap([0, 0, 2, 2, angle], [0, 0, 2, 2, 0]));

    [Fact]
    public void BoxesWithoutAreaOverlapNothing()
    {
        Assert.Equal(0, Overlap([0, 0, 0, 2, 0.1f], [0, 0, 2, 2, 0]));
        Assert.Equal(0, Overlap([0, 0, -2, 2, 0.1f], [0, 0, 2, 2, 0]));
        Assert.Equal(0, Overlap([float.NaN, 0, 2, 2, 0.1f], [0, 0, 2, 2, 0]));
        Assert.Equal(0, Overlap([0, 0, float.PositiveInfinity, 2, 0.1f], [0, 0, 2, 2, 0]));
    }

    [Fact]
    public void OverlapsAreThoseOfPolygonsClippedSideBySide()
    {
        Random random = new(17);
        int apart = 0;
        for (int i = 0; i < 5000; i++)
        {
            float[] one = Box(random, i), other = Box(random, i);
            double expected = Clipped(one, other);
            apart += expected == 0 ? 1 : 0;
            Assert.Equal(expected, Overlap(one, other), 1e-9);
            Assert.Equal(Overlap(one, other), Overlap(other, one), 1e-12);
        }

        Assert.InRange(apart, 100, 4000);
    }

    private static float[] Box(Random random, int round)
    {
        float stretch = round % 3 == 0 ? 40 : 1; // long thin ones too
        float angle = round % 5 == 0 ? random.Next(-4, 5) * (MathF.PI / 4) : (random.NextSingle() - 0.5f) * 12;
        return [random.NextSingle() * 10, random.NextSingle() * 10, (0.5f + (random.NextSingle() * 8)) * stretch, 0.5f + (random.NextSingle() * 8), angle];
    }

    private static double Overlap(float[] one, float[] other) => BoxGeometry.Overlap(one, other, BoxForm.CentreAndSize, BoxRotation.Angle);

    /// <summary>The first polygon, cut along each side of the second in turn; areas by the cross products of neighbours.</summary>
    private static double Clipped(float[] one, float[] other)
    {
        (double X, double Y)[] first = Corners(one), second = Corners(other);
        List<(double X, double Y)> polygon = [.. first];
        for (int side = 0; side < 4 && polygon.Count > 0; side++)
        {
            (double X, double Y) from = second[side], to = second[(side + 1) % 4];
            List<(double X, double Y)> rest = [];
            for (int i = 0; i < polygon.Count; i++)
            {
                (double X, double Y) here = polygon[i], next = polygon[(i + 1) % polygon.Count];
                double now = Side(here), then = Side(next);
                if (now >= 0)
                {
                    rest.Add(here);
                }

                if ((now > 0 && then < 0) || (now < 0 && then > 0))
                {
                    double part = now / (now - then);
                    rest.Add((here.X + (part * (next.X - here.X)), here.Y + (part * (next.Y - here.Y))));
                }
            }

            polygon = rest;

            double Side((double X, double Y) point) => ((to.X - from.X) * (point.Y - from.Y)) - ((to.Y - from.Y) * (point.X - from.X));
        }

        double both = Area(polygon);
        return both / (Area(first) + Area(second) - both);
    }

    private static double Area(IReadOnlyList<(double X, double Y)> polygon) =>
        Math.Abs(Enumerable.Range(0, polygon.Count).Sum(i => (polygon[i].X * polygon[(i + 1) % polygon.Count].Y) - (polygon[(i + 1) % polygon.Count].X * polygon[i].Y))) / 2;

    private static (double X, double Y)[] Corners(float[] box)
    {
        // The sides as single precision has them, for that is what is given.
        float halfWidth = box[2] / 2, halfHeight = box[3] / 2;
        (double left, double top, double right, double bottom) = (box[0] - halfWidth, box[1] - halfHeight, box[0] + halfWidth, box[1] + halfHeight);
        (double x, double y) = ((left + right) / 2, (top + bottom) / 2);
        (double sine, double cosine) = Math.SinCos(box[4]);
        return [Turn(left, top), Turn(right, top), Turn(right, bottom), Turn(left, bottom)];

        (double X, double Y) Turn(double atX, double atY) => (x + ((atX - x) * cosine) - ((atY - y) * sine), y + ((atX - x) * sine) + ((atY - y) * cosine));
    }
}
