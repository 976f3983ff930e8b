using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>What comes out of a conditional: input 0 where the condition holds, else input 1.</summary>
internal sealed class ConditionalResult(CpuConditional conditional, CpuTensor whenTrue, CpuTensor whenFalse)
    : ConditionalBoundary(conditional, 1, whenTrue, whenFalse), IIfConditionalOutputLayer
{
    public override LayerType Type => LayerType.ConditionalOutput;

    public override IReadOnlyList<CpuTensor?> InferredFrom => [.. Inputs, Owner.Condition?.InputAt(0)];

    /// <summary>The input that a condition known when building picks; null when it is not known.</summary>
    public int? Picked => Owner.Condition?.InputAt(0)?.Facts is { Dims.Length: 0, Values: [{ IsConstant: true, Number: var value }] } ? value != 0 ? 0 : 1 : null;

    protected override string Tag => "Output";

    protected override string Interface => "IIfConditionalOutputLayer";

    public override void Infer(Inference context)
    {
        if (context.Type(0) != context.Type(1))
        {
            throw context.Refuse($"both branches must give the same type. They give {Types.Name(context.Type(0))} and {Types.Name(context.Type(1))}.");
        }

        if (Picked is { } picked)
        {
            context.Set(0, context.Dims(picked), context.Values(picked));
            return;
        }

        (DimExpr[] one, DimExpr[] other) = (context.Dims(0), context.Dims(1));
        if (one.Length != other.Length)
        {
            context.Set(0, one);
            return;
        }

        DimExpr[] dims = [.. one.Zip(other).Select((pair, axis) => Merged(context, pair.First, pair.Second, axis))];
        context.Set(0, dims, context.Values(0) is { } values && context.Values(1) is { } others && values.AsSpan().SequenceEqual(others) ? values : null);
    }

    public override void Validate(Inference context)
    {
        if (Picked is null && context.Dims(0).Length != context.Dims(1).Length)
        {
            throw context.Refuse($"both branches must give the same number of dimensions unless the condition is constant. They give {Extents.Text(context.Dims(0))} and {Extents.Text(context.Dims(1))}.");
        }
    }

    public override void Lower(Lowering graph)
    {
        if (Picked is { } picked)
        {
            graph.Set(0, graph.Input(picked));
        }
        else
        {
            graph.WriteConditional(Owner);
        }
    }

    /// <summary>An extent that the branches do not share, or that one of them decides, is known when one has run.</summary>
    private static DimExpr Merged(Inference context, DimExpr one, DimExpr other, int axis) =>
        one.Equals(other) && !one.HasUnknown ? one : context.Unknown(0, axis, DimExpr.Max(one, other));
}
