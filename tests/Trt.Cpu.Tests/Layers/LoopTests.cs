using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Loops: what runs how often, and what comes out of it.</summary>
[Collection(RtxCollection.Name)]
public sealed class LoopTests
{
    private const string WithoutNonZero = "TensorRT-RTX cannot build NonZero";

    [Fact]
    public void An_inner_loop_runs_as_often_as_the_outer_one_says() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2]);
            ITensor zero = network.AddConstant([2], weights(new float[2])).GetOutput(0);
            ITensor one = Scalar(network, weights, 1);
            ILoop outer = Counted(network, Scalar(network, weights, 4));
            IRecurrenceLayer k = outer.AddRecurrence(one);
            k.SetInput(1, Sum(network, k.GetOutput(0), one));
            IRecurrenceLayer total = outer.AddRecurrence(zero);
            ILoop inner = Counted(network, k.GetOutput(0));
            IRecurrenceLayer part = inner.AddRecurrence(total.GetOutput(0));
            part.SetInput(1, Sum(network, part.GetOutput(0), x));
            total.SetInput(1, inner.AddLoopOutput(part.GetOutput(0), LoopOutput.LastValue).GetOutput(0));
            return [outer.AddLoopOutput(total.GetOutput(0), LoopOutput.LastValue).GetOutput(0), outer.AddLoopOutput(k.GetOutput(0), LoopOutput.LastValue).GetOutput(0)];
        })
        .Feed("x", [2], new float[] { 1, -0.5f })
        .Expect([2], new float[] { 1 + 2 + 3 + 4, -5 })
        .Expect([], new int[] { 5 })
        .Run();

    [Fact]
    public void A_condition_is_asked_before_each_iteration_and_what_it_kept_from_running_leaves_zeros() => new LayerCheck((network, weights) =>
        {
            (ILoop loop, IRecurrenceLayer r, ITensor twice) = DoublingBelow100(network, weights);
            ILoopOutputLayer all = loop.AddLoopOutput(twice, LoopOutput.Concatenate);
            all.SetInput(1, Scalar(network, weights, 8));
            return [loop.AddLoopOutput(r.GetOutput(0), LoopOutput.LastValue).GetOutput(0), all.GetOutput(0)];
        })
        .Feed("x", [1], new float[] { 3 })
        .Expect([1], new float[] { 192 })
        .Expect([8, 1], new float[] { 6, 12, 24, 48, 96, 192, 0, 0 })
        .Run();

    [Fact]
    public void A_condition_that_never_held_leaves_the_first_values() => new LayerCheck((network, weights) =>
        {
            (ILoop loop, IRecurrenceLayer r, ITensor twice) = DoublingBelow100(network, weights);
            ILoopOutputLayer all = loop.AddLoopOutput(twice, LoopOutput.Concatenate);
            all.SetInput(1, Scalar(network, weights, 2));
            return [loop.AddLoopOutput(r.GetOutput(0), LoopOutput.LastValue).GetOutput(0), all.GetOutput(0)];
        })
        .Feed("x", [1], new float[] { 100 })
        .Expect([1], new float[] { 100 })
        .Expect([2, 1], new float[] { 0, 0 })
        .Run();

    [Theory]
    [InlineData(2, 3 * 4)]
    [InlineData(20, 192)]
    public void Count_and_condition_end_a_loop_together(int count, float expected) => new LayerCheck((network, weights) =>
        {
            (ILoop loop, IRecurrenceLayer r, _) = DoublingBelow100(network, weights);
            loop.AddTripLimit(Scalar(network, weights, count), TripLimit.Count);
            return [loop.AddLoopOutput(r.GetOutput(0), LoopOutput.LastValue).GetOutput(0)];
        })
        .Feed("x", [1], new float[] { 3 })
        .Expect([1], new float[] { expected })
        .Run();

    [Fact]
    public void An_iterator_walks_backwards_and_outputs_lie_along_any_axis_in_any_order() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [3, 2]);
            ITensor count = Scalar(network, weights, 3);
            ILoop loop = Counted(network, count);
            IIteratorLayer row = loop.AddIterator(x, 0, true);
            ITensor negative = network.AddUnary(row.GetOutput(0), UnaryOperation.Neg).GetOutput(0);
            return [Stacked(LoopOutput.Concatenate, 0), Stacked(LoopOutput.Concatenate, 1), Stacked(LoopOutput.Reverse, 0), Stacked(LoopOutput.Reverse, 1)];

            ITensor Stacked(LoopOutput kind, int axis)
            {
                ILoopOutputLayer output = loop.AddLoopOutput(negative, kind, axis);
                output.SetInput(1, count);
                return output.GetOutput(0);
            }
        })
        .Feed("x", [3, 2], new float[] { 1, 2, 3, 4, 5, 6 })
        .Expect([3, 2], new float[] { -5, -6, -3, -4, -1, -2 })
        .Expect([2, 3], new float[] { -5, -3, -1, -6, -4, -2 })
        .Expect([3, 2], new float[] { -1, -2, -3, -4, -5, -6 })
        .Expect([2, 3], new float[] { -1, -3, -5, -2, -4, -6 })
        .Run();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void The_count_may_be_an_input_and_0(int count) => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [4, 2]);
            ITensor n = network.AddInput("n", DataType.Int32, []);
            ILoop loop = Counted(network, n);
            IIteratorLayer row = loop.AddIterator(x);
            ILoopOutputLayer all = loop.AddLoopOutput(row.GetOutput(0), LoopOutput.Concatenate);
            all.SetInput(1, n);
            return [all.GetOutput(0)];
        })
        .ProfileValues("n", [0], [2], [4])
        .Feed("x", [4, 2], new float[] { 1, 2, 3, 4, 5, 6, 7, 8 })
        .Feed("n", [], new int[] { count })
        .Expect([count, 2], new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }[..(count * 2)])
        .Run();

    [Fact]
    public void Recurrences_change_places_and_dynamic_extents_stay() => new LayerCheck((network, weights) =>
        {
            ITensor a = network.AddInput("a", DataType.Float, [-1]);
            ITensor b = network.AddInput("b", DataType.Float, [-1]);
            ILoop loop = Counted(network, Scalar(network, weights, 3));
            IRecurrenceLayer one = loop.AddRecurrence(a);
            IRecurrenceLayer other = loop.AddRecurrence(b);
            one.SetInput(1, other.GetOutput(0));
            other.SetInput(1, one.GetOutput(0));
            return [loop.AddLoopOutput(one.GetOutput(0), LoopOutput.LastValue).GetOutput(0)];
        })
        .Profile("a", [1], [2], [4])
        .Profile("b", [1], [2], [4])
        .Feed("a", [2], new float[] { 1, 2 })
        .Feed("b", [2], new float[] { 3, 4 })
        .Expect([2], new float[] { 3, 4 })
        .Run();

    [Fact]
    public void Shapes_that_data_decide_may_differ_in_each_iteration() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [3, 4]);
            ILoop loop = Counted(network, Scalar(network, weights, 3));
            ITensor row = loop.AddIterator(x).GetOutput(0);
            ITensor where = network.AddCast(network.AddNonZero(row).GetOutput(0), DataType.Float).GetOutput(0);
            ITensor sum = network.AddReduce(where, ReduceOperation.Sum, 0b11, false).GetOutput(0);
            IRecurrenceLayer total = loop.AddRecurrence(network.AddConstant([], weights(new float[1])).GetOutput(0));
            total.SetInput(1, Sum(network, total.GetOutput(0), sum));
            return [loop.AddLoopOutput(total.GetOutput(0), LoopOutput.LastValue).GetOutput(0)];
        })
        {
            RtxDiffers = WithoutNonZero,
        }
        .Feed("x", [3, 4], new float[] { 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1 })
        .Expect([], new float[] { 1 + 3 + 0 + 1 + 2 + 3 })
        .Run();

    [Fact]
    public void A_length_that_is_not_the_count_cuts_or_fills() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [4]);
            ILoop loop = Counted(network, Scalar(network, weights, 4));
            ITensor item = loop.AddIterator(x).GetOutput(0);
            return [Stacked(2, LoopOutput.Concatenate), Stacked(6, LoopOutput.Concatenate), Stacked(6, LoopOutput.Reverse)];

            ITensor Stacked(int length, LoopOutput kind)
            {
                ILoopOutputLayer output = loop.AddLoopOutput(item, kind);
                output.SetInput(1, Scalar(network, weights, length));
                return output.GetOutput(0);
            }
        })
        {
            RtxDiffers = "TensorRT-RTX's compiler wants the count as length where it knows both",
        }
        .Feed("x", [4], new float[] { 1, 2, 3, 4 })
        .Expect([2], new float[] { 1, 2 })
        .Expect([6], new float[] { 1, 2, 3, 4, 0, 0 })
        .Expect([6], new float[] { 0, 0, 4, 3, 2, 1 })
        .Run();

    private static ITensor Scalar(INetworkDefinition network, Func<Array, Weights> weights, int value) =>
        network.AddConstant([], weights(new[] { value })).GetOutput(0);

    private static ITensor Sum(INetworkDefinition network, ITensor one, ITensor other) => network.AddElementWise(one, other, ElementWiseOperation.Sum).GetOutput(0);

    private static ILoop Counted(INetworkDefinition network, ITensor count)
    {
        ILoop loop = network.AddLoop();
        loop.AddTripLimit(count, TripLimit.Count);
        return loop;
    }

    /// <summary>r = x; while the sum of r is below 100: r = 2r.</summary>
    private static (ILoop Loop, IRecurrenceLayer Value, ITensor Twice) DoublingBelow100(INetworkDefinition network, Func<Array, Weights> weights)
    {
        ITensor x = network.AddInput("x", DataType.Float, [1]);
        ITensor hundred = network.AddConstant([], weights(new float[] { 100 })).GetOutput(0);
        ILoop loop = network.AddLoop();
        IRecurrenceLayer r = loop.AddRecurrence(x);
        ITensor sum = network.AddReduce(r.GetOutput(0), ReduceOperation.Sum, 1, false).GetOutput(0);
        loop.AddTripLimit(network.AddElementWise(sum, hundred, ElementWiseOperation.Less).GetOutput(0), TripLimit.While);
        ITensor twice = Sum(network, r.GetOutput(0), r.GetOutput(0));
        r.SetInput(1, twice);
        return (loop, r, twice);
    }
}
