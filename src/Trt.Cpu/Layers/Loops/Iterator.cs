using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>The slice of a tensor that is an iteration's turn.</summary>
internal sealed class Iterator(CpuLoop loop, CpuTensor input, int axis, bool reverse) : LoopBoundary(loop, 1, input), IIteratorLayer
{
    private int axis = axis;
    private bool reverse = reverse;

    public override LayerType Type => LayerType.Iterator;

    public int Axis
    {
        get => Get(axis);
        set => Set(ref axis, value, value >= 0, "setAxis", "axis >= 0");
    }

    public bool Reverse
    {
        get => Get(reverse);
        set => Set(ref reverse, value, true, "setReverse", string.Empty);
    }

    protected override string Tag => "Iterator";

    protected override string Interface => "IIteratorLayer";

    public override void Infer(Inference context)
    {
        DimExpr[] dims = context.Dims(0);
        if (axis >= dims.Length)
        {
            throw context.Refuse($"axis is {axis} but input has only {dims.Length} dimensions.");
        }

        context.Set(0, [.. dims[..axis], .. dims[(axis + 1)..]]);
    }

    public override void Lower(Lowering graph)
    {
        // Without a count, the last slice is the first one of a loop that goes backwards.
        OnnxValue index = graph.Iteration(Owner, reverse ? graph.Dims(0)[axis] : null);
        graph.Set(0, graph.Node("Gather", graph.Input(0).Type, [graph.Input(0), index], Attr.Int("axis", axis)));
    }
}
