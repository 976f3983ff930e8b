using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Resized tensors and sampled volumes, against their formulas.</summary>
[Collection(RtxCollection.Name)]
public sealed class SamplingTests
{
    private static readonly float[] Volume = [.. Enumerable.Range(0, 18).Select(i => (float)((i * 7) % 11))];

    [Theory]
    [InlineData(InterpolationMode.Linear)]
    [InlineData(InterpolationMode.Cubic)]
    public void A_line_is_resized(InterpolationMode mode)
    {
        float[] line = [1, 4, 2, 8];
        float[] expected = [.. Enumerable.Range(0, 7).Select(at => (float)Interpolate(line, ((at + 0.5) * 4 / 7) - 0.5, mode))];
        new LayerCheck((network, _) =>
        {
            IResizeLayer resize = network.AddResize(network.AddInput("x", DataType.Float, [4]));
            resize.OutputDimensions = [7];
            resize.ResizeMode = mode;
            resize.CoordinateTransformation = ResizeCoordinateTransformation.HalfPixel;
            return [resize.GetOutput(0)];
        })
        .Feed("x", [4], line).Expect([7], expected, 1e-4).Run();
    }

    [Fact]
    public void Three_axes_with_channels_are_resized_one_after_the_other()
    {
        // (2, 3, 3) to (4, 3, 6), corners on corners; the middle axis stays.
        float[] expected = new float[4 * 3 * 6];
        for (int i = 0; i < expected.Length; i++)
        {
            (int c, int h, int w) = (i / 18, i / 6 % 3, i % 6);
            float[] rows = [.. Enumerable.Range(0, 2).Select(channel => (float)Interpolate(Volume[((channel * 9) + (h * 3))..((channel * 9) + (h * 3) + 3)], w * 2.0 / 5, InterpolationMode.Linear))];
            expected[i] = (float)Interpolate(rows, c / 3.0, InterpolationMode.Linear);
        }

        new LayerCheck((network, _) =>
        {
            IResizeLayer resize = network.AddResize(network.AddInput("x", DataType.Float, [1, 2, 3, 3]));
            resize.OutputDimensions = [1, 4, 3, 6];
            resize.ResizeMode = InterpolationMode.Linear;
            resize.CoordinateTransformation = ResizeCoordinateTransformation.AlignCorners;
            return [resize.GetOutput(0)];
        })
        .Feed("x", [1, 2, 3, 3], Volume).Expect([1, 4, 3, 6], expected, 1e-4).Run();
    }

    [Fact]
    public void The_upper_pixel_stands_for_a_single_one() => new LayerCheck((network, _) =>
        {
            IResizeLayer resize = network.AddResize(network.AddInput("x", DataType.Float, [1, 1, 3, 3]));
            resize.OutputDimensions = [1, 1, 1, 1];
            resize.ResizeMode = InterpolationMode.Linear;
            resize.CoordinateTransformation = ResizeCoordinateTransformation.HalfPixel;
            resize.SelectorForSinglePixel = ResizeSelector.Upper;
            return [resize.GetOutput(0)];
        })
        .Feed("x", [1, 1, 3, 3], Volume[..9]).Expect([1, 1, 1, 1], new[] { Volume[0] }).Run();

    [Theory]
    [InlineData(ResizeRoundMode.HalfUp, new float[] { 10, 20, 20, 20 })]
    [InlineData(ResizeRoundMode.HalfDown, new float[] { 10, 10, 20, 20 })]
    public void Halves_are_rounded_as_wanted(ResizeRoundMode rounding, float[] expected)
    {
        // The places of the four elements are 0, 1/2, 1 and 3/2 in the two.
        float[] pair = [10, 20];
        new LayerCheck((network, _) =>
        {
            IResizeLayer resize = network.AddResize(network.AddInput("x", DataType.Float, [2]));
            resize.SetScales([2]);
            resize.CoordinateTransformation = ResizeCoordinateTransformation.Asymmetric;
            resize.NearestRounding = rounding;
            return [resize.GetOutput(0)];
        })
        .Feed("x", [2], pair).Expect([4], expected).Run();
    }

    [Theory]
    [InlineData(InterpolationMode.Nearest, SampleMode.Clamp, true)]
    [InlineData(InterpolationMode.Linear, SampleMode.Fill, false)]
    [InlineData(InterpolationMode.Linear, SampleMode.Reflect, true)]
    [InlineData(InterpolationMode.Cubic, SampleMode.Clamp, false)]
    public void A_volume_is_sampled_along_its_depth(InterpolationMode interpolation, SampleMode mode, bool alignCorners)
    {
        // One column of 4 voxels; the grid moves along z, beyond both ends.
        float[] column = [3, 1, 7, 5];
        float[] heights = [-1.4f, -0.7f, 0.1f, 0.8f, 1.3f];
        float[] grid = [.. heights.SelectMany(z => new[] { 0, 0, z })];
        float[] expected = [.. heights.Select(z => (float)Sample(column, alignCorners ? (z + 1) / 2 * 3.0 : (((z + 1) * 4) - 1) / 2.0, interpolation, mode))];
        new LayerCheck((network, _) =>
        {
            IGridSampleLayer layer = network.AddGridSample(network.AddInput("x", DataType.Float, [1, 1, 4, 1, 1]), network.AddInput("g", DataType.Float, [1, 5, 1, 1, 3]));
            layer.InterpolationMode = interpolation;
            layer.SampleMode = mode;
            layer.AlignCorners = alignCorners;
            return [layer.GetOutput(0)];
        })
        .Feed("x", [1, 1, 4, 1, 1], column).Feed("g", [1, 5, 1, 1, 3], grid).Expect([1, 1, 5, 1, 1], expected, 1e-4).Run();
    }

    private static double Sample(float[] line, double at, InterpolationMode interpolation, SampleMode mode)
    {
        if (mode == SampleMode.Fill)
        {
            // Zeros around do what filling does.
            return Interpolate([0, 0, 0, .. line, 0, 0, 0], at + 3, interpolation);
        }

        double place = mode == SampleMode.Clamp ? Math.Clamp(at, 0, line.Length - 1) : Math.Abs(at) is var way && way > line.Length - 1 ? (2 * (line.Length - 1)) - way : way;
        return Interpolate(line, interpolation == InterpolationMode.Cubic ? at : place, interpolation);
    }

    private static double Interpolate(float[] line, double at, InterpolationMode mode)
    {
        double Read(double index) => line[(int)Math.Clamp(index, 0, line.Length - 1)];
        double floor = Math.Floor(at);
        double t = at - floor;
        return mode switch
        {
            InterpolationMode.Nearest => Read(Math.Round(at)),
            InterpolationMode.Linear => (Read(floor) * (1 - t)) + (Read(floor + 1) * t),
            _ => Enumerable.Range(-1, 4).Sum(tap => Read(floor + tap) * Keys(Math.Abs(t - tap))),
        };
    }

    /// <summary>Keys' cubic kernel with -0.75.</summary>
    private static double Keys(double x) => x <= 1 ? (1.25 * x * x * x) - (2.25 * x * x) + 1 : (-0.75 * x * x * x) + (3.75 * x * x) - (6 * x) + 3;
}
