using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Padding, reversed sequences, running sums, sums of products, and tensors made from nothing.</summary>
[Collection(RtxCollection.Name)]
public sealed class RearrangingTests
{
    private static readonly float[] Data = [.. Enumerable.Range(1, 24).Select(i => (float)i)];

    [Fact]
    public void The_last_two_of_five_axes_are_padded_and_cut() => new LayerCheck((network, _) =>
            [network.AddPaddingNd(network.AddInput("x", DataType.Float, [1, 1, 2, 1, 3]), [0, -1], [1, 0]).GetOutput(0)])
        .Feed("x", [1, 1, 2, 1, 3], Data[..6]).Expect([1, 1, 2, 2, 2], new float[] { 2, 3, 0, 0, 5, 6, 0, 0 }).Run();

    [Fact]
    public void A_dynamic_image_is_padded() => new LayerCheck((network, _) =>
            [network.AddPaddingNd(network.AddInput("x", DataType.Half, [1, 1, -1, 2]), [-1, 1], [0, 0]).GetOutput(0)])
        .Profile("x", [1, 1, 1, 2], [1, 1, 2, 2], [1, 1, 3, 2])
        .Feed("x", [1, 1, 2, 2], new[] { (Half)1, (Half)2, (Half)3, (Half)4 }).Expect([1, 1, 1, 3], new[] { (Half)0, (Half)3, (Half)4 }).Run();

    [Fact]
    public void Sequences_along_any_axis_are_reversed()
    {
        // x[i, j, k] with i the batch and k the sequence.
        int[] lengths = [2, 4];
        float[] expected = [.. from i in Enumerable.Range(0, 2) from j in Enumerable.Range(0, 3) from k in Enumerable.Range(0, 4)
                            select Data[(((i * 3) + j) * 4) + (k < lengths[i] ? lengths[i] - 1 - k : k)]];
        new LayerCheck((network, _) =>
        {
            IReverseSequenceLayer layer = network.AddReverseSequence(network.AddInput("x", DataType.Float, [2, 3, 4]), network.AddInput("n", DataType.Int32, [2]));
            layer.BatchAxis = 0;
            layer.SequenceAxis = 2;
            return [layer.GetOutput(0)];
        })
        .Feed("x", [2, 3, 4], Data).Feed("n", [2], lengths).Expect([2, 3, 4], expected).Run();
    }

    [Fact]
    public void Running_sums_of_extents_make_a_shape() => new LayerCheck((network, weights) =>
        {
            // Extents (n, 2) become (n, n + 2).
            ITensor x = network.AddInput("x", DataType.Float, [-1, 2]);
            ITensor axis = network.AddConstant([], weights(new[] { -1 })).GetOutput(0);
            IFillLayer fill = network.AddFill([1], FillOperation.Linspace, DataType.Int32);
            fill.SetInput(0, network.AddCumulative(network.AddShape(x).GetOutput(0), axis, CumulativeOperation.Sum, false, false).GetOutput(0));
            fill.SetInput(1, network.AddConstant([], weights(new[] { 5 })).GetOutput(0));
            fill.SetInput(2, network.AddConstant([2], weights(new[] { 100, 1 })).GetOutput(0));
            return [fill.GetOutput(0)];
        })
        .Profile("x", [1, 2], [2, 2], [3, 2])
        .Feed("x", [2, 2], new float[4]).Expect([2, 4], new[] { 5, 6, 7, 8, 105, 106, 107, 108 }).Run();

    [Theory]
    [InlineData("...ij,...jk->...ik")]
    [InlineData("bij,bjk->bik")]
    public void Products_of_matrices_are_written_in_several_ways(string equation)
    {
        new LayerCheck((network, _) => [network.AddEinsum([network.AddInput("a", DataType.Float, [2, 2, 3]), network.AddInput("b", DataType.Float, [2, 3, 2])], equation).GetOutput(0)])
            .Feed("a", [2, 2, 3], Data[..12]).Feed("b", [2, 3, 2], Data[12..]).Expect([2, 2, 2], Products()).Run();
    }

    [Fact]
    public void What_no_output_names_is_summed()
    {
        // Without an output the subscripts that stand once remain: i and k.
        float[] products = Products();
        new LayerCheck((network, _) => [network.AddEinsum([network.AddInput("a", DataType.Float, [2, 2, 3]), network.AddInput("b", DataType.Float, [2, 3, 2])], "bij,bjk").GetOutput(0)])
            .Feed("a", [2, 2, 3], Data[..12]).Feed("b", [2, 3, 2], Data[12..]).Expect([2, 2], (float[])[.. Enumerable.Range(0, 4).Select(i => products[i] + products[i + 4])]).Run();
    }

    [Fact]
    public void A_repeated_subscript_is_the_diagonal() => new LayerCheck((network, _) =>
            [network.AddEinsum([network.AddInput("a", DataType.Float, [2, 2])], " ii -> i").GetOutput(0)])
        .Feed("a", [2, 2], new float[] { 1, 2, 3, 4 }).Expect([2], new float[] { 1, 4 }).Run();

    [Fact]
    public void Extents_of_1_are_broadcast_in_sums_of_products() => new LayerCheck((network, _) =>
            [network.AddEinsum([network.AddInput("a", DataType.Float, [2, 3]), network.AddInput("b", DataType.Float, [1, 3])], "ij,ij->i").GetOutput(0)])
        .Feed("a", [2, 3], Data[..6]).Feed("b", [1, 3], new float[] { 1, 10, 100 }).Expect([2], new float[] { 321, 654 }).Run();

    [Fact]
    public void Integers_beyond_single_precision_are_counted_exactly() => new LayerCheck((network, _) =>
        {
            IFillLayer fill = network.AddFill([3], FillOperation.Linspace, DataType.Int64);
            fill.AlphaInt64 = (1L << 60) + 1;
            fill.BetaInt64 = -1;
            ITensor zero = network.AddInput("z", DataType.Int64, [3]);
            return [network.AddElementWise(fill.GetOutput(0), zero, ElementWiseOperation.Sum).GetOutput(0)];
        })
        .Feed("z", [3], new long[3]).Expect([3], new[] { (1L << 60) + 1, 1L << 60, (1L << 60) - 1 }).Run();

    [Fact]
    public void Random_numbers_stay_between_their_limits() => new LayerCheck((network, weights) =>
        {
            // Rounded down, numbers of [2, 3) are all 2.
            IFillLayer fill = network.AddFill([2, 500], FillOperation.RandomUniform, DataType.Float);
            fill.SetInput(1, network.AddConstant([], weights(new[] { 2f })).GetOutput(0));
            fill.SetInput(2, network.AddConstant([], weights(new[] { 3f })).GetOutput(0));
            ITensor floor = network.AddUnary(fill.GetOutput(0), UnaryOperation.Floor).GetOutput(0);
            ITensor zero = network.AddInput("z", DataType.Float, [1, 1]);
            return [network.AddElementWise(network.AddReduce(floor, ReduceOperation.Sum, 3, true).GetOutput(0), zero, ElementWiseOperation.Sum).GetOutput(0)];
        })
        .Feed("z", [1, 1], new float[1]).Expect([1, 1], new float[] { 2000 }).Run();

    [Fact]
    public void Normal_numbers_have_their_mean_and_deviation() => new LayerCheck((network, _) =>
        {
            IFillLayer fill = network.AddFill([100, 100], FillOperation.RandomNormal, DataType.Float);
            fill.Alpha = 5;
            fill.Beta = 0.5;
            ITensor zero = network.AddInput("z", DataType.Float, [1, 1]);
            ITensor mean = network.AddReduce(fill.GetOutput(0), ReduceOperation.Avg, 3, true).GetOutput(0);
            ITensor apart = network.AddElementWise(fill.GetOutput(0), mean, ElementWiseOperation.Sub).GetOutput(0);
            ITensor square = network.AddReduce(network.AddElementWise(apart, apart, ElementWiseOperation.Prod).GetOutput(0), ReduceOperation.Avg, 3, true).GetOutput(0);
            return [network.AddElementWise(mean, zero, ElementWiseOperation.Sum).GetOutput(0), network.AddElementWise(square, zero, ElementWiseOperation.Sum).GetOutput(0)];
        })
        .Feed("z", [1, 1], new float[1]).Expect([1, 1], new[] { 5f }, 0.05).Expect([1, 1], new[] { 0.25f }, 0.025).Run();

    [Fact]
    public void A_wrong_equation_is_refused_when_it_is_added() => new LayerCheck((network, _) =>
            [network.AddEinsum([network.AddInput("a", DataType.Float, [2, 2])], "ij->ii").GetOutput(0)])
        .Refused("subscript i twice");

    [Fact]
    public void Axes_to_squeeze_must_have_one_element() => new LayerCheck((network, weights) =>
            [network.AddSqueeze(network.AddInput("a", DataType.Float, [2, 1]), network.AddConstant([1], weights(new long[] { 0 })).GetOutput(0)).GetOutput(0)])
        .Refused("must have 1 element");

    private static float[] Products() =>
        [.. from b in Enumerable.Range(0, 2) from i in Enumerable.Range(0, 2) from k in Enumerable.Range(0, 2)
            select Enumerable.Range(0, 3).Sum(j => Data[(((b * 2) + i) * 3) + j] * Data[12 + (((b * 3) + j) * 2) + k])];
}
