using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>The begin of an attention, which computes all of it: normalization(query · keyᵀ under a mask) · value.</summary>
internal sealed class AttentionInput : CpuLayer, IAttentionInputLayer
{
    public const int MaskInput = 3;
    public const int ScaleInput = 4;
    public const int QueryLengths = 5;
    public const int KeyValueLengths = 6;

    private readonly Attention attention;

    public AttentionInput(CpuNetwork network, Attention attention, CpuTensor query, CpuTensor key, CpuTensor value)
        : base(network, 1, query, key, value) => this.attention = attention;

    public override LayerType Type => LayerType.AttentionInput;

    public IAttention? Attention => Get(attention);

    protected override string Tag => "AttentionInput";

    protected override string Interface => "IAttentionInputLayer";

    protected override int? InputLimit => 7;

    /// <summary>Sets or clears an input.</summary>
    public void Put(int index, CpuTensor? tensor)
    {
        Network.ThrowIfDisposed();
        PutInput(index, tensor);
    }

    /// <summary>A parameter of the attention has changed.</summary>
    public void Reconsider() => Changed();

    public override void Infer(Inference context)
    {
        string[] names = ["query", "key", "value"];
        for (int i = 0; i < names.Length; i++)
        {
            context.CheckType(i, names[i], Types.Floating);
            if (!context.SameReal(0, i))
            {
                throw context.Refuse($"query and {names[i]} must have the same type. They have {Types.Name(context.Type(0))} and {Types.Name(context.Type(i))}.");
            }
        }

        DimExpr[] query = context.Dims(0);
        DimExpr[] key = context.Dims(1);
        DimExpr[] value = context.Dims(2);
        bool packed = attention.Form == AttentionIOForm.PackedNhd;
        if (!packed && attention.KeyForm == AttentionIOForm.PackedNhd)
        {
            throw Wrong("packed keys and values (kPACKED_NHD) need a packed query.");
        }

        if (packed)
        {
            query = PackedAttention.Infer(context, attention.KeyForm == AttentionIOForm.PackedNhd);
        }
        else
        {
            CheckPadded(context, query, key, value);
        }

        if (context.Has(MaskInput))
        {
            context.CheckType(MaskInput, "mask", [.. Types.Floating, DataType.Bool]);
            if (context.Type(MaskInput) != DataType.Bool && !context.SameReal(0, MaskInput))
            {
                context.Object(new Refusal(ErrorCode.UnspecifiedError, "Myelin",
                    $"{Label}: the mask must have type Bool or that of the query. They have {Types.Name(context.Type(MaskInput))} and {Types.Name(context.Type(0))}."));
            }

            DimExpr[] mask = context.Dims(MaskInput);
            if (mask.Length != 4)
            {
                throw Wrong($"mask must have 4 dimensions. It has {Extents.Text(mask)}.");
            }

            DimExpr[] scores = packed ? mask : [query[0], query[1], query[2], key[2]];
            for (int axis = 0; axis < 4; axis++)
            {
                context.RequireInBuild(ShapeRuleKind.Broadcast, mask[axis], scores[axis], $"dimension {axis} of the mask is {{0}}, which does not go with {{1}}.");
            }
        }

        if (context.Has(ScaleInput))
        {
            context.CheckType(ScaleInput, "normalizationQuantizeScale", Types.Floating);
            if (context.Dims(ScaleInput).Length > 1)
            {
                throw Wrong($"the scale of the normalization must have no or one dimension. It has {Extents.Text(context.Dims(ScaleInput))}.");
            }
        }

        context.Set(0, query);

        Refusal Wrong(string text) => context.Refuse(text, ErrorCode.InvalidArgument);
    }

    /// <summary>Refuses heads of the query that do not share those of the keys evenly.</summary>
    public static void CheckHeads(Inference context, DimExpr query, DimExpr key)
    {
        if (query.IsConstant && key.IsConstant && (key.Number == 0 || query.Number % key.Number != 0))
        {
            throw context.Refuse($"the query's heads must be a multiple of those of key and value. They are {query.Number} and {key.Number}.", ErrorCode.InvalidArgument);
        }
    }

    private static void CheckPadded(Inference context, DimExpr[] query, DimExpr[] key, DimExpr[] value)
    {
        if (query.Length != 4 || key.Length != 4)
        {
            throw Wrong($"query, key and value must have 4 dimensions: batch, heads, tokens, head. They are {Extents.Text(query)}, {Extents.Text(key)} and {Extents.Text(value)}.");
        }

        if (!Fits(key, value))
        {
            throw Wrong($"key and value must have the same dimensions. They are {Extents.Text(key)} and {Extents.Text(value)}.");
        }

        CheckHeads(context, query[1], key[1]);
        for (int axis = 0; axis < 4; axis++)
        {
            context.Require(ShapeRuleKind.Equal, key[axis], value[axis], $"dimension {axis} of key is {{0}}, of value {{1}}.");
        }

        context.RequireInBuild(ShapeRuleKind.Equal, query[0], key[0], "query has {0} batch elements, key and value have {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, query[3], key[3], "heads of the query have {0} elements, those of key and value {1}.");
        if (context.Has(KeyValueLengths))
        {
            context.RequireInBuild(ShapeRuleKind.Equal, key[0], context.Dims(KeyValueLengths)[0], "key and value have {0} batch elements, keyValueLengths {1}.");
        }

        Refusal Wrong(string text) => context.Refuse(text, ErrorCode.InvalidArgument);
    }

    public override void Lower(Lowering graph)
    {
        if (attention.Form == AttentionIOForm.PackedNhd)
        {
            PackedAttention.Lower(graph, attention);
            return;
        }

        DimExpr[] query = graph.Dims(0);
        DimExpr[] key = graph.Dims(1);
        bool grouped = !query[1].Equals(key[1]);
        DimExpr group = DimExpr.FloorDiv(query[1], key[1]);
        OnnxValue Of(string operation, OnnxValue left, OnnxValue right) => graph.Node(operation, DataType.Float, [left, right]);
        OnnxValue Shaped(OnnxValue value, params ReadOnlySpan<DimExpr> dims) => graph.Node("Reshape", DataType.Float, [value, graph.Shape(dims)]);
        OnnxValue Shared(OnnxValue value) => grouped ? graph.Node("Unsqueeze", DataType.Float, [value, graph.Integers(2)]) : value;

        // Where several heads of the query share one of the keys, they are an axis of their own, over which keys and values broadcast.
        OnnxValue q = grouped ? Shaped(graph.Real(0), query[0], key[1], group, query[2], query[3]) : graph.Real(0);
        OnnxValue transposed = graph.Node("Transpose", DataType.Float, [graph.Real(1)], Attr.Ints("perm", 0, 1, 3, 2));
        OnnxValue scores = Of("MatMul", q, Shared(transposed));
        scores = grouped ? Shaped(scores, query[0], query[1], query[2], key[2]) : scores;
        OnnxValue weights = Normalized(graph, Masked(graph, scores));
        weights = grouped ? Shaped(weights, query[0], key[1], group, query[2], key[2]) : weights;
        OnnxValue result = Of("MatMul", weights, Shared(graph.Real(2)));
        graph.Set(0, grouped ? Shaped(result, query) : result);
    }

    private static bool Fits(DimExpr[] one, DimExpr[] other) => one.Length == other.Length
        && one.Zip(other).All(pair => !pair.First.IsConstant || !pair.Second.IsConstant || pair.First.Equals(pair.Second));

    private OnnxValue Masked(Lowering graph, OnnxValue scores)
    {
        DimExpr[] query = graph.Dims(0);
        DimExpr[] key = graph.Dims(1);
        const DataType index = DataType.Int64;
        OnnxValue never = graph.Number(attention.Operation == AttentionNormalizationOp.Softmax ? double.NegativeInfinity : 0, DataType.Float);
        OnnxValue Kept(OnnxValue condition) => graph.Node("Where", DataType.Float, [condition, scores, never]);
        OnnxValue Places(DimExpr count) => graph.Node("Range", index, [graph.Number(0, index), graph.Node("Squeeze", index, [graph.Number(count)]), graph.Number(1, index)]);
        if (graph.Has(MaskInput))
        {
            scores = graph.Input(MaskInput).Type == DataType.Bool ? Kept(graph.Input(MaskInput)) : graph.Node("Add", DataType.Float, [scores, graph.Real(MaskInput)]);
        }

        OnnxValue? lengths = graph.Has(KeyValueLengths)
            ? graph.Node("Reshape", index, [graph.Cast(graph.Input(KeyValueLengths), index), graph.Integers(-1, 1, 1, 1)])
            : null;
        if (attention.Kind != CausalMaskKind.None)
        {
            // The lower right corner is where the last token meets the last key that counts.
            OnnxValue rows = graph.Node("Unsqueeze", index, [Places(query[2]), graph.Integers(1)]);
            OnnxValue last = attention.Kind == CausalMaskKind.UpperLeft ? rows
                : graph.Node("Add", index, [rows, graph.Node("Sub", index, [lengths ?? graph.Number(key[2]), graph.Number(query[2])])]);
            scores = Kept(graph.Node("LessOrEqual", DataType.Bool, [Places(key[2]), last]));
        }

        if (lengths is { } counts)
        {
            scores = Kept(graph.Node("Less", DataType.Bool, [Places(key[2]), counts]));
        }

        return scores;
    }

    private OnnxValue Normalized(Lowering graph, OnnxValue scores) => Quantized(graph, attention,
        attention.Operation == AttentionNormalizationOp.Softmax ? graph.Node("Softmax", DataType.Float, [scores], Attr.Int("axis", -1)) : scores);

    /// <summary>The weights as they are after the quantization that the attention asks for.</summary>
    public static OnnxValue Quantized(Lowering graph, Attention attention, OnnxValue weights)
    {
        if (attention.QuantizedType is not { } narrow)
        {
            return weights;
        }

        OnnxValue scale = graph.Real(ScaleInput);
        OnnxValue rounded = Quantization.Round(graph, graph.Node("Div", DataType.Float, [weights, scale]), narrow);
        return graph.Node("Mul", DataType.Float, [graph.Cast(rounded, DataType.Float), scale]);
    }
}
