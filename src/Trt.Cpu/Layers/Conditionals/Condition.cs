using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Says which branch of a conditional runs.</summary>
internal sealed class Condition(CpuConditional conditional, CpuTensor input) : ConditionalBoundary(conditional, 0, input), IConditionLayer
{
    public override LayerType Type => LayerType.Condition;

    public override IEnumerable<CpuLayer> Dependents => Owner.Results;

    protected override string Tag => "IfCondition";

    protected override string Interface => "IConditionLayer";

    public override void Infer(Inference context)
    {
        if (context.Type(0) != DataType.Bool)
        {
            throw context.Refuse($"the condition must have type Bool. It has {Types.Name(context.Type(0))}.");
        }

        if (context.Dims(0) is { Length: > 0 } dims)
        {
            throw context.Refuse($"the condition must be a scalar but has dimensions {Extents.Text(dims)}.");
        }
    }

    public override void Lower(Lowering graph) => throw new InvalidOperationException("A conditional writes its condition.");
}
