using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Reductions along axes, running sums, greatest and least elements.</summary>
internal static class Reductions
{
    public static void Register(ImporterTable table)
    {
        foreach ((string name, ReduceOperation operation) in (ReadOnlySpan<(string, ReduceOperation)>)
        [
            ("ReduceMax", ReduceOperation.Max), ("ReduceMean", ReduceOperation.Avg), ("ReduceMin", ReduceOperation.Min), ("ReduceProd", ReduceOperation.Prod),
            ("ReduceSum", ReduceOperation.Sum),
        ])
        {
            table.Add(name, node => Reduced(node, node.Tensor(0), operation));
        }

        table.Add("ReduceL1", node => Reduced(node, node.Unary(node.Tensor(0), UnaryOperation.Abs), ReduceOperation.Sum));
        table.Add("ReduceSumSquare", node => SumOfSquares(node));
        table.Add("ReduceL2", node => node.Unary(SumOfSquares(node), UnaryOperation.Sqrt));
        table.Add("ReduceLogSum", node => node.Unary(Reduced(node, node.Tensor(0), ReduceOperation.Sum), UnaryOperation.Log));
        table.Add("ReduceLogSumExp", node =>
            node.Unary(Reduced(node, node.Unary(node.Tensor(0), UnaryOperation.Exp), ReduceOperation.Sum), UnaryOperation.Log));
        table.Add("GlobalAveragePool", node => Global(node, node.Tensor(0), ReduceOperation.Avg));
        table.Add("GlobalMaxPool", node => Global(node, node.Tensor(0), ReduceOperation.Max));
        table.Add("GlobalLpPool", GlobalLpPool);
        table.Add("ArgMax", node => Extreme(node, TopKOperation.Max));
        table.Add("ArgMin", node => Extreme(node, TopKOperation.Min));
        table.Add("TopK", TopK);
        table.Add("CumSum", Cumulative);
    }

    private static ITensor SumOfSquares(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        return Reduced(node, node.ElementWise(x, x, ElementWiseOperation.Prod), ReduceOperation.Sum);
    }

    private static ITensor Reduced(ImportNode node, ITensor x, ReduceOperation operation)
    {
        node.RefuseTypes(0, DataType.Bool, DataType.UInt8);
        int rank = node.Rank(x);
        long[] axes = node.Has(1) ? Axes(node) : node.Ints("axes") ?? [];
        if (axes.Length == 0 && node.Int("noop_with_empty_axes", 0) != 0)
        {
            return node.Identity(x);
        }

        return node.Reduce(x, operation, axes.Length == 0 ? (1u << rank) - 1 : node.Axes(axes, rank), node.Int("keepdims", 1) != 0);
    }

    private static long[] Axes(ImportNode node) => node.IsConstant(1)
        ? node.Integers(1)
        : throw node.Unsupported("The axes of a reduction must be known while parsing: an initializer or a constant.");

    private static ITensor Global(ImportNode node, ITensor x, ReduceOperation operation) =>
        node.Reduce(x, operation, ((1u << node.Rank(x)) - 1) & ~3u, true);

    private static ITensor GlobalLpPool(ImportNode node)
    {
        long p = node.Int("p", 2);
        ITensor x = node.Tensor(0);
        if (p == 1)
        {
            return Global(node, node.Unary(x, UnaryOperation.Abs), ReduceOperation.Sum);
        }

        ITensor power = node.Like(x, p);
        ITensor inverse = node.Like(x, 1.0 / p);
        ITensor raised = node.ElementWise(node.Unary(x, UnaryOperation.Abs), power, ElementWiseOperation.Pow);
        return node.ElementWise(Global(node, raised, ReduceOperation.Sum), inverse, ElementWiseOperation.Pow);
    }

    private static ITensor Extreme(ImportNode node, TopKOperation operation)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        int axis = node.Axis(node.Int("axis", 0), rank);
        bool last = node.Int("select_last_index", 0) != 0;
        bool flat = rank == 1;
        ShapeValues shape = ShapeValues.Of(node, x);
        if (last)
        {
            // The last of equals is the first one seen from the other end.
            ShapeValues ends = ShapeValues.Subtract(node, shape.Pick(node, axis), ShapeValues.Vector(1));
            ShapeValues starts = shape.Similar(node, 0).With(node, ends, [axis]);
            ShapeValues strides = shape.Similar(node, 1).With(node, ShapeValues.Vector(-1), [axis]);
            x = node.Out(ShapeValues.Slice(node, x, starts, shape, strides), "ONNXTRT_ShapeSlice");
        }

        ITensor data = flat ? node.Unsqueeze(x, 1) : x;
        ITopKLayer layer = node.Network.AddTopK(data, operation, 1, 1u << axis);
        node.Named(layer);
        ITensor indices = node.AddCast(layer.GetOutput(1), DataType.Int64);
        if (flat)
        {
            indices = node.Squeeze(indices, 1);
        }

        if (last)
        {
            ShapeValues counts = shape.With(node, ShapeValues.Vector(1), [axis]);
            _ = counts.Tensor(node);
            ITensor length = node.Filled(shape.Pick(node, axis).Tensor(node), counts);
            ITensor one = node.Filled(node.Int64s(1), counts);
            indices = node.ElementWise(node.ElementWise(length, indices, ElementWiseOperation.Sub), one, ElementWiseOperation.Sub);
        }

        if (node.Int("keepdims", 1) == 0)
        {
            indices = node.Squeeze(indices, axis);
        }

        return node.AddCast(indices, DataType.Int64);
    }

    private static ITensor[] TopK(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        int axis = node.Axis(node.Int("axis", -1), rank);
        bool flat = rank == 1;
        if (flat)
        {
            x = node.Unsqueeze(x, 1);
        }

        TopKOperation operation = node.Int("largest", 1) != 0 ? TopKOperation.Max : TopKOperation.Min;
        int count = node.Opset < 10 ? (int)node.Int("k") : 1;
        ITopKLayer layer = node.Network.AddTopK(x, operation, count, 1u << axis);
        node.Named(layer);
        if (node.Opset >= 10)
        {
            layer.SetInput(1, node.Scalar(node.Tensor(1)));
        }

        ITensor values = layer.GetOutput(0);
        ITensor indices = layer.GetOutput(1);
        if (flat)
        {
            values = node.Squeeze(values, 1);
            indices = node.Squeeze(indices, 1);
        }

        return [values, node.AddCast(indices, DataType.Int64)];
    }

    private static ITensor Cumulative(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        ITensor axis = node.Scalar(node.Tensor(1));
        return node.Out(node.Network.AddCumulative(x, axis, CumulativeOperation.Sum, node.Int("exclusive", 0) != 0, node.Int("reverse", 0) != 0));
    }
}
