using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>The begin of an attention, which computes all of it: normalization(query · keyᵀ under a mask) · value.</summary>
internal sealed class AttentionInput : CpuLayer, IAttentionInputLayer
{
    public const int QueryLengths = 5;
    public const int KeyValueLengths = 6;

    private readonly Attention attention;

    public AttentionInput(CpuNetwork network, Attention attention, CpuTensor query, CpuTensor key, CpuTensor value)
        : base(network, 1, query, key, value) => this.attention = attention;

    public override LayerType Type => LayerType.AttentionInput;

    public IAttention? Attention => Get(attention);

    protected override string Tag => "AttentionInput";

    protected override string Interface => "IAttentionInputLayer";

    protected override int InputLimit => 7;

    /// <summary>Sets or clears an input.</summary>
    public void Put(int index, CpuTensor? tensor)
    {
        Network.ThrowIfDisposed();
        PutInput(index, tensor);
    }

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
        if (query.Length != 4 || key.Length != 4)
        {
            throw Wrong($"query, key and value must have 4 dimensions: batch, heads, tokens, head. They are {Extents.Text(query)}, {Extents.Text(key)} and {Extents.Text(value)}.");
        }

        if (!Fits(key, value))
        {
            throw Wrong($"key and value must have the same dimensions. They are {Extents.Text(key)} and {Extents.Text(value)}.");
        }

        if (query[1].IsConstant && key[1].IsConstant && (key[1].Number == 0 || query[1].Number % key[1].Number != 0))
        {
            throw Wrong($"the query's heads must be a multiple of those of key and value. They are {query[1].Number} and {key[1].Number}.");
        }

        for (int axis = 0; axis < 4; axis++)
        {
            context.Require(ShapeRuleKind.Equal, key[axis], value[axis], $"dimension {axis} of key is {{0}}, of value {{1}}.");
        }

        context.RequireInBuild(ShapeRuleKind.Equal, query[0], key[0], "query has {0} batch elements, key and value have {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, query[3], key[3], "heads of the query have {0} elements, those of key and value {1}.");
        if (context.Has(3))
        {
            context.CheckType(3, "mask", [.. Types.Floating, DataType.Bool]);
            DimExpr[] mask = context.Dims(3);
            if (mask.Length != 4)
            {
                throw Wrong($"mask must have 4 dimensions. It has {Extents.Text(mask)}.");
            }

            DimExpr[] scores = [query[0], query[1], query[2], key[2]];
            for (int axis = 0; axis < 4; axis++)
            {
                context.RequireInBuild(ShapeRuleKind.Broadcast, mask[axis], scores[axis], $"dimension {axis} of the mask is {{0}}, which does not go with {{1}}.");
            }
        }

        if (context.Has(4))
        {
            context.CheckType(4, "normalizationQuantizeScale", Types.Floating);
            if (context.Dims(4).Length > 1)
            {
                throw Wrong($"the scale of the normalization must have no or one dimension. It has {Extents.Text(context.Dims(4))}.");
            }
        }

        if (context.Has(KeyValueLengths))
        {
            context.CheckType(KeyValueLengths, "keyValueLengths", [DataType.Int32]);
        }

        context.Set(0, query);

        Refusal Wrong(string text) => context.Refuse(text, ErrorCode.InvalidArgument);
    }

    public override void Lower(Lowering graph)
    {
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
        if (graph.Has(3))
        {
            scores = graph.Input(3).Type == DataType.Bool ? Kept(graph.Input(3)) : graph.Node("Add", DataType.Float, [scores, graph.Real(3)]);
        }

        if (attention.Kind != CausalMaskKind.None)
        {
            OnnxValue rows = graph.Node("Unsqueeze", index, [Places(query[2]), graph.Integers(1)]);
            OnnxValue last = attention.Kind == CausalMaskKind.UpperLeft ? rows : graph.Node("Add", index, [rows, graph.Number(key[2] - query[2])]);
            scores = Kept(graph.Node("LessOrEqual", DataType.Bool, [Places(key[2]), last]));
        }

        if (graph.Has(KeyValueLengths))
        {
            OnnxValue lengths = graph.Node("Reshape", index, [graph.Cast(graph.Input(KeyValueLengths), index), graph.Integers(-1, 1, 1, 1)]);
            scores = Kept(graph.Node("Less", DataType.Bool, [Places(key[2]), lengths]));
        }

        return scores;
    }

    private OnnxValue Normalized(Lowering graph, OnnxValue scores)
    {
        OnnxValue weights = attention.Operation == AttentionNormalizationOp.Softmax ? graph.Node("Softmax", DataType.Float, [scores], Attr.Int("axis", -1)) : scores;
        if (attention.QuantizedType is not { } narrow)
        {
            return weights;
        }

        OnnxValue scale = graph.Real(4);
        OnnxValue rounded = Quantization.Round(graph, graph.Node("Div", DataType.Float, [weights, scale]), narrow);
        return graph.Node("Mul", DataType.Float, [graph.Cast(rounded, DataType.Float), scale]);
    }
}
