using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Gathering, scattering and one-hot encoding.</summary>
[Collection(RtxCollection.Name)]
public sealed class GatherTests
{
    private static readonly float[] Data = [.. Enumerable.Range(0, 24).Select(i => (float)i)];

    [Fact]
    public void Each_batch_has_its_own_places_along_a_later_axis()
    {
        // Data (2, 3, 4), places (2, 2): result[b, i, k] = data[b, i, place[b, k]].
        int[] places = [3, 0, 1, -1];
        float[] expected = [.. from b in Enumerable.Range(0, 2) from i in Enumerable.Range(0, 3) from k in Enumerable.Range(0, 2)
                            select Data[(((b * 3) + i) * 4) + ((places[(b * 2) + k] + 4) % 4)]];
        new LayerCheck((network, _) =>
        {
            IGatherLayer gather = network.AddGather(network.AddInput("x", DataType.Float, [2, 3, 4]), network.AddInput("i", DataType.Int32, [2, 2]), 2);
            gather.NbElementWiseDims = 1;
            return [gather.GetOutput(0)];
        })
        .Feed("x", [2, 3, 4], Data).Feed("i", [2, 2], places).Expect([2, 3, 2], expected).Run();
    }

    [Fact]
    public void One_row_of_places_serves_all_batches() => new LayerCheck((network, _) =>
        {
            IGatherLayer gather = network.AddGather(network.AddInput("x", DataType.Float, [2, 3, 2]), network.AddInput("i", DataType.Int64, [1, 2]), 1);
            gather.NbElementWiseDims = 1;
            return [gather.GetOutput(0)];
        })
        .Feed("x", [2, 3, 2], Data[..12]).Feed("i", [1, 2], new long[] { 2, 0 }).Expect([2, 2, 2], new float[] { 4, 5, 0, 1, 10, 11, 6, 7 }).Run();

    [Theory]
    [InlineData(GatherMode.Default)]
    [InlineData(GatherMode.Element)]
    [InlineData(GatherMode.Nd)]
    public void Places_outside_give_0(GatherMode mode)
    {
        Dims places = mode == GatherMode.Nd ? [3, 1] : [3];
        new LayerCheck((network, _) => [network.AddGatherV2(network.AddInput("x", DataType.Bool, [3]), network.AddInput("i", DataType.Int32, places), mode).GetOutput(0)])
            .Feed("x", [3], new[] { true, true, true }).Feed("i", places, new[] { 7, -3, -4 }).Expect([3], new[] { false, true, false }).Run();
    }

    [Fact]
    public void A_point_without_coordinates_is_everything() => new LayerCheck((network, _) =>
            [network.AddGatherV2(network.AddInput("x", DataType.Float, [2, 2]), network.AddInput("i", DataType.Int32, [2, 0]), GatherMode.Nd).GetOutput(0)])
        .Feed("x", [2, 2], new float[] { 1, 2, 3, 4 }).Feed("i", [2, 0], Array.Empty<int>()).Expect([2, 2, 2], new float[] { 1, 2, 3, 4, 1, 2, 3, 4 }).Run();

    [Fact]
    public void A_replaced_extent_makes_a_shape() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [-1, 4]);
            ITensor place = network.AddConstant([1], weights(new long[] { -1 })).GetOutput(0);
            ITensor two = network.AddConstant([1], weights(new long[] { 2 })).GetOutput(0);
            IScatterLayer scatter = network.AddScatter(network.AddShape(x).GetOutput(0), place, two, ScatterMode.Element);
            ISliceLayer slice = network.AddSlice(x, [0, 0], [0, 0], [1, 1]);
            slice.SetInput(2, scatter.GetOutput(0));
            return [slice.GetOutput(0)];
        })
        {
            RtxDiffers = "it takes the network, but does not see that the replaced extent is known",
        }
        .Profile("x", [1, 4], [2, 4], [3, 4])
        .Feed("x", [2, 4], new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }).Expect([2, 2], new float[] { 1, 2, 5, 6 }).Run();

    [Fact]
    public void Rows_are_scattered_in_half_precision() => new LayerCheck((network, _) =>
            [network.AddScatter(network.AddInput("x", DataType.Half, [3, 2]), network.AddInput("i", DataType.Int64, [1, 1]), network.AddInput("u", DataType.Half, [1, 2]), ScatterMode.Nd).GetOutput(0)])
        .Feed("x", [3, 2], new Half[6]).Feed("i", [1, 1], new long[] { 1 }).Feed("u", [1, 2], new[] { (Half)1.5, (Half)2.5 })
        .Expect([3, 2], new[] { (Half)0, (Half)0, (Half)1.5, (Half)2.5, (Half)0, (Half)0 }).Run();

    [Fact]
    public void The_depth_of_a_one_hot_encoding_must_be_known() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [-1]);
            ITensor zero = network.AddConstant([], weights(new[] { 0 })).GetOutput(0);
            ITensor depth = network.AddGather(network.AddShape(x).GetOutput(0), zero, 0).GetOutput(0);
            ITensor values = network.AddConstant([2], weights(new[] { false, true })).GetOutput(0);
            return [network.AddOneHot(network.AddInput("i", DataType.Int32, [2]), values, depth, 0).GetOutput(0)];
        })
        .Profile("x", [1], [3], [5])
        .Refused("build-time constant");

    [Fact]
    public void Places_of_a_one_hot_encoding_count_from_the_end_too() => new LayerCheck((network, weights) =>
        {
            ITensor values = network.AddConstant([2], weights(new[] { false, true })).GetOutput(0);
            ITensor depth = network.AddConstant([], weights(new long[] { 3 })).GetOutput(0);
            return [network.AddOneHot(network.AddInput("i", DataType.Int64, [2]), values, depth, 0).GetOutput(0)];
        })
        .Feed("i", [2], new long[] { -1, 5 }).Expect([3, 2], new[] { false, false, false, false, true, false }).Run();

    [Fact]
    public void Indices_of_floats_are_refused() => new LayerCheck((network, _) =>
            [network.AddScatter(network.AddInput("x", DataType.Float, [3]), network.AddInput("i", DataType.Float, [1]), network.AddInput("u", DataType.Float, [1]), ScatterMode.Element).GetOutput(0)])
        .Refused("must have type Int64 or Int32");
}
