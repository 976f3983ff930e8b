using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Picks boxes in the order of their scores, leaving out those that overlap a picked one of the same class too much.</summary>
internal sealed class NonMaxSuppression : CpuLayer, INMSLayer
{
    private const int MostBoxes = 5000;
    private const int Boxes = 0;
    private const int Scores = 1;
    private const int MostPicked = 2;
    private const int OverlapLimit = 3;
    private const int ScoreLimit = 4;

    private BoundingBoxFormat format = BoundingBoxFormat.CornerPairs;
    private int boxLimit = MostBoxes;
    private DataType indices;

    private NonMaxSuppression(CpuNetwork network, CpuTensor boxes, CpuTensor scores, CpuTensor most, DataType indices)
        : base(network, 2, boxes, scores, most) => this.indices = indices;

    public override LayerType Type => LayerType.NMS;

    public BoundingBoxFormat BoundingBoxFormat
    {
        get => Get(format);
        set => Set(ref format, value, value is BoundingBoxFormat.CornerPairs or BoundingBoxFormat.CenterSizes, "setBoundingBoxFormat", "fmt is an enumerator of BoundingBoxFormat");
    }

    public int TopKBoxLimit
    {
        get => Get(boxLimit);
        set => Set(ref boxLimit, value, value is >= 0 and <= MostBoxes, "setTopKBoxLimit", $"topKBoxLimit is 0 to {MostBoxes}");
    }

    public DataType IndicesType
    {
        get => Get(indices);
        set
        {
            Network.ThrowIfDisposed();
            if (!Types.IsInteger(value))
            {
                throw Network.Journal.Failure("INMSLayer::setIndicesType", Refusal.Argument("Parameter check failed, condition: type is kINT32 or kINT64."));
            }

            Set(ref indices, value, true, "setIndicesType", string.Empty);
        }
    }

    protected override string Tag => "NMS";

    protected override string Interface => "INMSLayer";

    protected override int? InputLimit => 5;

    public static NonMaxSuppression Create(CpuNetwork network, ITensor boxes, ITensor scores, ITensor most, DataType indices)
    {
        (CpuTensor first, CpuTensor second, CpuTensor third) = (network.Own(boxes), network.Own(scores), network.Own(most));
        return !Types.IsInteger(indices) ? throw network.RefuseAdd("addNMS", "indicesType is kINT32 or kINT64")
            : first.Dimensions.NbDims is not (3 or 4) ? throw network.RefuseAdd("addNMS", $"boxes has 3 or 4 dimensions. It has {first.Dimensions.NbDims}")
            : second.Dimensions.NbDims != 3 ? throw network.RefuseAdd("addNMS", $"scores has 3 dimensions. It has {second.Dimensions.NbDims}")
            : third.Dimensions.NbDims != 0 ? throw network.RefuseAdd("addNMS", $"maxOutputBoxesPerClass is a scalar. It has {third.Dimensions.NbDims} dimensions")
            : new NonMaxSuppression(network, first, second, third, indices);
    }

    public override void Infer(Inference context)
    {
        CheckTypes(context);
        DimExpr[] boxes = context.Dims(Boxes);
        DimExpr[] scores = context.Dims(Scores);
        if (boxes.Length is not (3 or 4) || scores.Length != 3)
        {
            throw Wrong(context, $"the Boxes tensor must have 3 or 4 dimensions and the Scores tensor 3. They have {boxes.Length} and {scores.Length}.");
        }

        if (boxes[^1] is { IsConstant: true, Number: not 4 })
        {
            throw Wrong(context, "the last dimension of the Boxes tensor must have a size of 4.");
        }

        for (int input = MostPicked; input <= ScoreLimit; input++)
        {
            if (context.Has(input) && context.Dims(input).Length != 0)
            {
                throw Wrong(context, $"{Role(input)} must be a scalar. It has dimensions {Extents.Text(context.Dims(input))}.");
            }
        }

        context.Require(ShapeRuleKind.Equal, boxes[^1], DimExpr.Constant(4), "the last dimension of the Boxes tensor must have a size of 4. It is {0}.");
        foreach ((int axis, string what) in Matching(boxes))
        {
            context.RequireInBuild(ShapeRuleKind.Equal, boxes[axis], scores[axis], $"the Boxes and Scores tensors must have the same {what}. They have {{0}} and {{1}}.");
        }

        DimExpr picked = context.Values(MostPicked) is [{ IsConstant: true, Number: >= 0 } most] ? DimExpr.Min(boxes[1], most) : boxes[1];
        DimExpr count = context.Unknown(0, 0, DimExpr.Volume([scores[0], scores[2], picked]));
        context.Set(0, [count, DimExpr.Constant(3)]);
        context.Set(1, [], [count]);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue boxes = graph.Real(Boxes);
        DimExpr[] scoreDims = graph.Dims(Scores);
        OnnxValue scores = graph.Node("Transpose", DataType.Float, [Limited(graph, graph.Real(Scores), scoreDims)], Attr.Ints("perm", 0, 2, 1));
        OnnxValue candidates = scores;
        bool perClass = graph.Dims(Boxes).Length == 4;
        if (perClass)
        {
            // Each class has boxes of its own: to ONNX it is a batch item.
            DimExpr items = scoreDims[0] * scoreDims[2];
            boxes = graph.Node("Transpose", DataType.Float, [boxes], Attr.Ints("perm", 0, 2, 1, 3));
            boxes = Reshaped(graph, boxes, [items, scoreDims[1], DimExpr.Constant(4)]);
            candidates = Reshaped(graph, scores, [items, DimExpr.One, scoreDims[1]]);
        }

        OnnxValue picked = graph.Node("NonMaxSuppression", DataType.Int64,
            [boxes, candidates, graph.Cast(graph.Input(MostPicked), DataType.Int64), Threshold(graph, OverlapLimit), Threshold(graph, ScoreLimit)],
            Attr.Int("center_point_box", format == BoundingBoxFormat.CenterSizes ? 1 : 0));
        if (perClass)
        {
            OnnxValue item = Column(graph, picked, 0);
            OnnxValue classes = graph.Shape([scoreDims[2]]);
            OnnxValue batch = graph.Node("Div", DataType.Int64, [item, classes]);
            OnnxValue kind = graph.Node("Mod", DataType.Int64, [item, classes]);
            picked = graph.Node("Concat", DataType.Int64, [batch, kind, Column(graph, picked, 2)], Attr.Int("axis", 1));
        }

        OnnxValue pickedScores = graph.Node("GatherND", DataType.Float, [scores, picked]);
        OnnxValue sorted = Sorted(graph, picked, pickedScores, true);
        OnnxValue batches = graph.Node("Squeeze", DataType.Int64, [Column(graph, sorted, 0), graph.Integers(1)]);
        sorted = Sorted(graph, sorted, batches, false);
        graph.Set(0, sorted);
        graph.Set(1, graph.Node("Squeeze", DataType.Int64, [Count(graph, sorted), graph.Integers(0)]));
    }

    protected override DataType OutputType(int output) => output == 0 ? indices : DataType.Int32;

    private static string Role(int input) => input switch
    {
        Boxes => "Boxes",
        Scores => "Scores",
        MostPicked => "MaxOutputBoxesPerClass",
        OverlapLimit => "IoUThreshold",
        _ => "ScoreThreshold",
    };

    private static (int Axis, string What)[] Matching(DimExpr[] boxes) => boxes.Length == 4
        ? [(0, "batchSize"), (1, "numInputBoundingBoxes"), (2, "numClasses")]
        : [(0, "batchSize"), (1, "numInputBoundingBoxes")];

    private static Refusal Wrong(Inference context, string text) => context.Refuse(text, ErrorCode.InvalidArgument);

    private static OnnxValue Reshaped(Lowering graph, OnnxValue value, DimExpr[] dims) => graph.Node("Reshape", value.Type, [value, graph.Shape(dims)]);

    private static OnnxValue Column(Lowering graph, OnnxValue table, long column) => graph.Node("Gather", table.Type, [table, graph.Integers(column)], Attr.Int("axis", 1));

    private static OnnxValue Count(Lowering graph, OnnxValue rows) => graph.Node("Shape", DataType.Int64, [rows], Attr.Int("start", 0), Attr.Int("end", 1));

    /// <summary>Rows in the order of a key; rows with equal keys stay in the order they have.</summary>
    private static OnnxValue Sorted(Lowering graph, OnnxValue rows, OnnxValue keys, bool falling)
    {
        (_, OnnxValue order) = graph.Pair("TopK", keys.Type, DataType.Int64, [keys, Count(graph, rows)], Attr.Int("axis", 0), Attr.Int("largest", falling ? 1 : 0), Attr.Int("sorted", 1));
        return graph.Node("Gather", rows.Type, [rows, order], Attr.Int("axis", 0));
    }

    private static OnnxValue Threshold(Lowering graph, int input) =>
        graph.Node("Reshape", DataType.Float, [graph.Has(input) ? graph.Cast(graph.Real(input), DataType.Float) : graph.Number(0, DataType.Float), graph.Integers(1)]);

    private void CheckTypes(Inference context)
    {
        context.CheckType(Boxes, Role(Boxes), Types.Real);
        context.CheckType(Scores, Role(Scores), Types.Real);
        if (context.Type(Boxes) != context.Type(Scores))
        {
            throw context.Refuse($"Boxes and Scores must have the same type. They have {Types.Name(context.Type(Boxes))} and {Types.Name(context.Type(Scores))}.");
        }

        context.CheckType(MostPicked, Role(MostPicked), [DataType.Int64, DataType.Int32]);
        for (int input = OverlapLimit; input <= ScoreLimit; input++)
        {
            if (context.Has(input))
            {
                context.CheckType(input, Role(input), [DataType.Float]);
            }
        }
    }

    /// <summary>Scores of which only the best of each batch item count, over all classes: the others become so low that no threshold lets them pass.</summary>
    private OnnxValue Limited(Lowering graph, OnnxValue scores, DimExpr[] dims)
    {
        DimExpr all = dims[1] * dims[2];
        if (all.IsConstant && all.Number <= boxLimit)
        {
            return scores;
        }

        OnnxValue shape = graph.Shape([dims[0], all]);
        OnnxValue flat = graph.Node("Reshape", DataType.Float, [scores, shape]);
        (OnnxValue best, OnnxValue where) = graph.Pair("TopK", DataType.Float, DataType.Int64, [flat, graph.Number(DimExpr.Min(all, DimExpr.Constant(boxLimit)))], Attr.Int("axis", 1));
        OnnxValue low = graph.Node("Expand", DataType.Float, [graph.Number(double.NegativeInfinity, DataType.Float), shape]);
        OnnxValue kept = graph.Node("ScatterElements", DataType.Float, [low, where, best], Attr.Int("axis", 1));
        return graph.Node("Reshape", DataType.Float, [kept, graph.Shape(dims)]);
    }
}
