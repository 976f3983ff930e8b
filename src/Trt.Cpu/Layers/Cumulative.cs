using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Running sums along an axis.</summary>
internal sealed class Cumulative : CpuLayer, ICumulativeLayer
{
    private CumulativeOperation operation;
    private bool exclusive;
    private bool reverse;

    private Cumulative(CpuNetwork network, CpuTensor input, CpuTensor axis, CumulativeOperation operation, bool exclusive, bool reverse)
        : base(network, 1, input, axis)
    {
        this.operation = operation;
        this.exclusive = exclusive;
        this.reverse = reverse;
    }

    public override LayerType Type => LayerType.Cumulative;

    public CumulativeOperation Operation
    {
        get => Get(operation);
        set => Set(ref operation, value, value == CumulativeOperation.Sum, "setOperation", "op is an enumerator of CumulativeOperation");
    }

    public bool Exclusive
    {
        get => Get(exclusive);
        set => Set(ref exclusive, value, true, "setExclusive", string.Empty);
    }

    public bool Reverse
    {
        get => Get(reverse);
        set => Set(ref reverse, value, true, "setReverse", string.Empty);
    }

    protected override string Tag => "Cumulative";

    protected override string Interface => "ICumulativeLayer";

    protected override int? InputLimit => 2;

    public static Cumulative Create(CpuNetwork network, ITensor input, ITensor axis, CumulativeOperation operation, bool exclusive, bool reverse)
    {
        (CpuTensor own, CpuTensor along) = (network.Own(input), network.Own(axis));
        return operation != CumulativeOperation.Sum ? throw network.RefuseAdd("addCumulative", $"operation is an enumerator of CumulativeOperation, {(int)operation} is none")
            : own.Dimensions.NbDims <= 0 ? throw network.RefuseAdd("addCumulative", $"inputDims.nbDims >= 1. It is {own.Dimensions.NbDims}")
            : along.Dimensions.NbDims != 0 ? throw network.RefuseAdd("addCumulative", $"axisDims.nbDims == 0. It is {along.Dimensions.NbDims}")
            : new Cumulative(network, own, along, operation, exclusive, reverse);
    }

    public override bool ReadsValues(int input) => input == 1;

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", [.. Types.Floating, .. Types.Integers]);
        DimExpr axis = context.ShapeValues(1, "axis")[0];
        DimExpr[] dims = context.Dims(0);
        DimExpr rank = DimExpr.Constant(dims.Length);
        context.RequireInBuild(ShapeRuleKind.AtLeast, rank, axis + 1, $"axis {axis} must be below the number of dimensions, {rank}.");
        context.RequireInBuild(ShapeRuleKind.AtLeast, axis, rank * -1, $"axis {axis} must be at least {-dims.Length}.");
        bool known = axis.IsConstant && axis.Number >= -dims.Length && axis.Number < dims.Length;
        context.Set(0, dims, known && context.Values(0) is { } values ? Sums(values, dims, (int)(axis.Number < 0 ? axis.Number + dims.Length : axis.Number)) : null);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Real(0);
        OnnxValue axis = graph.Scalar(InputAt(1)!.Facts!.Values![0]);
        graph.Set(0, graph.Node("CumSum", x.Type, [x, axis], Attr.Int("exclusive", exclusive ? 1 : 0), Attr.Int("reverse", reverse ? 1 : 0)));
    }

    private DimExpr[]? Sums(DimExpr[] values, DimExpr[] dims, int axis) => SmallTensor.Make(dims, index =>
    {
        DimExpr sum = DimExpr.Zero;
        long[] place = [.. index];
        for (long at = 0; at < dims[axis].Number; at++)
        {
            bool counts = reverse ? at > index[axis] : at < index[axis];
            if (counts || (at == index[axis] && !exclusive))
            {
                place[axis] = at;
                sum += SmallTensor.At(values, dims, place)!;
            }
        }

        return sum;
    });
}
