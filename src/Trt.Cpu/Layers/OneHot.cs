using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A new axis on which the element that an index names has one value and all others another one.</summary>
internal sealed class OneHot : CpuLayer, IOneHotLayer
{
    private int axis;

    private OneHot(CpuNetwork network, CpuTensor indices, CpuTensor values, CpuTensor depth, int axis)
        : base(network, 1, indices, values, depth) => this.axis = axis;

    public override LayerType Type => LayerType.OneHot;

    public int Axis
    {
        get => Get(axis);
        set => Set(ref axis, value, true, "setAxis", string.Empty);
    }

    protected override string Tag => "OneHot";

    protected override string Interface => "IOneHotLayer";

    public static OneHot Create(CpuNetwork network, ITensor indices, ITensor values, ITensor depth, int axis) =>
        new(network, network.Own(indices), network.Own(values), network.Own(depth), axis);

    public override bool ReadsValues(int input) => input == 2;

    /// <summary>Nothing: layers belong to their network.</summary>
    public void Dispose()
    {
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "indices", Types.Integers);
        DimExpr[] depths = context.ShapeValues(2, "depth");
        if (context.Dims(2).Length != 0)
        {
            throw context.Refuse($"depth must be a scalar. It has {context.Dims(2).Length} dimensions.");
        }

        DimExpr[] dims = context.Dims(0);
        if (axis < -dims.Length - 1 || axis > dims.Length)
        {
            throw context.Refuse($"axis {axis} is outside of the valid range [{-dims.Length - 1}, {dims.Length}].");
        }

        DimExpr[] choices = context.Dims(1);
        if (choices.Length != 1)
        {
            context.Object(context.Refuse($"values must have 1 dimension, but has {choices.Length}."));
        }
        else
        {
            context.RequireInBuild(ShapeRuleKind.Equal, choices[0], DimExpr.Constant(2), "values must contain exactly {1} elements, but has {0}.");
        }

        if (!depths[0].IsConstant)
        {
            context.Object(Refusal.Internal("the depth of a one-hot layer must be a build-time constant"));
        }

        int at = Place(dims.Length);
        DimExpr[] result = [.. dims[..at], depths[0], .. dims[at..]];
        context.Set(0, result, context.Values(0) is { } indices && context.Values(1) is [var off, var on] && depths[0].IsConstant
            ? SmallTensor.Make(result, index =>
            {
                DimExpr named = SmallTensor.At(indices, dims, [.. index[..at], .. index[(at + 1)..]])!;
                DimExpr here = DimExpr.Constant(index[at]);
                DimExpr fromEnd = DimExpr.Constant(index[at] - depths[0].Number);
                return DimExpr.Choose(DimExpr.Max(DimExpr.AreEqual(named, here), DimExpr.AreEqual(named, fromEnd)), on, off);
            })
            : null);
    }

    public override void Lower(Lowering graph)
    {
        int rank = graph.Dims(0).Length;
        int at = Place(rank);
        DimExpr depth = graph.OutputDims(0)[at];
        OnnxValue choices = graph.Carried(graph.Input(1));
        OnnxValue named = graph.Cast(graph.Input(0), DataType.Int64);
        OnnxValue isNegative = graph.Compare("Less", named, graph.Number(0, DataType.Int64));
        OnnxValue place = graph.Where(isNegative, graph.Whole("Add", named, graph.Scalar(depth)), named);
        OnnxValue places = graph.Unsqueeze(graph.Range(depth), [.. Enumerable.Range(1, rank - at).Select(d => (long)d)]);
        OnnxValue hits = graph.Compare("Equal", graph.Unsqueeze(place, at), places);
        graph.Set(0, graph.Where(hits, graph.Gather(choices, graph.Number(1, DataType.Int64), 0), graph.Gather(choices, graph.Number(0, DataType.Int64), 0)));
    }

    protected override DataType OutputType(int output) => Propagated(1);

    private int Place(int rank) => axis < 0 ? axis + rank + 1 : axis;
}
