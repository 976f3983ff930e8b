using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Quantizes blocks by scales that are computed from their greatest elements.</summary>
internal sealed class DynamicQuantize : CpuLayer, IDynamicQuantizeLayer
{
    /// <summary>The greatest number of FP8.</summary>
    private const double Greatest = 448;

    private DataType target;
    private DataType scaleType;
    private int axis;
    private int blockSize;
    private Dims blockShape;

    private DynamicQuantize(CpuNetwork network, CpuTensor input, int axis, int blockSize, Dims blockShape, DataType target, DataType scaleType)
        : base(network, 2, input)
    {
        this.axis = axis;
        this.blockSize = blockSize;
        this.blockShape = blockShape;
        this.target = target;
        this.scaleType = scaleType;
    }

    public override LayerType Type => LayerType.DynamicQuantize;

    public DataType ToType
    {
        get => Get(target);
        set => Set(ref target, value, value is DataType.FP4 or DataType.FP8, "setToType", "toType is kFP4 or kFP8");
    }

    public DataType ScaleType
    {
        get => Get(scaleType);
        set => Set(ref scaleType, value, value is DataType.FP8 or DataType.E8M0 or DataType.Float, "setScaleType", "scaleType is kFP8, kE8M0 or kFLOAT");
    }

    public int Axis
    {
        get => Get(axis);
        set => Set(ref axis, value, value is >= -Dims.MaxDims and < Dims.MaxDims, "setAxis", "axis is the last or the last but one of the input");
    }

    public int BlockSize
    {
        get => Get(blockSize);
        set => Set(ref blockSize, value, IsBlock(value), "setBlockSize", "size == 16 || size == 32");
    }

    public Dims BlockShape
    {
        get => Get(blockShape);
        set => Set(ref blockShape, value, value.NbDims >= 0 && Extents.All(value, extent => extent is > 0 or -1), "setBlockShape", "each number of blockShape is over 0, or -1 for a whole dimension");
    }

    protected override string Tag => "DynamicQuantize";

    protected override string Interface => "IDynamicQuantizeLayer";

    protected override int? InputLimit => 2;

    public static DynamicQuantize Create(CpuNetwork network, ITensor input, int axis, int blockSize, DataType target, DataType scaleType) =>
        network.Own(input) is var own && IsBlock(blockSize) ? new(network, own, axis, blockSize, default, target, scaleType)
            : throw network.RefuseAdd("addDynamicQuantize", $"blockSize == 16 || blockSize == 32. (Unnamed Layer* {network.NextNumber}) [DynamicQuantize]: blockSize is {blockSize}");

    public static DynamicQuantize Create(CpuNetwork network, ITensor input, Dims blockShape, DataType target, DataType scaleType) =>
        new(network, network.Own(input), 0, 0, blockShape, target, scaleType);

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Floating);
        DimExpr[] dims = context.Dims(0);
        if (target is not (DataType.FP8 or DataType.FP4))
        {
            throw context.Refuse($"dataOutput has type {Types.Name(target)} but must have type {Types.List([DataType.FP8, DataType.FP4])}.");
        }

        if (scaleType is not (DataType.FP8 or DataType.E8M0 or DataType.Float))
        {
            throw context.Refuse($"scaleOutput has type {Types.Name(scaleType)} but must have type {Types.List([DataType.Float, DataType.FP8, DataType.E8M0])}.");
        }

        if (scaleType == DataType.FP8 && !context.Has(1))
        {
            throw context.Refuse("scales of type FP8 need a second input, which scales them in turn; there is one input.");
        }

        if (scaleType == DataType.E8M0 && context.Has(1))
        {
            throw context.Refuse("scales of type E8M0 are not scaled in turn; there are two inputs.");
        }

        long[] blocks = Blocks(context, dims);
        DimExpr[] scale = new DimExpr[dims.Length];
        for (int at = 0; at < dims.Length; at++)
        {
            if (blocks[at] != 1 && (!dims[at].IsConstant || dims[at].Number % blocks[at] != 0))
            {
                throw context.Refuse($"blocks of {blocks[at]} do not divide dimension {at} of the input, which is {dims[at].Visible}.");
            }

            scale[at] = blocks[at] == 1 ? dims[at] : DimExpr.Constant(dims[at].Number / blocks[at]);
        }

        context.Set(0, dims);
        context.Set(1, scale);
    }

    public override void Lower(Lowering graph)
    {
        const DataType real = DataType.Float;
        OnnxValue x = graph.Real(0);
        DimExpr[] dims = graph.Dims(0);
        DimExpr[] scaleDims = graph.OutputDims(1);

        // Each divided dimension becomes two, blocks and places within, so that a block's scale broadcasts over it.
        List<DimExpr> split = [];
        List<DimExpr> kept = [];
        List<long> within = [];
        for (int at = 0; at < dims.Length; at++)
        {
            within.Add(split.Count + 1);
            split.AddRange(scaleDims[at], DimExpr.FloorDiv(dims[at], scaleDims[at]));
            kept.AddRange(scaleDims[at], DimExpr.One);
        }

        OnnxValue blocks = graph.Node("Reshape", real, [x, graph.Shape([.. split])]);
        OnnxValue greatest = graph.Node("ReduceMax", real, [graph.Node("Abs", real, [blocks]), graph.Integers([.. within])], Attr.Int("keepdims", 1));
        OnnxValue scale = graph.Node("Div", real, [greatest, graph.Number(Greatest, real)]);
        OnnxValue isZero = graph.Node("Equal", DataType.Bool, [scale, graph.Number(0, real)]);
        OnnxValue divisor = graph.Node("Where", real, [isZero, graph.Number(1, real), scale]);
        OnnxValue scaled = graph.Node("Reshape", real, [graph.Node("Div", real, [blocks, divisor]), graph.Shape(dims)]);
        graph.Set(0, Quantization.Round(graph, scaled, target));
        graph.Set(1, graph.Node("Reshape", real, [scale, graph.Shape(scaleDims)]));
    }

    protected override DataType OutputType(int output) => output == 0 ? target : scaleType;

    protected override string OutputName(int index) => index == 0 ? $"{Label}_output" : $"{Label}_output_{index}";

    private static bool IsBlock(int size) => size is 16 or 32;

    /// <summary>How long a block is on each axis.</summary>
    private long[] Blocks(Inference context, DimExpr[] dims)
    {
        if (blockShape.NbDims == 0)
        {
            int along = axis < 0 ? axis + dims.Length : axis;
            return along >= dims.Length || along < Math.Max(dims.Length - 2, 0)
                ? throw context.Refuse($"axis {axis} must be the last or the last but one of the input's {dims.Length} dimensions.")
                : [.. dims.Select((_, at) => at == along ? (long)blockSize : 1)];
        }

        if (blockShape.NbDims != dims.Length)
        {
            throw new Refusal(ErrorCode.InternalError, Refusal.InternalError, $"the block shape {Extents.Text(blockShape)} must have as many dimensions as the input, {dims.Length}.");
        }

        return [.. dims.Select((dim, at) => blockShape[at] > 0 ? blockShape[at]
            : dim.IsConstant ? dim.Number : throw context.Refuse($"dimension {at} must be known when building to be one block."))];
    }
}
