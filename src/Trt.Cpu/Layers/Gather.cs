using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Picks elements at places that another tensor names; a place outside of the data gives 0.</summary>
internal sealed class Gather : CpuLayer, IGatherLayer
{
    private GatherMode mode;
    private int axis;
    private int elementWise;

    private Gather(CpuNetwork network, CpuTensor data, CpuTensor indices, GatherMode mode, int axis)
        : base(network, 1, data, indices)
    {
        this.mode = mode;
        this.axis = axis;
    }

    public override LayerType Type => LayerType.Gather;

    public int GatherAxis
    {
        get => Get(axis);
        set => Set(ref axis, value, true, "setGatherAxis", string.Empty);
    }

    public int NbElementWiseDims
    {
        get => Get(elementWise);
        set => Set(ref elementWise, value, true, "setNbElementWiseDims", string.Empty);
    }

    public GatherMode Mode
    {
        get => Get(mode);
        set => Set(ref mode, value, IsDefined(value), "setMode", "mode is an enumerator of GatherMode");
    }

    protected override string Tag => "Gather";

    protected override string Interface => "IGatherLayer";

    public static Gather Create(CpuNetwork network, ITensor data, ITensor indices, GatherMode mode, int axis)
    {
        (CpuTensor own, CpuTensor places) = (network.Own(data), network.Own(indices));
        return IsDefined(mode) ? new Gather(network, own, places, mode, axis) : throw network.RefuseAdd("addGatherV2", $"mode is an enumerator of GatherMode, {(int)mode} is none");
    }

    public override void Infer(Inference context)
    {
        context.CheckType(1, "indices input", Types.Integers);
        DimExpr[] data = context.Dims(0);
        DimExpr[] indices = context.Dims(1);
        if (data.Length == 0)
        {
            throw context.Refuse("the data must have at least 1 dimension.");
        }

        switch (mode)
        {
            case GatherMode.Element:
                InferElements(context, data, indices);
                break;
            case GatherMode.Nd:
                InferPoints(context, data, indices);
                break;
            default:
                InferSlices(context, data, indices);
                break;
        }
    }

    public override void Lower(Lowering graph)
    {
        DimExpr[] dims = graph.Dims(0);
        OnnxValue places = graph.Cast(graph.Input(1), DataType.Int64);
        DimExpr[] limits = mode == GatherMode.Nd ? dims[elementWise..(elementWise + PointLength(graph.Dims(1)))] : [dims[axis]];
        bool sure = AreInside(InputAt(1)!.Facts!.Values, limits);
        OnnxValue valid = default;
        if (!sure)
        {
            OnnxValue counts = limits.Length == 1 ? graph.Scalar(limits[0]) : graph.Shape(limits);
            OnnxValue inside = graph.Both(graph.Compare("Less", places, counts), graph.Compare("GreaterOrEqual", places, graph.Node("Neg", DataType.Int64, [counts])));
            places = graph.Where(inside, places, graph.Number(0, DataType.Int64));
            valid = inside;
        }

        OnnxValue x = sure ? graph.Input(0) : graph.Carried(graph.Input(0));
        OnnxValue picked = mode switch
        {
            GatherMode.Element => graph.Node("GatherElements", x.Type, [x, places], Attr.Int("axis", axis)),
            GatherMode.Nd => Points(graph, x, places),
            _ => elementWise == 0 ? graph.Gather(x, places, axis) : Batched(graph, x, places),
        };
        graph.Set(0, sure ? picked : graph.Where(Spread(graph, valid), picked, graph.Number(0, x.Type)));
    }

    private static bool IsDefined(GatherMode mode) => mode is GatherMode.Default or GatherMode.Element or GatherMode.Nd;

    /// <summary>Whether all places are known and inside.</summary>
    private static bool AreInside(DimExpr[]? places, DimExpr[] limits) => places is not null && limits.Length == 1 && limits[0].IsConstant
        && Array.TrueForAll(places, place => place.IsConstant && place.Number < limits[0].Number && place.Number >= -limits[0].Number);

    /// <summary>The element at a place that only the run knows: each of the few there are may be it.</summary>
    private static DimExpr? Chosen(DimExpr place, long count, Func<long, DimExpr?> element)
    {
        if (count > Dims.MaxDims)
        {
            return null;
        }

        DimExpr inside = DimExpr.Choose(DimExpr.IsLess(place, DimExpr.Zero), place + count, place);
        DimExpr result = DimExpr.Zero;
        for (long at = 0; at < count; at++)
        {
            if (element(at) is not { } value)
            {
                return null;
            }

            result = DimExpr.Choose(DimExpr.AreEqual(inside, DimExpr.Constant(at)), value, result);
        }

        return result;
    }

    private static int PointLength(DimExpr[] indices) => (int)indices[^1].Number;

    private void InferSlices(Inference context, DimExpr[] data, DimExpr[] indices)
    {
        if (elementWise is not (0 or 1))
        {
            throw context.Refuse($"nbElementWiseDims must be 0 or 1 in this mode. It is {elementWise}.");
        }

        if (axis < elementWise || axis >= data.Length)
        {
            throw context.Refuse($"the axis must be at least nbElementWiseDims, {elementWise}, and below the number of dimensions of the data, {data.Length}. It is {axis}.");
        }

        if (indices.Length < elementWise)
        {
            throw context.Refuse("the indices must have at least nbElementWiseDims dimensions.");
        }

        DimExpr[] result = [.. context.Broadcast(data[..elementWise], indices[..elementWise]), .. data[elementWise..axis], .. indices[elementWise..], .. data[(axis + 1)..]];
        if (result.Length > Dims.MaxDims)
        {
            throw context.Refuse($"the result would have {result.Length} dimensions, more than {Dims.MaxDims}.");
        }

        DimExpr[]? values = null;
        if (elementWise == 0 && context.Values(0) is { } from && context.Values(1) is { } places)
        {
            long count = data[axis].Number;
            values = SmallTensor.Make(result, index =>
            {
                DimExpr place = SmallTensor.At(places, indices, index.AsSpan(axis, indices.Length))!;
                DimExpr? Element(long at) => SmallTensor.At(from, data, [.. index[..axis], at, .. index[(axis + indices.Length)..]]);
                if (!place.IsConstant)
                {
                    return Chosen(place, count, Element);
                }

                long inside = place.Number < 0 ? place.Number + count : place.Number;
                return inside < 0 || inside >= count ? DimExpr.Zero : Element(inside);
            });
        }

        context.Set(0, result, values);
    }

    private void InferElements(Inference context, DimExpr[] data, DimExpr[] indices)
    {
        if (axis < 0 || axis >= data.Length)
        {
            throw context.Refuse($"axis {axis} does not exist, the data has {data.Length} dimensions.");
        }

        if (elementWise != 0)
        {
            throw context.Refuse($"nbElementWiseDims must be 0 for GatherMode::kELEMENT. It is {elementWise}.");
        }

        if (indices.Length != data.Length)
        {
            context.Object(context.Refuse($"data and indices must have the same number of dimensions. They are {Extents.Text(data)} and {Extents.Text(indices)}."));
        }
        else
        {
            for (int d = 0; d < data.Length; d++)
            {
                if (d != axis)
                {
                    context.RequireInBuild(ShapeRuleKind.AtLeast, data[d], indices[d], $"dimension {d} of the indices is {{1}}, more than the data's {{0}}.");
                }
            }
        }

        context.Set(0, indices);
    }

    private void InferPoints(Inference context, DimExpr[] data, DimExpr[] indices)
    {
        if (indices.Length == 0)
        {
            throw context.Refuse("the indices must have at least 1 dimension for GatherMode::kND.");
        }

        if (!indices[^1].IsConstant)
        {
            throw Refusal.Api($"Error while computing output extent of node {Label}: the last dimension of the indices must be known.");
        }

        if (elementWise >= 0 && data.Length + indices.Length - 1 - elementWise < indices[^1].Number)
        {
            throw context.Refuse($"the output would have a negative number of dimensions: the indices are {Extents.Text(indices)}, the data has {data.Length} dimensions.");
        }

        if (elementWise < 0 || elementWise >= indices.Length || indices[^1].Number > data.Length - elementWise)
        {
            throw new Refusal(ErrorCode.UnspecifiedError, Refusal.InternalError,
                $"Invalid dimension in GatherND: the last dimension of the indices is {indices[^1].Number}, but {data.Length - elementWise} dimensions of the data are left after {elementWise} that correspond.");
        }

        if (elementWise >= data.Length)
        {
            context.Object(context.Refuse($"nbElementWiseDims must be in the range [0, {data.Length}). It is {elementWise}.", ErrorCode.InvalidArgument));
        }

        for (int d = 0; d < elementWise; d++)
        {
            context.RequireInBuild(ShapeRuleKind.Equal, data[d], indices[d], $"dimension {d} of data and indices must be the same. It is {{0}} and {{1}}.");
        }

        context.Set(0, [.. indices[..^1], .. data[(elementWise + PointLength(indices))..]]);
    }

    private OnnxValue Points(Lowering graph, OnnxValue x, OnnxValue places)
    {
        if (PointLength(graph.Dims(1)) > 0)
        {
            return graph.Node("GatherND", x.Type, [x, places], Attr.Int("batch_dims", elementWise));
        }

        // A point of no coordinates is the whole of what is left.
        int repeated = graph.Dims(1).Length - 1 - elementWise;
        OnnxValue apart = graph.Unsqueeze(x, [.. Enumerable.Range(elementWise, repeated).Select(d => (long)d)]);
        return graph.Expand(apart, graph.OutputDims(0));
    }

    /// <summary>Places that differ along the first axis: the axis goes beside it and back.</summary>
    private OnnxValue Batched(Lowering graph, OnnxValue x, OnnxValue places)
    {
        DimExpr[] dims = graph.Dims(0);
        DimExpr[] indices = graph.Dims(1);
        DimExpr batch = graph.OutputDims(0)[0];
        int rank = dims.Length;
        if (!batch.Equals(dims[0]))
        {
            x = graph.Expand(x, [batch, .. dims[1..]]);
        }

        if (!batch.Equals(indices[0]))
        {
            places = graph.Expand(places, [batch, .. indices[1..]]);
        }

        x = graph.Transpose(x, [0, axis, .. Enumerable.Range(1, rank - 1).Where(d => d != axis).Select(d => (long)d)]);
        OnnxValue points = graph.Unsqueeze(places, indices.Length);
        OnnxValue picked = graph.Node("GatherND", x.Type, [x, points], Attr.Int("batch_dims", 1));

        // Now: batch, the rest of the indices, the data's axes before the axis, those after it.
        int listed = indices.Length - 1;
        int before = axis - 1;
        return graph.Transpose(picked, [0, .. Count(1 + listed, before), .. Count(1, listed), .. Count(1 + listed + before, rank - 1 - axis)]);
    }

    /// <summary>Whether places are inside, in a shape that broadcasts to the result's.</summary>
    private OnnxValue Spread(Lowering graph, OnnxValue valid)
    {
        int rank = graph.OutputDims(0).Length;
        int listed = graph.Dims(1).Length;
        switch (mode)
        {
            case GatherMode.Element:
                return valid;
            case GatherMode.Nd:
                if (PointLength(graph.Dims(1)) > 0)
                {
                    OnnxValue least = graph.Node("ReduceMin", DataType.Int32, [graph.Cast(valid, DataType.Int32), graph.Integers(-1)], Attr.Int("keepdims", 0));
                    return graph.Unsqueeze(graph.Cast(least, DataType.Bool), Count(listed - 1, rank - listed + 1));
                }

                return graph.Number(1, DataType.Bool);
            default:
                // The batch in front, then the axes before the axis, the indices, those after.
                int after = rank - (axis - elementWise) - listed;
                return graph.Unsqueeze(valid, [.. Count(elementWise, axis - elementWise), .. Count(rank - after, after)]);
        }
    }

    private static long[] Count(int from, int count) => [.. Enumerable.Range(from, count).Select(d => (long)d)];
}
