using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Grid sampling of volumes, composed of smaller operators: ONNX Runtime knows no cubic interpolation of volumes.</summary>
internal sealed class VolumeSampling(Lowering graph, InterpolationMode interpolation, SampleMode mode, bool alignCorners)
{
    private const DataType Real = DataType.Float;
    private const double Cubic = -0.75;

    /// <summary>The values of a volume (N, C, D, H, W) at the places (x, y, z) of a grid.</summary>
    public OnnxValue Sample(OnnxValue volume, OnnxValue grid)
    {
        DimExpr[] dims = graph.Dims(0);
        DimExpr points = DimExpr.Volume(graph.Dims(1)[1..^1]);
        OnnxValue rows = graph.Transpose(graph.Reshape(volume, [dims[0], dims[1], DimExpr.Volume(dims[2..])]), 0, 2, 1);
        OnnxValue places = graph.Reshape(grid, [dims[0], points, DimExpr.Constant(3)]);
        List<(OnnxValue Index, OnnxValue Weight)>[] taps = [Taps(places, 2, dims[2]), Taps(places, 1, dims[3]), Taps(places, 0, dims[4])];
        OnnxValue? sum = null;
        foreach ((OnnxValue z, OnnxValue wz) in taps[0])
        {
            foreach ((OnnxValue y, OnnxValue wy) in taps[1])
            {
                OnnxValue row = graph.Whole("Add", graph.Whole("Mul", z, graph.Scalar(dims[3])), y);
                OnnxValue rowWeight = Times(wz, wy);
                foreach ((OnnxValue x, OnnxValue wx) in taps[2])
                {
                    OnnxValue at = graph.Unsqueeze(graph.Whole("Add", graph.Whole("Mul", row, graph.Scalar(dims[4])), x), 2);
                    OnnxValue read = graph.Node("GatherND", Real, [rows, at], Attr.Int("batch_dims", 1));
                    OnnxValue part = Times(read, graph.Unsqueeze(Times(rowWeight, wx), 2));
                    sum = sum is { } before ? graph.Node("Add", Real, [before, part]) : part;
                }
            }
        }

        return graph.Reshape(graph.Transpose(sum!.Value, 0, 2, 1), graph.OutputDims(0));
    }

    /// <summary>Which elements of an axis take part, and how much.</summary>
    private List<(OnnxValue Index, OnnxValue Weight)> Taps(OnnxValue places, int component, DimExpr extent)
    {
        OnnxValue count = graph.Cast(graph.Scalar(extent), Real);
        OnnxValue last = Minus(count, Number(1));
        OnnxValue place = Plus(graph.Gather(places, graph.Number(component, DataType.Int64), 2), Number(1));

        // From [-1, 1] to elements: the ends are the outer elements' middles, or their borders.
        OnnxValue at = alignCorners ? Times(Times(place, Number(0.5)), last) : Minus(Times(Times(place, count), Number(0.5)), Number(0.5));
        if (interpolation != InterpolationMode.Cubic)
        {
            at = Inside(at, last);
        }

        if (interpolation == InterpolationMode.Nearest)
        {
            // All of it, wherever the place is a number.
            return [Tap(graph.Node("Round", Real, [at]), graph.Cast(graph.Compare("Equal", at, at), Real), last)];
        }

        OnnxValue floor = graph.Node("Floor", Real, [at]);
        OnnxValue rest = Minus(at, floor);
        if (interpolation == InterpolationMode.Linear)
        {
            return [Tap(floor, Minus(Number(1), rest), last), Tap(Plus(floor, Number(1)), rest, last)];
        }

        OnnxValue back = Minus(Number(1), rest);
        return
        [
            Tap(Minus(floor, Number(1)), Outer(Plus(rest, Number(1))), last), Tap(floor, Inner(rest), last),
            Tap(Plus(floor, Number(1)), Inner(back), last), Tap(Plus(floor, Number(2)), Outer(Plus(back, Number(1))), last),
        ];
    }

    /// <summary>An element and its weight; outside, the weight is 0 or another element stands in.</summary>
    private (OnnxValue Index, OnnxValue Weight) Tap(OnnxValue at, OnnxValue weight, OnnxValue last)
    {
        OnnxValue inside = Limited(mode == SampleMode.Reflect ? Inside(at, last) : at, last);
        OnnxValue counts = mode == SampleMode.Fill ? Times(weight, graph.Cast(graph.Compare("Equal", inside, at), Real)) : weight;
        return (graph.Cast(inside, DataType.Int64), counts);
    }

    private OnnxValue Inside(OnnxValue at, OnnxValue last)
    {
        if (mode == SampleMode.Fill)
        {
            return at;
        }

        if (mode == SampleMode.Clamp)
        {
            return Limited(at, last);
        }

        // There and back between the ends, which are the outer elements' middles or borders.
        OnnxValue low = Number(alignCorners ? 0 : -0.5);
        OnnxValue span = alignCorners ? last : Plus(last, Number(1));
        OnnxValue way = graph.Node("Abs", Real, [Minus(at, low)]);
        OnnxValue safe = graph.Node("Max", Real, [span, Number(1e-20)]);
        OnnxValue turns = graph.Node("Floor", Real, [graph.Node("Div", Real, [way, Plus(safe, safe)])]);
        OnnxValue phase = Minus(way, Times(turns, Plus(span, span)));
        OnnxValue folded = graph.Node("Min", Real, [phase, Minus(Plus(span, span), phase)]);
        return Limited(Plus(folded, low), last);
    }

    private OnnxValue Limited(OnnxValue at, OnnxValue last) => graph.Node("Min", Real, [graph.Node("Max", Real, [at, Number(0)]), last]);

    /// <summary>Weight of the two elements beside a place, at a distance up to 1.</summary>
    private OnnxValue Inner(OnnxValue t) => Plus(Times(Times(t, t), Minus(Times(Number(Cubic + 2), t), Number(Cubic + 3))), Number(1));

    /// <summary>Weight of the two elements beyond them, at a distance of 1 to 2.</summary>
    private OnnxValue Outer(OnnxValue t) => Times(Number(Cubic), Minus(Times(Plus(Times(Minus(t, Number(5)), t), Number(8)), t), Number(4)));

    private OnnxValue Number(double number) => graph.Number(number, Real);

    private OnnxValue Plus(OnnxValue left, OnnxValue right) => graph.Node("Add", Real, [left, right]);

    private OnnxValue Minus(OnnxValue left, OnnxValue right) => graph.Node("Sub", Real, [left, right]);

    private OnnxValue Times(OnnxValue left, OnnxValue right) => graph.Node("Mul", Real, [left, right]);
}
