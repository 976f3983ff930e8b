using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Element-wise layers.</summary>
[Collection(RtxCollection.Name)]
public sealed class ElementWiseTests
{
    [Fact]
    public void Extents_of_1_are_broadcast() => new LayerCheck((network, _) =>
        {
            ITensor left = network.AddInput("a", DataType.Float, [2, 1]);
            ITensor right = network.AddInput("b", DataType.Float, [1, 3]);
            return [network.AddElementWise(left, right, ElementWiseOperation.Sub).GetOutput(0)];
        })
        .Feed("a", [2, 1], new float[] { 10, 20 })
        .Feed("b", [1, 3], new float[] { 1, 2, 3 })
        .Expect([2, 3], new float[] { 9, 8, 7, 19, 18, 17 })
        .Run();

    [Fact]
    public void A_dynamic_extent_meets_a_known_one() => new LayerCheck((network, _) =>
        {
            ITensor left = network.AddInput("a", DataType.Float, [-1, 2]);
            ITensor right = network.AddInput("b", DataType.Float, [3, 2]);
            return [network.AddElementWise(left, right, ElementWiseOperation.Prod).GetOutput(0)];
        })
        .Profile("a", [1, 2], [3, 2], [3, 2])
        .Feed("a", [1, 2], new float[] { 10, 20 })
        .Feed("b", [3, 2], new float[] { 1, 2, 3, 4, 5, 6 })
        .Expect([3, 2], new float[] { 10, 40, 30, 80, 50, 120 })
        .Run();

    [Fact]
    public void Shapes_that_do_not_broadcast_are_refused() => new LayerCheck((network, _) =>
        {
            ITensor left = network.AddInput("a", DataType.Float, [2, 2]);
            ITensor right = network.AddInput("b", DataType.Float, [2, 3]);
            return [network.AddElementWise(left, right, ElementWiseOperation.Sum).GetOutput(0)];
        })
        .Refused("(Unnamed Layer* 0) [ElementWise]");
}
