using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Loops that are refused, as TensorRT-RTX refuses them.</summary>
[Collection(RtxCollection.Name)]
public sealed class WrongLoopTests
{
    public static TheoryData<string, string> Cases => new()
    {
        { "last value of something else", "must be the output of one of its recurrences" },
        { "last value from outside", "must be the output of one of its recurrences" },
        { "last value of another loop", "must be the output of one of its recurrences" },
        { "no length", "needs 2 inputs" },
        { "length for a last value", "needs 1 input" },
        { "axis too great", "axis is 3 but the input has only 1 dimensions" },
        { "negative axis", "axis >= 0" },
        { "length with an axis", "must be a scalar" },
        { "length of floats", "must have type Int32 or Int64" },
        { "two counts", "trip limits of kind COUNT" },
        { "no limit", "is missing a trip limit" },
        { "count with an axis", "must be a scalar" },
        { "count from inside", "a trip count must come from outside" },
        { "condition from outside", "does not depend on what the loop computes" },
        { "condition of integers", "must have type Bool" },
        { "condition of an iterator", "may depend on the loop's recurrences only" },
        { "shapes differ", "must have the same shape" },
        { "ranks differ", "must have the same shape" },
        { "types differ", "must have the same type" },
        { "one value", "expected 2 inputs but received 1" },
        { "iterator of an iterator", "must come from outside" },
        { "iterator's axis too great", "axis is 2 but input has only 2 dimensions" },
        { "two loops in one", "is not allowed to be in a loop" },
        { "output from inside", "is not allowed to be in a loop" },
        { "reversed without an iterator", "needs an iterator" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_wrong_with_a_loop_is_said(string what, string text) => new LayerCheck((network, weights) => [Define(what, network, weights)]).Refused(text);

    private static ITensor Define(string what, INetworkDefinition network, Func<Array, Weights> weights)
    {
        ITensor x = network.AddInput("x", DataType.Float, [3]);
        ITensor count = network.AddConstant([], weights(new[] { 3 })).GetOutput(0);
        ILoop loop = network.AddLoop();
        if (what.StartsWith("condition", StringComparison.Ordinal))
        {
            loop.AddTripLimit(Condition(), TripLimit.While);
        }
        else if (what is not ("no limit" or "count from inside"))
        {
            loop.AddTripLimit(what == "count with an axis" ? network.AddConstant([1], weights(new[] { 3 })).GetOutput(0) : count, TripLimit.Count);
        }

        if (what.StartsWith("iterator", StringComparison.Ordinal))
        {
            ITensor table = network.AddInput("table", DataType.Float, [3, 3]);
            ITensor row = loop.AddIterator(table, what == "iterator of an iterator" ? 0 : 2).GetOutput(0);
            return Stacked(what == "iterator of an iterator" ? loop.AddIterator(row).GetOutput(0) : row, count);
        }

        ITensor first = what == "shapes differ" ? network.AddInput("one", DataType.Float, [1]) : x;
        IRecurrenceLayer r = loop.AddRecurrence(first);
        ITensor value = r.GetOutput(0);
        ITensor next = what switch
        {
            "shapes differ" => network.AddElementWise(value, x, ElementWiseOperation.Sum).GetOutput(0),
            "ranks differ" => network.AddReduce(value, ReduceOperation.Sum, 1, false).GetOutput(0),
            "types differ" => network.AddCast(value, DataType.Int32).GetOutput(0),
            _ => network.AddUnary(value, UnaryOperation.Neg).GetOutput(0),
        };
        if (what != "one value")
        {
            r.SetInput(1, next);
        }

        // TensorRT-RTX complains of a missing type first where nobody asked for one.
        _ = next.Type;
        switch (what)
        {
            case "last value of something else":
                return loop.AddLoopOutput(next, LoopOutput.LastValue).GetOutput(0);
            case "last value from outside":
                return loop.AddLoopOutput(x, LoopOutput.LastValue).GetOutput(0);
            case "last value of another loop" or "two loops in one":
                ILoop other = network.AddLoop();
                other.AddTripLimit(count, TripLimit.Count);
                if (what == "last value of another loop")
                {
                    return other.AddLoopOutput(value, LoopOutput.LastValue).GetOutput(0);
                }

                IRecurrenceLayer second = other.AddRecurrence(x);
                ITensor sum = network.AddElementWise(value, second.GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
                r.SetInput(1, sum);
                second.SetInput(1, sum);
                return loop.AddLoopOutput(value, LoopOutput.LastValue).GetOutput(0);
            case "no length":
                return loop.AddLoopOutput(next, LoopOutput.Concatenate).GetOutput(0);
            case "axis too great":
                return Stacked(next, count, 3);
            case "negative axis":
                return Stacked(next, count, -1);
            case "length with an axis":
                return Stacked(next, network.AddConstant([1], weights(new[] { 3 })).GetOutput(0));
            case "length of floats":
                return Stacked(next, network.AddConstant([], weights(new[] { 3f })).GetOutput(0));
            case "reversed without an iterator":
                return Stacked(next, count, 0, LoopOutput.Reverse);
            case "two counts":
                loop.AddTripLimit(count, TripLimit.Count);
                break;
            case "count from inside":
                IRecurrenceLayer n = loop.AddRecurrence(count);
                n.SetInput(1, network.AddElementWise(n.GetOutput(0), n.GetOutput(0), ElementWiseOperation.Sum).GetOutput(0));
                loop.AddTripLimit(n.GetOutput(0), TripLimit.Count);
                break;
            case "output from inside":
                return next;
        }

        ILoopOutputLayer last = loop.AddLoopOutput(value, LoopOutput.LastValue);
        if (what == "length for a last value")
        {
            last.SetInput(1, count);
        }

        return last.GetOutput(0);

        ITensor Condition() => what switch
        {
            "condition from outside" => network.AddInput("p", DataType.Bool, []),
            "condition of integers" => network.AddInput("p", DataType.Int32, []),
            _ => loop.AddIterator(network.AddInput("p", DataType.Bool, [3])).GetOutput(0),
        };

        ITensor Stacked(ITensor tensor, ITensor length, int axis = 0, LoopOutput kind = LoopOutput.Concatenate)
        {
            ILoopOutputLayer output = loop.AddLoopOutput(tensor, kind, axis);
            output.SetInput(1, length);
            return output.GetOutput(0);
        }
    }
}
