using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Elements by their places: gathered, scattered, found and marked.</summary>
internal static class Lookups
{
    public static void Register(ImporterTable table)
    {
        table.Add("Gather", Gather);
        table.Add("GatherElements", GatherElements);
        table.Add("GatherND", GatherNd);
        table.Add("Scatter", ScatterElements);
        table.Add("ScatterElements", ScatterElements);
        table.Add("ScatterND", ScatterNd);
        table.Add("NonZero", NonZero);
        table.Add("OneHot", OneHot);
        table.Add("Hardmax", Hardmax);
        table.Add("Trilu", Triangle);
        table.Add("ReverseSequence", ReverseSequence);
        table.Add("NonMaxSuppression", Suppression);
    }

    private static ITensor Gather(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor data = node.Tensor(0);
        ITensor indices = node.Tensor(1);

        // Extents are gathered with indices of their own type: a shape stays one of 64-bit numbers.
        indices = data.Type == DataType.Int64 ? indices : node.AddCast(indices, DataType.Int32);
        return node.Out(node.Network.AddGather(data, indices, node.Axis(node.Int("axis", 0), node.Rank(data))));
    }

    private static ITensor GatherElements(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor data = node.Tensor(0);
        ITensor indices = node.AddCast(node.Tensor(1), DataType.Int32);
        IGatherLayer layer = node.Network.AddGatherV2(data, indices, GatherMode.Element);
        layer.GatherAxis = node.Axis(node.Int("axis", 0), node.Rank(data));
        return node.Out(layer);
    }

    private static ITensor GatherNd(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor data = node.Tensor(0);
        ITensor indices = node.AddCast(node.Tensor(1), DataType.Int32);
        IGatherLayer layer = node.Network.AddGatherV2(data, indices, GatherMode.Nd);
        layer.NbElementWiseDims = (int)node.Int("batch_dims", 0);
        return node.Out(layer);
    }

    private static ITensor ScatterElements(ImportNode node)
    {
        if (node.Text("reduction", "none") != "none")
        {
            throw node.Unsupported($"ScatterElements with reduction {node.Text("reduction", "none")} is not supported.", OnnxCode.UnsupportedNodeAttr);
        }

        ITensor data = node.Tensor(0);
        IScatterLayer layer = node.Network.AddScatter(data, node.Tensor(1), node.Tensor(2), ScatterMode.Element);
        layer.Axis = node.Axis(node.Int("axis", 0), node.Rank(data));
        return node.Out(layer);
    }

    private static ITensor ScatterNd(ImportNode node)
    {
        if (node.Text("reduction", "none") != "none")
        {
            throw node.Unsupported($"ScatterND with reduction {node.Text("reduction", "none")} is not supported.", OnnxCode.UnsupportedNodeAttr);
        }

        return node.Out(node.Network.AddScatter(node.Tensor(0), node.Tensor(1), node.Tensor(2), ScatterMode.Nd));
    }

    private static ITensor NonZero(ImportNode node) => node.Out(node.Network.AddNonZero(node.Tensor(0), DataType.Int64));

    private static ITensor OneHot(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor values = node.Tensor(2);
        ITensor indices = node.Tensor(0);
        indices = indices.Type == DataType.Int32 ? indices : node.AddCast(indices, DataType.Int32);
        ITensor depth = node.Tensor(1);
        depth = node.Scalar(depth.Type == DataType.Int32 ? depth : node.AddCast(depth, DataType.Int32));
        return node.Out(node.Network.AddOneHot(indices, values, depth, node.Axis(node.Int("axis", -1), node.Rank(indices) + 1)));
    }

    private static ITensor Hardmax(ImportNode node)
    {
        node.RefuseTypes(0, DataType.Int64, DataType.Int32, DataType.Int8, DataType.UInt8, DataType.Bool);
        ITensor x = node.Tensor(0);
        ShapeValues shape = ShapeValues.Of(node, x);
        bool flattens = node.Opset < 13;
        int axis = node.Axis(node.Int("axis", flattens ? 1 : -1), shape.Count);
        ITensor data = x;
        if (flattens)
        {
            data = node.Out(ShapeValues.Concatenate(node, shape.Product(node, 0, axis), shape.Product(node, axis, shape.Count)).Shuffle(node, x));
            axis = 1;
        }

        bool flat = node.Rank(data) == 1;
        data = flat ? node.Unsqueeze(data, 0) : data;
        axis = flat ? 1 : axis;
        ITopKLayer top = node.Network.AddTopK(data, TopKOperation.Max, 1, 1u << axis);
        node.Named(top);
        ITensor places = node.Squeeze(top.GetOutput(1), axis);
        ITensor values = node.Constant(DataType.Int32, new Dims(2), 0, 1);
        ITensor hot = node.Out(node.Network.AddOneHot(places, values, node.AxisLength(data, axis), axis));
        hot = flat ? node.Squeeze(hot, 0) : flattens ? shape.Reshape(node, hot) : hot;
        return node.AddCast(hot, x.Type);
    }

    /// <summary>Keeps what lies on one side of a diagonal of the last two axes.</summary>
    private static ITensor Triangle(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        if (rank < 2)
        {
            throw node.Invalid($"Trilu takes an input of two dimensions or more, not {rank}.");
        }

        ShapeValues Matrix() => ShapeValues.Of(node, x).Pick(node, rank - 2, rank - 1);
        ITensor rows = Counted(node, Matrix(), 1, 0);
        ITensor columns = Counted(node, Matrix(), 0, 1);
        ITensor zero = node.Zeros(x);
        if (node.Has(1))
        {
            ITensor diagonal = node.Tensor(1);
            diagonal = node.Broadcast(diagonal.Type == DataType.Int64 ? diagonal : node.AddCast(diagonal, DataType.Int64), 2);
            columns = node.ElementWise(columns, diagonal, ElementWiseOperation.Sub);
        }

        if (rank > 2)
        {
            long[] batch = [.. Enumerable.Range(0, rank - 2).Select(axis => (long)axis)];
            rows = node.Unsqueeze(rows, batch);
            columns = node.Unsqueeze(columns, batch);
        }

        ElementWiseOperation side = node.Int("upper", 1) != 0 ? ElementWiseOperation.Less : ElementWiseOperation.Greater;
        return node.Select(Arithmetic.OrEqual(node, rows, columns, side), x, zero);
    }

    /// <summary>The number of each element's row, or of its column.</summary>
    public static ITensor Counted(ImportNode node, ShapeValues shape, long row, long column)
    {
        IFillLayer layer = node.Network.AddFill(default, FillOperation.Linspace, DataType.Int32);
        ITensor first = node.Constant(DataType.Int32, default, 0);
        ITensor steps = node.Constant(DataType.Int32, new Dims(2), row, column);
        layer.SetInput(0, shape.Tensor(node));
        layer.SetInput(1, first);
        layer.SetInput(2, steps);
        return node.AddCast(node.Out(layer, "ONNXTRT_iota"), DataType.Int64);
    }

    private static ITensor ReverseSequence(ImportNode node)
    {
        IReverseSequenceLayer layer = node.Network.AddReverseSequence(node.Tensor(0), node.Tensor(1));
        layer.BatchAxis = (int)node.Int("batch_axis", 1);
        layer.SequenceAxis = (int)node.Int("time_axis", 0);
        return node.Out(layer);
    }

    private static ITensor Suppression(ImportNode node)
    {
        ITensor boxes = node.Tensor(0);
        ITensor scores = node.Tensor(1);
        if (node.Rank(boxes) != 3 || node.Rank(scores) != 3)
        {
            throw node.Unsupported($"NonMaxSuppression takes boxes and scores of three dimensions, not {node.Rank(boxes)} and {node.Rank(scores)}.");
        }

        ITensor most = node.Has(2) ? node.Scalar(2) : node.Constant(DataType.Int64, default, 0);

        // A number beyond 32 bits stands for no limit.
        most = node.ElementWise(most, node.Constant(most.Type, default, int.MaxValue), ElementWiseOperation.Min);
        most = node.AddCast(most, DataType.Int32);
        ITensor? overlap = node.Has(3) ? node.Scalar(3) : null;
        ITensor? score = node.Has(4) ? node.Scalar(4) : null;
        INMSLayer layer = node.Network.AddNMS(boxes, node.Transpose(scores, 0, 2, 1), most, DataType.Int64);
        if (overlap is not null)
        {
            layer.SetInput(3, overlap);
        }

        if (score is not null)
        {
            layer.SetInput(4, score);
        }

        layer.BoundingBoxFormat = node.Int("center_point_box", 0) switch
        {
            0 => BoundingBoxFormat.CornerPairs,
            1 => BoundingBoxFormat.CenterSizes,
            long other => throw node.Unsupported($"center_point_box is 0 or 1, not {other}.", OnnxCode.UnsupportedNodeAttr),
        };
        return node.Out(layer);
    }
}
