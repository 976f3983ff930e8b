using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Slices of all modes, with numbers that are set, constant, or computed from shapes.</summary>
[Collection(RtxCollection.Name)]
public sealed class SliceTests
{
    private static readonly float[] Five = [10, 11, 12, 13, 14];

    [Theory]
    [InlineData(SampleMode.Clamp, -7, 3)]
    [InlineData(SampleMode.Wrap, -7, 3)]
    [InlineData(SampleMode.Reflect, -7, 3)]
    [InlineData(SampleMode.Reflect, 9, -2)]
    [InlineData(SampleMode.Wrap, 8, -4)]
    [InlineData(SampleMode.Fill, -3, 2)]
    public void Places_outside_read_what_the_mode_says(SampleMode mode, int start, int stride)
    {
        float[] expected = [.. Enumerable.Range(0, 6).Select(i => start + (i * stride)).Select(at => mode switch
        {
            SampleMode.Clamp => Five[Math.Clamp(at, 0, 4)],
            SampleMode.Wrap => Five[((at % 5) + 5) % 5],
            SampleMode.Reflect => Five[Math.Min(Math.Abs(at) % 8, 8 - (Math.Abs(at) % 8))],
            _ => at is >= 0 and < 5 ? Five[at] : 0,
        })];
        new LayerCheck((network, _) =>
        {
            ISliceLayer slice = network.AddSlice(network.AddInput("x", DataType.Float, [5]), [start], [6], [stride]);
            slice.Mode = mode;
            return [slice.GetOutput(0)];
        })
        .Feed("x", [5], Five).Expect([6], expected).Run();
    }

    [Fact]
    public void Another_value_fills_a_tensor_of_half_precision() => new LayerCheck((network, weights) =>
        {
            ISliceLayer slice = network.AddSlice(network.AddInput("x", DataType.Half, [2, 2]), [-1, 0], [3, 3], [1, 1]);
            slice.Mode = SampleMode.Fill;
            slice.SetInput(4, network.AddConstant([], weights(new[] { (Half)7 })).GetOutput(0));
            return [slice.GetOutput(0)];
        })
        .Feed("x", [2, 2], new[] { (Half)1, (Half)2, (Half)3, (Half)4 })
        .Expect([3, 3], new[] { (Half)7, (Half)7, (Half)7, (Half)1, (Half)2, (Half)7, (Half)3, (Half)4, (Half)7 })
        .Run();

    [Fact]
    public void Booleans_are_filled_with_false() => new LayerCheck((network, _) =>
        {
            ISliceLayer slice = network.AddSlice(network.AddInput("x", DataType.Bool, [2]), [-1], [4], [1]);
            slice.Mode = SampleMode.Fill;
            return [slice.GetOutput(0)];
        })
        .Feed("x", [2], new[] { true, true }).Expect([4], new[] { false, true, true, false }).Run();

    [Fact]
    public void Axes_given_as_a_tensor_count_from_the_end() => new LayerCheck((network, weights) =>
        {
            ISliceLayer slice = network.AddSlice(network.AddInput("x", DataType.Int32, [2, 3]), [1], [2], [1]);
            slice.SetInput(5, network.AddConstant([1], weights(new long[] { -1 })).GetOutput(0));
            return [slice.GetOutput(0)];
        })
        .Feed("x", [2, 3], new[] { 1, 2, 3, 4, 5, 6 }).Expect([2, 2], new[] { 2, 3, 5, 6 }).Run();

    [Fact]
    public void A_slice_broadcasts_to_a_shape_with_placeholders() => new LayerCheck((network, weights) =>
        {
            // Where the wanted shape says -1, the input's own extent stays: how frameworks write an expansion.
            ITensor x = network.AddInput("x", DataType.Float, [-1, 1]);
            ITensor own = network.AddShape(x).GetOutput(0);
            ITensor wanted = network.AddConstant([2], weights(new long[] { -1, 3 })).GetOutput(0);
            ITensor keep = network.AddConstant([2], weights(new long[] { -1, -1 })).GetOutput(0);
            ITensor isKept = network.AddElementWise(wanted, keep, ElementWiseOperation.Equal).GetOutput(0);
            ISliceLayer slice = network.AddSlice(x, [0, 0], [0, 0], [1, 0]);
            slice.SetInput(2, network.AddSelect(isKept, own, wanted).GetOutput(0));
            return [slice.GetOutput(0)];
        })
        .Profile("x", [1, 1], [2, 1], [4, 1])
        .Feed("x", [2, 1], new float[] { 5, 6 }).Expect([2, 3], new float[] { 5, 5, 5, 6, 6, 6 }).Run();

    [Fact]
    public void The_end_of_a_dynamic_axis_is_cut_off_backwards() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [-1]);
            ITensor one = network.AddConstant([1], weights(new long[] { 1 })).GetOutput(0);
            ITensor last = network.AddElementWise(network.AddShape(x).GetOutput(0), one, ElementWiseOperation.Sub).GetOutput(0);
            ISliceLayer slice = network.AddSlice(x, [0], [2], [-1]);
            slice.SetInput(1, last);
            return [slice.GetOutput(0)];
        })
        .Profile("x", [2], [3], [5])
        .Feed("x", [4], new float[] { 1, 2, 3, 4 }).Expect([2], new float[] { 4, 3 }).Run();

    [Fact]
    public void A_slice_beyond_the_input_is_refused_by_a_build() => new LayerCheck((network, _) =>
            [network.AddSlice(network.AddInput("x", DataType.Float, [4]), [3], [2], [-4]).GetOutput(0)])
        .Refused("out of bounds slice");
}
