using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A copy of a tensor in which elements, at places that another tensor names, are replaced.</summary>
internal sealed class Scatter : CpuLayer, IScatterLayer
{
    private ScatterMode mode;
    private int axis;

    private Scatter(CpuNetwork network, CpuTensor data, CpuTensor indices, CpuTensor updates, ScatterMode mode)
        : base(network, 1, data, indices, updates) => this.mode = mode;

    public override LayerType Type => LayerType.Scatter;

    public ScatterMode Mode
    {
        get => Get(mode);
        set => Set(ref mode, value, IsDefined(value), "setMode", "mode is an enumerator of ScatterMode");
    }

    public int Axis
    {
        get => Get(axis);
        set => Set(ref axis, value, true, "setAxis", string.Empty);
    }

    protected override string Tag => "Scatter";

    protected override string Interface => "IScatterLayer";

    public static Scatter Create(CpuNetwork network, ITensor data, ITensor indices, ITensor updates, ScatterMode mode)
    {
        (CpuTensor own, CpuTensor places, CpuTensor values) = (network.Own(data), network.Own(indices), network.Own(updates));
        return IsDefined(mode) ? new Scatter(network, own, places, values, mode) : throw network.RefuseAdd("addScatter", $"mode is an enumerator of ScatterMode, {(int)mode} is none");
    }

    public override void Infer(Inference context)
    {
        context.CheckType(1, "indices", Types.Integers);
        (DataType one, DataType other) = (context.Type(0), context.Type(2));
        if (one != other && (Network.IsStronglyTyped || !Types.IsFloating(one) || !Types.IsFloating(other)))
        {
            throw context.Refuse($"input and updates must have the same type. They are {Types.Name(one)} and {Types.Name(other)}.");
        }

        DimExpr[] data = context.Dims(0);
        if (mode == ScatterMode.Element)
        {
            CheckElements(context, data, context.Dims(1), context.Dims(2));
        }
        else
        {
            CheckPoints(context, data, context.Dims(1), context.Dims(2));
        }

        context.Set(0, data, context.Objection is null && context.Values(0) is { } values && context.Values(1) is { } indices && context.Values(2) is { } updates
            ? Values(context, [.. values], indices, updates) : null);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Carried(graph.Input(0));
        OnnxValue places = graph.Cast(graph.Input(1), DataType.Int64);
        OnnxValue updates = graph.Cast(graph.Input(2), x.Type);
        graph.Set(0, mode == ScatterMode.Element
            ? graph.Node("ScatterElements", x.Type, [x, places, updates], Attr.Int("axis", axis))
            : graph.Node("ScatterND", x.Type, [x, places, updates]));
    }

    /// <summary>Values of shapes, where all places are known and inside.</summary>
    private DimExpr[]? Values(Inference context, DimExpr[] values, DimExpr[] indices, DimExpr[] updates)
    {
        (DimExpr[] data, DimExpr[] places, DimExpr[] dims) = (context.Dims(0), context.Dims(1), context.Dims(2));
        int listed = places.Length - 1;
        bool known = SmallTensor.Make(dims, index =>
        {
            long[] target = [.. index];
            if (mode == ScatterMode.Element)
            {
                target[axis < 0 ? axis + data.Length : axis] = Place(index);
            }
            else
            {
                IEnumerable<long> point = Enumerable.Range(0, (int)places[^1].Number).Select(coordinate => Place([.. index[..listed], coordinate]));
                target = [.. point, .. index[listed..]];
            }

            long offset = 0;
            for (int d = 0; d < data.Length; d++)
            {
                long at = target[d] < 0 ? target[d] + data[d].Number : target[d];
                if (at < 0 || at >= data[d].Number)
                {
                    return null;
                }

                offset = (offset * data[d].Number) + at;
            }

            return values[offset] = SmallTensor.At(updates, dims, index)!;
        }) is not null;
        return known ? values : null;

        // What is not known is nowhere.
        long Place(long[] index) => SmallTensor.At(indices, places, index) is { IsConstant: true } place ? place.Number : long.MinValue / 2;
    }

    private static bool IsDefined(ScatterMode mode) => mode is ScatterMode.Element or ScatterMode.Nd;

    private void CheckElements(Inference context, DimExpr[] data, DimExpr[] indices, DimExpr[] updates)
    {
        if (data.Length != indices.Length || data.Length != updates.Length)
        {
            throw context.Refuse($"in elements mode all inputs must have the same number of dimensions. They have {data.Length}, {indices.Length} and {updates.Length}.");
        }

        for (int d = 0; d < data.Length; d++)
        {
            context.RequireInBuild(ShapeRuleKind.Equal, indices[d], updates[d], $"dimension {d} of indices and updates must be the same. It is {{0}} and {{1}}.");
            if (data[d].IsConstant && indices[d].IsConstant && indices[d].Number > data[d].Number)
            {
                context.Object(new Refusal(ErrorCode.UnspecifiedError, "Myelin", $"{Label}: dimension {d} of the indices, {indices[d]}, must not exceed the data's, {data[d]}."));
            }
        }

        if (axis < -data.Length || axis >= data.Length)
        {
            context.Object(new Refusal(ErrorCode.UnspecifiedError, "Myelin", $"{Label}: axis {axis} is outside of the range [{-data.Length}, {data.Length})."));
        }
    }

    private void CheckPoints(Inference context, DimExpr[] data, DimExpr[] indices, DimExpr[] updates)
    {
        long coordinates = indices.Length == 0 || !indices[^1].IsConstant ? -1 : indices[^1].Number;
        if (coordinates < 0 || coordinates > data.Length || updates.Length != data.Length + indices.Length - 1 - coordinates)
        {
            context.Object(context.Refuse($"Indices {Extents.Text(indices)} and updates {Extents.Text(updates)} do not fit to data {Extents.Text(data)}: the last dimension of the indices says how many dimensions of the data a point fixes, the updates have the other dimensions of the indices and then those that are left of the data."));
            return;
        }

        DimExpr[] expected = [.. indices[..^1], .. data[(int)coordinates..]];
        for (int d = 0; d < expected.Length; d++)
        {
            context.RequireInBuild(ShapeRuleKind.Equal, expected[d], updates[d], $"dimension {d} of the updates must be {{0}}, but is {{1}}.");
        }
    }
}
