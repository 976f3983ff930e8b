using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>What comes out of a loop: a recurrence's last value, or the values of all iterations side by side.</summary>
internal sealed class LoopResult(CpuLoop loop, CpuTensor input, LoopOutput kind, int axis) : LoopBoundary(loop, 1, input), ILoopOutputLayer
{
    private int axis = axis;

    public override LayerType Type => LayerType.LoopOutput;

    public LoopOutput LoopOutput => Get(kind);

    public int Axis
    {
        get => Get(axis);
        set => Set(ref axis, value, value >= 0, "setAxis", "axis >= 0");
    }

    protected override string Tag => "LoopOutput";

    protected override string Interface => "ILoopOutputLayer";

    protected override int? InputLimit => 2;

    public override bool ReadsValues(int input) => input == 1;

    public override void Infer(Inference context)
    {
        DimExpr[] dims = context.Dims(0);
        bool last = kind == LoopOutput.LastValue;
        if (last == context.Has(1))
        {
            throw Refusal.Internal($"a loop output of kind {(last ? "LAST_VALUE needs 1 input" : $"{kind.ToString().ToUpperInvariant()} needs 2 inputs, the second one the length")}.");
        }

        if (last)
        {
            context.Set(0, Outside(context, dims, 0));
            return;
        }

        if (axis > dims.Length)
        {
            throw context.Refuse($"axis is {axis} but the input has only {dims.Length} dimensions.");
        }

        if (context.Dims(1).Length != 0)
        {
            throw context.Refuse($"the length, input 1, must be a scalar. It has dimensions {Extents.Text(context.Dims(1))}.");
        }

        if (!Types.IsInteger(context.Type(1)))
        {
            throw Refusal.Internal($"the length of a loop output must have type Int32 or Int64. It has {Types.Name(context.Type(1))}.");
        }

        DimExpr length = context.Values(1)?[0] ?? context.Unknown(0, axis, null);
        context.Set(0, [.. Outside(context, dims[..axis], 0), length, .. Outside(context, dims[axis..], axis + 1)]);
    }

    public override void Validate(Inference context)
    {
        if (kind == LoopOutput.LastValue && !(InputAt(0)?.Producer is Recurrence recurrence && recurrence.Owner == Owner))
        {
            throw context.Refuse("the last value that a loop gives must be the output of one of its recurrences.");
        }
    }

    public override void Lower(Lowering graph) => graph.WriteLoop(Owner);

    /// <summary>Extents that the loop's body decides are others outside of it.</summary>
    private static DimExpr[] Outside(Inference context, DimExpr[] dims, int first) =>
        [.. dims.Select((dim, i) => dim.HasUnknown ? context.Unknown(0, first + i, dim) : dim)];
}
