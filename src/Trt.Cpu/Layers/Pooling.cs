using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Maximum or average over windows of an N×C×spatial input.</summary>
internal sealed class Pooling : SpatialLayer, IPoolingLayer
{
    private PoolingType kind;
    private Dims window;
    private float blend;
    private bool exclusive = true;

    private Pooling(CpuNetwork network, CpuTensor input, PoolingType kind, Dims window)
        : base(network, input, window.NbDims)
    {
        this.kind = kind;
        this.window = window;
    }

    public override LayerType Type => LayerType.Pooling;

    public PoolingType PoolingType
    {
        get => Get(kind);
        set => Set(ref kind, value, IsDefined(value), "setPoolingType", "type is an enumerator of PoolingType");
    }

    public float BlendFactor
    {
        get => Get(blend);
        set => Set(ref blend, value, value is >= 0 and <= 1, "setBlendFactor", "blendFactor is 0 to 1");
    }

    public bool AverageCountExcludesPadding
    {
        get => Get(exclusive);
        set => Set(ref exclusive, value, true, "setAverageCountExcludesPadding", string.Empty);
    }

    public Dims WindowSizeNd
    {
        get => Get(window);
        set => Set(ref window, value, Extents.AreSpatial(value, 1), "setWindowSizeNd", "windowSize has 2 or 3 numbers, each over 0");
    }

    /// <summary>TensorRT 8.x's property for two axes.</summary>
    public Dims WindowSize
    {
        get => Get(window);
        set => Set(ref window, value, IsPair(value, 1), "setWindowSize", PairText("windowSize", "over 0"));
    }

    protected override string Tag => "Pooling";

    protected override string Interface => "IPoolingLayer";

    public static Pooling Create(CpuNetwork network, ITensor input, PoolingType kind, Dims window)
    {
        CpuTensor own = network.Own(input);
        return !IsDefined(kind) ? throw network.RefuseAdd("addPoolingNd", $"type is an enumerator of PoolingType, {(int)kind} is none")
            : !Extents.AreSpatial(window, 1) ? throw network.RefuseAdd("addPoolingNd", $"windowSize has 2 or 3 numbers, each over 0. It is {Extents.Text(window)}")
            : new Pooling(network, own, kind, window);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Real);
        DimExpr[] dims = context.Dims(0);
        if (Stride.NbDims != window.NbDims || Before.NbDims != window.NbDims || After.NbDims != window.NbDims)
        {
            throw context.Refuse($"window, stride and padding must have the same number of dimensions. The window has {window.NbDims}.");
        }

        if (dims.Length < window.NbDims)
        {
            context.AtLeastRank(0, window.NbDims + 2);
        }

        DimExpr[] result = [.. dims];
        for (int axis = 0, at = dims.Length - window.NbDims; axis < window.NbDims; axis++, at++)
        {
            DimExpr room = Windows.IsSame(Mode) ? DimExpr.Max(dims[at], DimExpr.Constant(window[axis])) : dims[at] + (Before[axis] + After[axis]);
            DimExpr count = Windows.Count(dims[at], window[axis], Stride[axis], Before[axis], After[axis], Mode);
            if (count is { IsConstant: true, Number: < 0 })
            {
                throw Refusal.Api($"Tensor {OutputAt(0)} would have a negative length on axis {at}: the window has {window[axis]} elements, but the padded input only {room}.");
            }

            if (dims.Length < window.NbDims + 2)
            {
                continue;
            }

            if (!room.IsConstant)
            {
                context.Require(ShapeRuleKind.AtLeast, room, DimExpr.Constant(window[axis]), $"the padded input has {{0}} elements on spatial axis {axis}, fewer than the window's {{1}}.");
            }

            result[at] = count;
        }

        context.AtLeastRank(0, window.NbDims + 2);
        CheckCounts(dims[^window.NbDims..], result[^window.NbDims..]);
        context.Set(0, result);
    }

    /// <summary>An average over nothing but padding has nothing to divide by where padding does not count.</summary>
    private void CheckCounts(DimExpr[] dims, DimExpr[] result)
    {
        for (int axis = 0; axis < window.NbDims && exclusive && kind != PoolingType.Max; axis++)
        {
            Windows.AxisPadding padding = Windows.Padding(dims[axis], result[axis], window[axis], Stride[axis], Before[axis], After[axis], Mode);
            if (padding.Before >= window[axis] || padding.After >= window[axis])
            {
                throw Refusal.Api($"the padding of spatial axis {axis} is {padding.Before} and {padding.After}, not less than the window of {window[axis]}, so that averages that leave padding out have nothing to count.");
            }
        }
    }

    public override void Lower(Lowering graph)
    {
        DimExpr[] output = graph.OutputDims(0);
        if (output.Any(extent => extent is { IsConstant: true, Number: 0 }))
        {
            // ONNX has no pooling whose windows are larger than the data.
            graph.Set(0, graph.Node("Expand", DataType.Float, [graph.Number(0, DataType.Float), graph.Shape(output)]));
            return;
        }

        OnnxValue x = BatchInput(graph, window.NbDims);
        OnnxValue result = kind switch
        {
            PoolingType.Max => Pool(graph, x, false),
            PoolingType.Average => Pool(graph, x, true),
            _ => graph.Node("Add", DataType.Float,
                [
                    graph.Node("Mul", DataType.Float, [Pool(graph, x, false), graph.Number(1 - blend, DataType.Float)]),
                    graph.Node("Mul", DataType.Float, [Pool(graph, x, true), graph.Number(blend, DataType.Float)]),
                ]),
        };
        SetFromBatch(graph, result, window.NbDims);
    }

    private static bool IsDefined(PoolingType kind) => kind is >= PoolingType.Max and <= PoolingType.MaxAverageBlend;

    private OnnxValue Pool(Lowering graph, OnnxValue x, bool average)
    {
        DimExpr[] input = AsBatch(graph.Dims(0), window.NbDims);
        DimExpr[] output = AsBatch(graph.OutputDims(0), window.NbDims);
        Windows.AxisPadding[] paddings = [.. Enumerable.Range(0, window.NbDims).Select(axis =>
            Windows.Padding(input[axis + 2], output[axis + 2], window[axis], Stride[axis], Before[axis], After[axis], Mode))];
        if (paddings.Any(padding => padding.Automatic))
        {
            return Windows.IsSame(Mode)
                ? Node(graph, x, average, Attr.Text("auto_pad", Mode == PaddingMode.SameUpper ? "SAME_UPPER" : "SAME_LOWER"), false)
                : Node(graph, x, average, Attr.Ints("pads", Windows.Flat(paddings)), true);
        }

        bool padIsSmall = Enumerable.Range(0, window.NbDims).All(axis => paddings[axis].Before < window[axis] && paddings[axis].After < window[axis]);
        if (padIsSmall)
        {
            return Node(graph, x, average, Attr.Ints("pads", Windows.Flat(paddings)), false);
        }

        // ONNX wants paddings below the window: pad first. An average that leaves the padding out divides by the average of ones padded alike.
        Windows.AxisPadding[] none = [.. paddings.Select(_ => default(Windows.AxisPadding))];
        OnnxValue Padded(OnnxValue value, double with) => graph.Node("Pad", DataType.Float,
            [value, graph.Integers(Windows.Flat([default, default, .. paddings])), graph.Number(with, DataType.Float)]);
        OnnxValue plain = Node(graph, Padded(x, average ? 0 : double.NegativeInfinity), average, Attr.Ints("pads", Windows.Flat(none)), false);
        if (!average || !exclusive)
        {
            return plain;
        }

        OnnxValue zeros = graph.Node("Mul", DataType.Float, [x, graph.Number(0, DataType.Float)]);
        OnnxValue ones = graph.Node("Add", DataType.Float, [zeros, graph.Number(1, DataType.Float)]);
        return graph.Node("Div", DataType.Float, [plain, Node(graph, Padded(ones, 0), true, Attr.Ints("pads", Windows.Flat(none)), false)]);
    }

    private OnnxValue Node(Lowering graph, OnnxValue x, bool average, Onnx.AttributeProto pads, bool roundUp)
    {
        Onnx.AttributeProto shape = Attr.Ints("kernel_shape", window.AsSpan());
        Onnx.AttributeProto strides = Attr.Ints("strides", Stride.AsSpan());
        Onnx.AttributeProto ceil = Attr.Int("ceil_mode", roundUp ? 1 : 0);
        return average
            ? graph.Node("AveragePool", DataType.Float, [x], shape, strides, ceil, pads, Attr.Int("count_include_pad", exclusive ? 0 : 1))
            : graph.Node("MaxPool", DataType.Float, [x], shape, strides, ceil, pads);
    }
}
