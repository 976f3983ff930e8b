using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A value that each iteration of a loop hands to the next: input 0 at first, then input 1 of the iteration before.</summary>
internal sealed class Recurrence(CpuLoop loop, CpuTensor first) : LoopBoundary(loop, 1, first), IRecurrenceLayer
{
    public override LayerType Type => LayerType.Recurrence;

    /// <summary>The next value has the first one's shape, so that it says nothing new.</summary>
    public override IReadOnlyList<CpuTensor?> InferredFrom => [InputAt(0)];

    protected override string Tag => "Recurrence";

    protected override string Interface => "IRecurrenceLayer";

    protected override int? InputLimit => 2;

    public override void Infer(Inference context) => context.Set(0, context.Dims(0));

    public override void Validate(Inference context)
    {
        if (!context.Has(1))
        {
            throw context.Refuse("IRecurrenceLayer expected 2 inputs but received 1. Set the next value as input 1.", ErrorCode.InvalidArgument);
        }

        (DataType first, DataType next) = (context.Type(0), context.Type(1));
        if (first != next && (Network.IsStronglyTyped || !Types.IsFloating(first) || !Types.IsFloating(next)))
        {
            throw context.Refuse($"first and next value must have the same type. They have {Types.Name(first)} and {Types.Name(next)}.");
        }

        (DimExpr[] one, DimExpr[] other) = (context.Dims(0), context.Dims(1));
        if (one.Length != other.Length || one.Zip(other).Any(pair => pair.First.IsConstant && pair.Second.IsConstant && pair.First.Number != pair.Second.Number))
        {
            throw context.Refuse($"first and next value must have the same shape. {InputAt(0)} has {Extents.Text(one)} and {InputAt(1)} has {Extents.Text(other)}.");
        }

        for (int axis = 0; axis < one.Length; axis++)
        {
            context.Require(ShapeRuleKind.Equal, one[axis], other[axis], $"first and next value must have the same shape. On axis {axis} they have {{0}} and {{1}}.");
        }
    }

    public override void Lower(Lowering graph) => throw new InvalidOperationException("A loop writes its recurrences.");
}
