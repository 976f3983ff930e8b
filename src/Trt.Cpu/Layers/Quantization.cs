using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu.Layers;

/// <summary>What quantize and dequantize share: scale, zero point, axis and block shape, and how scales reach the elements they are for.</summary>
internal abstract class Quantization : CpuLayer
{
    private readonly bool typeIsGiven;
    private int axis = -1;
    private Dims blockShape = Dims.Unknown;
    private DataType? target;

    protected Quantization(CpuNetwork network, CpuTensor input, CpuTensor scale, DataType? target)
        : base(network, 1, input, scale)
    {
        this.target = target;
        typeIsGiven = target is not null;
    }

    public int Axis
    {
        get => Get(axis);
        set
        {
            if (value is >= -Dims.MaxDims and < Dims.MaxDims)
            {
                Set(ref axis, value, true, "setAxis", string.Empty);
            }
            else
            {
                Network.ThrowIfDisposed();
                Network.Journal.Refused($"{Interface}::setAxis", Refusal.Api($"{Label}: the axis {value} is not in [-{Dims.MaxDims}, {Dims.MaxDims})."));
            }
        }
    }

    public Dims BlockShape
    {
        get => Get(blockShape);
        set
        {
            bool valid = value.NbDims is >= 0 and <= Dims.MaxDims && Extents.All(value, extent => extent is > 0 or -1);
            Set(ref blockShape, value, valid, "setBlockShape", "each number of blockShape is over 0, or -1 for a whole dimension");
        }
    }

    public DataType ToType
    {
        get => Get(target ?? DefaultTarget);
        set => Set(ref target, value, Targets.Contains(value), "setToType", $"toType is one of {Types.List(Targets)}");
    }

    /// <summary>Quantized types.</summary>
    protected static DataType[] Quantized { get; } = [DataType.Int8, DataType.FP8, DataType.Int4, DataType.FP4];

    protected abstract DataType DefaultTarget { get; }

    protected abstract DataType[] Targets { get; }

    /// <summary>
    /// TensorRT 8.x has no type of a layer's own here: weakly typed networks tell quantized tensors as Float. The numbers are the quantized ones all the same.
    /// </summary>
    protected bool TellsFloat => target is null && !typeIsGiven && !Network.IsStronglyTyped;

    protected override int? InputLimit => 3;

    /// <summary>
    /// The axis that the scale has an element for each position of; null where there is one scale for all. Axis −1, also when nobody set it, is
    /// the last one; TensorRT 8.x, with weakly typed networks, takes it as the whole tensor.
    /// </summary>
    protected int? ScaleAxis(DimExpr[] scale) => scale.Length == 1 && (axis != -1 || Network.IsStronglyTyped) && scale[0] is not { IsConstant: true, Number: 1 } ? axis : null;

    public override void Infer(Inference context)
    {
        CheckTypes(context);
        if (!Targets.Contains(ToType))
        {
            throw context.Refuse($"output has type {Types.Name(ToType)} but must have type {Types.List(Targets)}.");
        }

        DimExpr[] dims = context.Dims(0);
        DimExpr[] scale = context.Dims(1);
        if (axis < -dims.Length && axis != -1)
        {
            throw context.Refuse($"the quantization axis {axis} does not exist; the input has {dims.Length} dimensions.");
        }

        if (scale.Length > 1)
        {
            CheckBlocks(context, dims, scale);
        }
        else if (ScaleAxis(scale) is { } along)
        {
            int place = along < 0 ? along + dims.Length : along;
            if (place < 0 || place >= dims.Length)
            {
                throw context.Refuse($"the quantization axis {along} does not exist; the input has {dims.Length} dimensions.");
            }

            if (scale[0].IsConstant && (dims[place].IsConstant || Network.IsStronglyTyped) && !scale[0].Equals(dims[place]))
            {
                throw new Refusal(ErrorCode.InternalError, Refusal.ApiUsage, $"{Label}: there are {scale[0].Visible} scales for {dims[place].Visible} elements of axis {along}.");
            }

            context.Require(ShapeRuleKind.Equal, scale[0], dims[place], $"there are {{0}} scales for {{1}} elements of axis {along}.");
        }

        if (context.Has(2) && !context.Dims(2).AsSpan().SequenceEqual(scale))
        {
            throw context.Refuse($"zero point must have the dimensions of scale. They are {Extents.Text(context.Dims(2))} and {Extents.Text(scale)}.", ErrorCode.InvalidArgument);
        }

        context.Set(0, dims);
    }

    /// <summary>Rounds to the nearest number of a quantized type, ties to even.</summary>
    public static OnnxValue Round(Lowering graph, OnnxValue value, DataType type) =>
        graph.Node("QuantizeLinear", type, [value, graph.Number(1, DataType.Float), graph.Zero(type)]);

    protected abstract void CheckTypes(Inference context);

    protected override DataType OutputType(int output) => TellsFloat ? DataType.Float : target ?? DefaultTarget;

    /// <summary>
    /// The scale as ONNX's operators take it: a number, or a list along an axis. Null where quantization is written as arithmetic, which is so within the CPU runtime (ONNX Runtime
    /// would fuse the operators into 8-bit kernels, some of which saturate), and where scales are of blocks or follow from a run.
    /// </summary>
    protected (OnnxValue Scale, int? Count, AttributeProto[] Attributes)? OnnxScale(Lowering graph)
    {
        DimExpr[] scale = graph.Dims(1);
        if (!graph.KeepsQuantization || scale.Length > 1 || (scale.Length == 1 && !scale[0].IsConstant))
        {
            return null;
        }

        int? along = ScaleAxis(scale);
        return along is null && scale is [{ Number: not 1 }] ? null
            : (graph.Cast(graph.Real(1), DataType.Float), along is null ? null : (int)scale[0].Number, along is { } axis ? [Attr.Int("axis", axis)] : []);
    }

    /// <summary>The scale as a tensor that broadcasts over the input.</summary>
    protected OnnxValue SpreadScale(Lowering graph)
    {
        DimExpr[] dims = graph.Dims(0);
        DimExpr[] scale = graph.Dims(1);
        OnnxValue value = graph.Cast(graph.Real(1), DataType.Float);
        if (scale.Length <= 1)
        {
            return ScaleAxis(scale) is { } along
                ? graph.Node("Reshape", value.Type, [value, graph.Shape([.. dims.Select((_, at) => at == (along < 0 ? along + dims.Length : along) ? scale[0] : DimExpr.One)])])
                : First(graph, value);
        }

        // One scale for each block: each is repeated along the axes on which blocks are longer than one element.
        for (int at = 0; at < dims.Length; at++)
        {
            if (!scale[at].Equals(dims[at]) && scale[at] is not { IsConstant: true, Number: 1 })
            {
                long repeat = (dims[at].Number + scale[at].Number - 1) / scale[at].Number;
                long[] places = [.. Enumerable.Range(0, (int)dims[at].Number).Select(place => place / repeat)];
                value = graph.Node("Gather", value.Type, [value, graph.Integers(places)], Attr.Int("axis", at));
            }
        }

        return value;
    }

    /// <summary>The one scale of a whole tensor; where there are more and no axis is set, the first.</summary>
    private static OnnxValue First(Lowering graph, OnnxValue scale)
    {
        OnnxValue list = graph.Node("Reshape", scale.Type, [scale, graph.Integers(-1)]);
        return graph.Node("Gather", scale.Type, [list, graph.Number(0, DataType.Int64)], Attr.Int("axis", 0));
    }

    private void CheckBlocks(Inference context, DimExpr[] dims, DimExpr[] scale)
    {
        if (scale.Length != dims.Length)
        {
            throw context.Refuse($"scale must be a scalar, a list, or have as many dimensions as the input. They are {Extents.Text(scale)} and {Extents.Text(dims)}.");
        }

        int blocked = 0;
        for (int at = 0; at < dims.Length; at++)
        {
            if (scale[at].Equals(dims[at]))
            {
                continue;
            }

            bool isOne = scale[at] is { IsConstant: true, Number: 1 };
            if (!isOne && !(scale[at] is { IsConstant: true, Number: > 0 } && dims[at].IsConstant && dims[at].Number % scale[at].Number == 0))
            {
                throw context.Refuse($"dimension {at} of scale is {scale[at].Visible}, which does not divide the input's {dims[at].Visible} into blocks.");
            }

            blocked++;
        }

        if (blocked > 1 && blockShape.NbDims <= 0)
        {
            throw Refusal.Api($"{Label}: only one dimension can be divided into blocks where no block shape is set. The input is {Extents.Text(dims)}, the scale {Extents.Text(scale)}.");
        }
    }

    /// <summary>What addQuantize and addDequantize demand of their arguments.</summary>
    protected static void CheckRanks(CpuNetwork network, string method, CpuTensor input, CpuTensor scale)
    {
        (int rank, int scaleRank) = (input.Dimensions.NbDims, scale.Dimensions.NbDims);
        if (rank <= 0 && method == "addQuantize")
        {
            throw network.RefuseAdd(method, "inputDims.nbDims > 0");
        }

        if (scaleRank < 0)
        {
            throw network.RefuseAdd(method, "the dimensions of scale can be computed");
        }

        if (scaleRank > 1 && scaleRank != rank)
        {
            throw network.RefuseAdd(method, $"scale of blocks has as many dimensions as input, {rank}. It has {scaleRank}");
        }
    }
}
