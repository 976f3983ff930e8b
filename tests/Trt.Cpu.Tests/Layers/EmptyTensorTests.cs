using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Axes without elements, known when building or found in a run.</summary>
[Collection(RtxCollection.Name)]
public sealed class EmptyTensorTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(-1, 2)]
    public void The_greatest_of_any_number_of_rows_are_found(int extent, int rows)
    {
        LayerCheck check = new LayerCheck((network, _) =>
        {
            ITopKLayer top = network.AddTopK(network.AddInput("x", DataType.Float, [extent, 3]), TopKOperation.Max, 2, 2);
            return [top.GetOutput(0), top.GetOutput(1)];
        })
            .Feed("x", [rows, 3], rows == 0 ? Array.Empty<float>() : new float[] { 1, 3, 2, 9, 8, 7 })
            .Expect([rows, 2], rows == 0 ? Array.Empty<float>() : new float[] { 3, 2, 9, 8 })
            .Expect([rows, 2], rows == 0 ? Array.Empty<int>() : new[] { 1, 2, 0, 1 });
        (extent < 0 ? check.Profile("x", [0, 3], [2, 3], [4, 3]) : check).Run();
    }

    [Theory]
    [InlineData(ElementWiseOperation.FloorDiv)]
    [InlineData(ElementWiseOperation.Div)]
    public void A_division_by_a_0_of_the_run_ends_nothing(ElementWiseOperation operation) => new LayerCheck((network, _) =>
            [network.AddElementWise(network.AddInput("a", DataType.Int32, [3]), network.AddInput("b", DataType.Int32, [3]), operation).GetOutput(0)])
        .Feed("a", [3], new[] { 7, 5, 9 })
        .Feed("b", [3], new[] { 2, 0, 3 })
        .Expect([3], new[] { 3, -1, 3 })
        .Run();

    [Fact]
    public void More_reshape_dimensions_than_a_tensor_may_have_are_refused() => new LayerCheck((network, _) =>
        {
            ITensor wanted = network.AddElementWise(network.AddInput("a", DataType.Int32, [12]), network.AddInput("b", DataType.Int32, [12]), ElementWiseOperation.Sum).GetOutput(0);
            IShuffleLayer shuffle = network.AddShuffle(network.AddInput("x", DataType.Float, [12]));
            shuffle.SetInput(1, wanted);
            return [shuffle.GetOutput(0)];
        }).Refused("at most 8 dimensions");

    [Fact]
    public void A_grid_of_another_rank_is_refused() => new LayerCheck((network, weights) =>
        {
            IGridSampleLayer sample = network.AddGridSample(network.AddInput("x", DataType.Float, [1, 1, 4, 4]), network.AddInput("g", DataType.Float, [1, 2, 2, 2]));
            sample.SetInput(1, network.AddConstant([4], weights(new float[] { 0, 0, 0, 0 })).GetOutput(0));
            return [sample.GetOutput(0)];
        }).Refused("must both have 4 or 5 dimensions");
}
