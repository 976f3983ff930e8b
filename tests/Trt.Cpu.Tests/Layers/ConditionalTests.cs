using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Conditionals: one branch runs, and what it computes comes out.</summary>
[Collection(RtxCollection.Name)]
public sealed class ConditionalTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Branches_compute_different_things_of_equal_shape(bool condition) => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2, 2]);
            ITensor outer = network.AddConstant([2, 2], weights(new float[] { 1, 10, 100, 1000 })).GetOutput(0);
            (IIfConditional branch, ITensor taken) = When(network, x);
            ITensor product = network.AddMatrixMultiply(taken, MatrixOperation.None, outer, MatrixOperation.None).GetOutput(0);
            ITensor sum = network.AddElementWise(taken, outer, ElementWiseOperation.Sum).GetOutput(0);
            ITensor one = branch.AddOutput(product, sum).GetOutput(0);
            ITensor other = branch.AddOutput(taken, network.AddUnary(sum, UnaryOperation.Neg).GetOutput(0)).GetOutput(0);
            return [one, other];
        })
        .Feed("x", [2, 2], new float[] { 1, 2, 3, 4 })
        .Feed("p", [], new[] { condition })
        .Expect([2, 2], condition ? new float[] { 201, 2010, 403, 4030 } : new float[] { 2, 12, 103, 1004 })
        .Expect([2, 2], condition ? new float[] { 1, 2, 3, 4 } : new float[] { -2, -12, -103, -1004 })
        .Run();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Branches_of_different_shape_give_what_the_taken_one_has(bool condition) => new LayerCheck((network, _) =>
        {
            (IIfConditional branch, ITensor x) = When(network, network.AddInput("x", DataType.Float, [2, 3]));
            ITensor sum = network.AddReduce(x, ReduceOperation.Sum, 1, true).GetOutput(0);
            ITensor either = branch.AddOutput(sum, x).GetOutput(0);
            return [either, network.AddReduce(either, ReduceOperation.Max, 1, false).GetOutput(0)];
        })
        .Feed("x", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 })
        .Feed("p", [], new[] { condition })
        .Expect([condition ? 1 : 2, 3], condition ? new float[] { 5, 7, 9 } : new float[] { 1, 2, 3, 4, 5, 6 })
        .Expect([3], condition ? new float[] { 5, 7, 9 } : new float[] { 4, 5, 6 })
        .Run();

    [Fact]
    public void A_constant_condition_picks_a_branch_of_another_rank() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [3]);
            IIfConditional branch = network.AddIfConditional();
            branch.SetCondition(network.AddConstant([], weights(new[] { true })).GetOutput(0));
            ITensor taken = branch.AddInput(x).GetOutput(0);
            ITensor sum = network.AddReduce(taken, ReduceOperation.Sum, 1, false).GetOutput(0);
            return [branch.AddOutput(sum, network.AddUnary(taken, UnaryOperation.Neg).GetOutput(0)).GetOutput(0)];
        })
        .Feed("x", [3], new float[] { 1, 2, 3 })
        .Expect([], new float[] { 6 })
        .Run();

    [Theory]
    [InlineData(true, true, -1)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 2)]
    public void A_conditional_within_a_branch(bool outer, bool inner, float factor) => new LayerCheck((network, _) =>
        {
            ITensor q = network.AddInput("q", DataType.Bool, []);
            (IIfConditional first, ITensor x) = When(network, network.AddInput("x", DataType.Float, [2]));
            IIfConditional second = network.AddIfConditional();
            second.SetCondition(q);
            ITensor y = second.AddInput(x).GetOutput(0);
            ITensor either = second.AddOutput(network.AddUnary(y, UnaryOperation.Neg).GetOutput(0), network.AddUnary(y, UnaryOperation.Abs).GetOutput(0)).GetOutput(0);
            ITensor twice = network.AddElementWise(x, x, ElementWiseOperation.Sum).GetOutput(0);
            return [first.AddOutput(either, twice).GetOutput(0)];
        })
        .Feed("q", [], new[] { inner })
        .Feed("x", [2], new float[] { 1, 2 })
        .Feed("p", [], new[] { outer })
        .Expect([2], new[] { factor, 2 * factor })
        .Run();

    [Fact]
    public void A_conditional_within_a_loop_decides_anew_each_time() => new LayerCheck((network, weights) =>
        {
            // Each step adds 3 below 10, else halves: 4, 7, 10, 5, 8, 11.
            ITensor x = network.AddInput("x", DataType.Float, []);
            ILoop loop = network.AddLoop();
            loop.AddTripLimit(network.AddConstant([], weights(new[] { 5 })).GetOutput(0), TripLimit.Count);
            IRecurrenceLayer r = loop.AddRecurrence(x);
            IIfConditional branch = network.AddIfConditional();
            branch.SetCondition(network.AddElementWise(r.GetOutput(0), Number(10), ElementWiseOperation.Less).GetOutput(0));
            ITensor taken = branch.AddInput(r.GetOutput(0)).GetOutput(0);
            ITensor more = network.AddElementWise(taken, Number(3), ElementWiseOperation.Sum).GetOutput(0);
            ITensor half = network.AddElementWise(taken, Number(2), ElementWiseOperation.Div).GetOutput(0);
            r.SetInput(1, branch.AddOutput(more, half).GetOutput(0));
            return [loop.AddLoopOutput(r.GetOutput(0), LoopOutput.LastValue).GetOutput(0)];

            ITensor Number(float value) => network.AddConstant([], weights(new[] { value })).GetOutput(0);
        })
        .Feed("x", [], new float[] { 4 })
        .Expect([], new float[] { 11 })
        .Run();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loop_within_a_branch_runs_only_when_the_branch_does(bool condition) => new LayerCheck((network, _) =>
        {
            // 9 iterations over 4 elements: the run fails if the loop is entered.
            ITensor n = network.AddInput("n", DataType.Int32, []);
            (IIfConditional branch, ITensor x) = When(network, network.AddInput("x", DataType.Float, [4]));
            ILoop loop = network.AddLoop();
            loop.AddTripLimit(n, TripLimit.Count);
            IRecurrenceLayer r = loop.AddRecurrence(network.AddReduce(x, ReduceOperation.Sum, 1, false).GetOutput(0));
            r.SetInput(1, network.AddElementWise(r.GetOutput(0), loop.AddIterator(x).GetOutput(0), ElementWiseOperation.Sum).GetOutput(0));
            ITensor total = loop.AddLoopOutput(r.GetOutput(0), LoopOutput.LastValue).GetOutput(0);
            return [branch.AddOutput(total, network.AddReduce(x, ReduceOperation.Max, 1, false).GetOutput(0)).GetOutput(0)];
        })
        .Feed("n", [], new[] { condition ? 4 : 9 })
        .Feed("x", [4], new float[] { 1, 2, 3, 4 })
        .Feed("p", [], new[] { condition })
        .Expect([], new float[] { condition ? 20 : 4 })
        .Run();

    [Theory]
    [InlineData("no condition", "needs a condition")]
    [InlineData("condition with an axis", "must be a scalar")]
    [InlineData("condition of integers", "must have type Bool")]
    [InlineData("types differ", "must give the same type")]
    [InlineData("ranks differ", "the same number of dimensions")]
    [InlineData("output of a branch", "is not allowed to be in a loop or a branch")]
    [InlineData("shared by both branches", "exists in multiple control-flow scopes")]
    public void What_is_wrong_with_a_conditional_is_said(string what, string text) => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [3]);
            IIfConditional branch = network.AddIfConditional();
            if (what != "no condition")
            {
                branch.SetCondition(network.AddInput("p", what == "condition of integers" ? DataType.Int32 : DataType.Bool, what == "condition with an axis" ? [1] : []));
            }

            ITensor taken = branch.AddInput(x).GetOutput(0);
            ITensor one = network.AddUnary(taken, UnaryOperation.Neg).GetOutput(0);
            ITensor other = what switch
            {
                "types differ" => network.AddCast(taken, DataType.Int32).GetOutput(0),
                "ranks differ" => network.AddReduce(taken, ReduceOperation.Sum, 1, false).GetOutput(0),
                "shared by both branches" => network.AddUnary(one, UnaryOperation.Abs).GetOutput(0),
                _ => network.AddUnary(taken, UnaryOperation.Abs).GetOutput(0),
            };
            ITensor either = branch.AddOutput(one, other).GetOutput(0);
            return what == "output of a branch" ? [either, one] : [either];
        }).Refused(text);

    /// <summary>A conditional on an input p, and a tensor as its branches see it.</summary>
    private static (IIfConditional Conditional, ITensor Taken) When(INetworkDefinition network, ITensor tensor)
    {
        IIfConditional conditional = network.AddIfConditional();
        conditional.SetCondition(network.AddInput("p", DataType.Bool, []));
        return (conditional, conditional.AddInput(tensor).GetOutput(0));
    }
}
