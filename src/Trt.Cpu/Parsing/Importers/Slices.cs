using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Slices and paddings.</summary>
internal static class Slices
{
    public static void Register(ImporterTable table)
    {
        table.Add("Slice", Slice);
        table.Add("Pad", Pad);
    }

    private static ITensor Slice(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        ShapeValues dims = ShapeValues.Of(node, x);
        int rank = dims.Count;
        ShapeValues starts;
        ShapeValues ends;
        ShapeValues? axes = null;
        ShapeValues? steps = null;
        if (node.Opset >= 10)
        {
            starts = ShapeValues.From(node, node.AddCast(node.Tensor(1), DataType.Int64));
            ends = ShapeValues.From(node, node.AddCast(node.Tensor(2), DataType.Int64));
            axes = node.Has(3) ? ShapeValues.From(node, 3) : null;
            steps = node.Has(4) ? ShapeValues.From(node, 4) : null;
        }
        else
        {
            starts = ShapeValues.Vector(node.Ints("starts") ?? []);
            ends = ShapeValues.Vector(node.Ints("ends") ?? []);
            axes = node.Ints("axes") is { } given ? ShapeValues.Vector(given) : null;
        }

        int count = axes?.Count ?? starts.Count;
        if (count < 0 || starts.Count != count || ends.Count != count || count > rank)
        {
            throw node.Invalid($"Slice has {starts.Count} starts and {ends.Count} ends for {count} axes of an input of {rank} dimensions.");
        }

        steps ??= starts.Similar(node, 1);
        axes ??= ShapeValues.Vector([.. Enumerable.Range(0, count).Select(axis => (long)axis)]);
        axes = axes.IsKnown ? ShapeValues.Vector([.. Enumerable.Range(0, count).Select(i => (long)node.Axis(axes[i]!.Value, rank))]) : axes;
        bool whole = axes.IsKnown && count == rank && Enumerable.Range(0, rank).All(axis => axes[axis] == axis);
        ShapeValues lengths = dims.Gather(node, axes);
        (ShapeValues first, ShapeValues sizes) = Range(node, starts, ends, steps, lengths);
        ISliceLayer layer = (ISliceLayer)ShapeValues.Slice(node, x, first, sizes, steps);
        SetAxes(node, layer, whole ? null : axes);
        return node.Out(layer);
    }

    /// <summary>Starts and sizes of ONNX's starts and ends, which may count from the end and lie outside.</summary>
    private static (ShapeValues Starts, ShapeValues Sizes) Range(ImportNode node, ShapeValues starts, ShapeValues ends, ShapeValues steps, ShapeValues lengths)
    {
        static ShapeValues Zero() => ShapeValues.Vector(0);

        // −1 for a step backwards, which begins at the last element at most and ends before the first; 0 for others.
        ShapeValues backwards = Clamp(node, steps, ShapeValues.Vector(-1), Zero());
        ShapeValues first = Clamp(node, FromFront(node, starts, lengths), Zero(), ShapeValues.Add(node, lengths, backwards));
        ShapeValues last = Clamp(node, FromFront(node, ends, lengths), backwards, lengths);
        bool straight = steps.IsKnown && Enumerable.Range(0, steps.Count).All(i => steps[i] == 1);
        ShapeValues sizes = straight
            ? ShapeValues.Subtract(node, last, first)
            : ShapeValues.Subtract(node, steps.Similar(node, 0), ShapeValues.Divide(node, ShapeValues.Subtract(node, first, last), steps));
        return (first, ShapeValues.Max(node, sizes.Similar(node, 0), sizes));
    }

    private static ShapeValues FromFront(ImportNode node, ShapeValues places, ShapeValues lengths)
    {
        ShapeValues sign = Clamp(node, places, ShapeValues.Vector(-1), ShapeValues.Vector(0));
        return ShapeValues.Subtract(node, places, ShapeValues.Multiply(node, sign, lengths));
    }

    private static ShapeValues Clamp(ImportNode node, ShapeValues x, ShapeValues least, ShapeValues most) =>
        ShapeValues.Min(node, ShapeValues.Max(node, x, least), most);

    private static ITensor Pad(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        SampleMode mode = node.Text("mode", "constant") switch
        {
            "constant" => SampleMode.Fill,
            "reflect" => SampleMode.Reflect,
            "edge" => SampleMode.Clamp,
            "wrap" => SampleMode.Wrap,
            string other => throw node.Unsupported($"Pad has no mode {other}."),
        };
        ShapeValues dims = ShapeValues.Of(node, x);
        ShapeValues? axes = Axes(node, rank);
        (ShapeValues before, ShapeValues after) = Paddings(node, axes?.Count ?? rank);
        if (IsZero(before) && IsZero(after))
        {
            return node.Identity(x);
        }

        ShapeValues lengths = axes is null ? dims : dims.Gather(node, axes);
        ShapeValues starts = ShapeValues.Subtract(node, before.Similar(node, 0), before);
        ShapeValues sizes = ShapeValues.Add(node, lengths, ShapeValues.Add(node, before, after));
        ISliceLayer layer = (ISliceLayer)ShapeValues.Slice(node, x, starts, sizes, lengths.Similar(node, 1));
        SetAxes(node, layer, axes);
        layer.Mode = mode;
        if (mode == SampleMode.Fill)
        {
            ITensor? value = node.Opset < 11
                ? node.Float("value", 0) is not 0 and float given ? node.Constant(x.Type, default, given) : null
                : node.Has(2) ? node.Scalar(2) : null;
            if (value is not null)
            {
                layer.SetInput(4, value);
            }
        }

        return node.Out(layer);
    }

    /// <summary>The axes of Pad, from 0 where they are known; null for all.</summary>
    private static ShapeValues? Axes(ImportNode node, int rank)
    {
        if (!node.Has(3))
        {
            return null;
        }

        ShapeValues axes = ShapeValues.From(node, 3);
        if (!axes.IsKnown)
        {
            return axes.Count >= 0 ? axes : throw node.Unsupported("The number of axes of Pad must be known.", OnnxCode.UnsupportedNodeInput);
        }

        long[] places = [.. Enumerable.Range(0, axes.Count).Select(i => (long)node.Axis(axes[i]!.Value, rank))];
        return places.Distinct().Count() == places.Length ? ShapeValues.Vector(places) : throw node.Invalid("The axes of Pad must differ.");
    }

    private static void SetAxes(ImportNode node, ISliceLayer layer, ShapeValues? axes)
    {
        if (axes is { IsKnown: true })
        {
            layer.Axes = axes.Parameter;
        }
        else if (axes is not null)
        {
            layer.SetInput(5, axes.Tensor(node));
        }
    }

    private static (ShapeValues Before, ShapeValues After) Paddings(ImportNode node, int count)
    {
        ShapeValues pads = node.Opset < 11 ? ShapeValues.Vector(node.Ints("pads") ?? node.Ints("paddings") ?? []) : ShapeValues.From(node, 1);
        return pads.Count == 2 * count
            ? (Part(node, pads, 0, count), Part(node, pads, count, count))
            : throw node.Unsupported($"Pad has {pads.Count} numbers for {count} axes; it needs two for each.");
    }

    private static ShapeValues Part(ImportNode node, ShapeValues values, int first, int count)
    {
        long[] places = [.. Enumerable.Range(first, count).Select(place => (long)place)];
        return values.IsKnown
            ? values.Pick(node, places)
            : ShapeValues.From(node, node.Out(ShapeValues.Slice(node, values.Tensor(node), ShapeValues.Vector(first), ShapeValues.Vector(count), ShapeValues.Vector(1)), "ONNXTRT_ShapeSlice"));
    }

    private static bool IsZero(ShapeValues values) => values.IsKnown && Enumerable.Range(0, values.Count).All(i => values[i] == 0);
}
