using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Attention of sequences of different lengths whose tokens lie one behind the other, without padding between them.</summary>
/// <remarks>
/// All queries meet all keys at once, and what is not of the same sequence does not count: the same products as sequence by sequence, at the price of those that are
/// thrown away. A mask has its usual axes: sequence, head, and the places of the query and of the key within their sequence.
/// </remarks>
internal static class PackedAttention
{
    private const DataType Index = DataType.Int64;
    private const DataType Real = DataType.Float;

    /// <summary>Checks of shapes and types; gives the output's shape.</summary>
    public static DimExpr[] Infer(Inference context, bool keysArePacked)
    {
        DimExpr[] query = context.Dims(0);
        DimExpr[] key = context.Dims(1);
        DimExpr[] value = context.Dims(2);
        if (query.Length != 3)
        {
            throw Wrong($"a packed query must have 3 dimensions: tokens, heads, head. It has {Extents.Text(query)}.");
        }

        if (key.Length != (keysArePacked ? 3 : 4) || value.Length != key.Length)
        {
            throw Wrong($"{(keysArePacked ? "packed key and value must have 3 dimensions" : "key and value must have 4 dimensions")}. They are {Extents.Text(key)} and {Extents.Text(value)}.");
        }

        if (!context.Has(AttentionInput.QueryLengths) || (keysArePacked && !context.Has(AttentionInput.KeyValueLengths)))
        {
            throw Wrong($"the {(context.Has(AttentionInput.QueryLengths) ? "keyValueLengths" : "queryLengths")} must be set, from which the begins of packed sequences follow.");
        }

        for (int axis = 0; axis < key.Length; axis++)
        {
            Same(key[axis], value[axis], $"dimension {axis} of key is {{0}}, of value {{1}}.");
        }

        Same(query[2], key[^1], "heads of the query have {0} elements, those of key and value {1}.");
        AttentionInput.CheckHeads(context, query[1], key[1]);
        DimExpr batch = context.Dims(AttentionInput.QueryLengths)[0] + -1;
        if (keysArePacked)
        {
            Same(batch, context.Dims(AttentionInput.KeyValueLengths)[0] + -1, "queryLengths tell of {0} sequences, keyValueLengths of {1}.");
        }
        else
        {
            context.RequireInBuild(ShapeRuleKind.Equal, batch, key[0], "queryLengths tell of {0} sequences, key and value have {1}.");
            if (context.Has(AttentionInput.KeyValueLengths))
            {
                context.RequireInBuild(ShapeRuleKind.Equal, batch, context.Dims(AttentionInput.KeyValueLengths)[0], "queryLengths tell of {0} sequences, keyValueLengths of {1}.");
            }
        }

        return query;

        Refusal Wrong(string text) => context.Refuse(text, ErrorCode.InvalidArgument);

        void Same(DimExpr left, DimExpr right, string text)
        {
            if (left.IsConstant && right.IsConstant && !left.Equals(right))
            {
                throw Wrong(text.Replace("{0}", left.ToString(), StringComparison.Ordinal).Replace("{1}", right.ToString(), StringComparison.Ordinal));
            }

            context.Require(ShapeRuleKind.Equal, left, right, text);
        }
    }

    public static void Lower(Lowering graph, Attention attention)
    {
        bool packed = attention.KeyForm == AttentionIOForm.PackedNhd;
        DimExpr[] query = graph.Dims(0);
        DimExpr[] key = graph.Dims(1);
        DimExpr tokens = query[0];
        DimExpr places = packed ? key[0] : key[0] * key[2];
        (DimExpr heads, DimExpr width) = (key[1], key[^1]);
        OnnxValue Of(string operation, DataType type, OnnxValue left, OnnxValue right) => graph.Node(operation, type, [left, right]);
        OnnxValue Shaped(OnnxValue value, params ReadOnlySpan<DimExpr> dims) => graph.Node("Reshape", value.Type, [value, graph.Shape(dims)]);
        OnnxValue ByHead(int input) => packed
            ? graph.Node("Transpose", Real, [graph.Real(input)], Attr.Ints("perm", 1, 0, 2))
            : Shaped(graph.Node("Transpose", Real, [graph.Real(input)], Attr.Ints("perm", 1, 0, 2, 3)), heads, places, width);

        // Heads of the query that share a head of the keys are rows of the same product.
        OnnxValue q = graph.Node("Transpose", Real, [graph.Real(0)], Attr.Ints("perm", 1, 0, 2));
        DimExpr rows = DimExpr.FloorDiv(query[1], heads) * tokens;
        OnnxValue transposed = graph.Node("Transpose", Real, [ByHead(1)], Attr.Ints("perm", 0, 2, 1));
        OnnxValue scores = Shaped(Of("MatMul", Real, Shaped(q, heads, rows, width), transposed), query[1], tokens, places);

        Tokens of = Tokens.Packed(graph, AttentionInput.QueryLengths, tokens);
        Tokens to = packed ? Tokens.Packed(graph, AttentionInput.KeyValueLengths, places) : Tokens.Padded(graph, key);
        OnnxValue Down(OnnxValue list) => graph.Node("Unsqueeze", list.Type, [list, graph.Integers(1)]);
        OnnxValue seen = Of("And", DataType.Bool, Of("Equal", DataType.Bool, Down(of.Sequence), to.Sequence), to.Counts);
        if (attention.Kind != CausalMaskKind.None)
        {
            OnnxValue last = attention.Kind == CausalMaskKind.UpperLeft ? of.Place : Of("Add", Index, of.Place, Of("Sub", Index, to.LengthFor(graph, of), of.Length));
            seen = Of("And", DataType.Bool, seen, Of("LessOrEqual", DataType.Bool, to.Place, Down(last)));
        }

        if (graph.Has(AttentionInput.MaskInput))
        {
            OnnxValue mask = Masks(graph, of, to);
            (scores, seen) = mask.Type == DataType.Bool ? (scores, Of("And", DataType.Bool, mask, seen)) : (Of("Add", Real, scores, mask), seen);
        }

        bool isSoftmax = attention.Operation == AttentionNormalizationOp.Softmax;
        OnnxValue weights = isSoftmax
            ? graph.Node("Softmax", Real, [graph.Node("Where", Real, [seen, scores, graph.Number(double.NegativeInfinity, Real)])], Attr.Int("axis", -1))
            : scores;

        // A query that sees nothing gives 0: its softmax has no number.
        weights = AttentionInput.Quantized(graph, attention, graph.Node("Where", Real, [seen, weights, graph.Number(0, Real)]));
        OnnxValue result = Shaped(Of("MatMul", Real, Shaped(weights, heads, rows, places), ByHead(2)), query[1], tokens, width);
        graph.Set(0, graph.Node("Transpose", Real, [result], Attr.Ints("perm", 1, 0, 2)));
    }

    /// <summary>The mask for each pair of tokens: by sequence and by their places in it.</summary>
    private static OnnxValue Masks(Lowering graph, Tokens of, Tokens to)
    {
        OnnxValue mask = graph.Input(AttentionInput.MaskInput);
        mask = mask.Type == DataType.Bool ? mask : graph.Real(AttentionInput.MaskInput);
        DimExpr[] dims = graph.Dims(AttentionInput.MaskInput);
        OnnxValue Within(OnnxValue places, int axis) => graph.Node("Min", Index, [places, graph.Number(dims[axis] + -1)]);
        OnnxValue shape = graph.Node("Concat", Index, [graph.Node("Shape", Index, [of.Place]), graph.Node("Shape", Index, [to.Place]), graph.Integers(1)], Attr.Int("axis", 0));
        OnnxValue Spread(OnnxValue places, int axis) => graph.Node("Expand", Index, [graph.Node("Unsqueeze", Index, [places, graph.Integers(axis, 2)]), shape]);
        OnnxValue where = graph.Node("Concat", Index, [Spread(Within(of.Sequence, 0), 1), Spread(Within(of.Place, 2), 1), Spread(Within(to.Place, 3), 0)], Attr.Int("axis", 2));
        OnnxValue headsLast = graph.Node("Transpose", mask.Type, [mask], Attr.Ints("perm", 0, 2, 3, 1));
        return graph.Node("Transpose", mask.Type, [graph.Node("GatherND", mask.Type, [headsLast, where])], Attr.Ints("perm", 2, 0, 1));
    }

    /// <summary>What is known of each token of a row of them.</summary>
    /// <param name="Sequence">Which sequence it is of; their number for what is behind the last one.</param>
    /// <param name="Place">Where it is in its sequence.</param>
    /// <param name="Counts">Whether it is part of a sequence.</param>
    /// <param name="Length">How long its sequence is.</param>
    /// <param name="Lengths">How long each sequence is.</param>
    private readonly record struct Tokens(OnnxValue Sequence, OnnxValue Place, OnnxValue Counts, OnnxValue Length, OnnxValue Lengths)
    {
        public static Tokens Packed(Lowering graph, int input, DimExpr count)
        {
            OnnxValue begins = graph.Cast(graph.Input(input), Index);
            OnnxValue ends = graph.Node("Slice", Index, [begins, graph.Integers(1), graph.Integers(int.MaxValue), graph.Integers(0)]);
            OnnxValue starts = graph.Node("Slice", Index, [begins, graph.Integers(0), graph.Integers(-1), graph.Integers(0)]);
            OnnxValue all = All(graph, count);

            // As many sequences end at or before a token as its number says.
            OnnxValue isBehind = graph.Node("LessOrEqual", DataType.Bool, [graph.Node("Unsqueeze", Index, [ends, graph.Integers(1)]), all]);
            OnnxValue sequence = graph.Node("ReduceSum", Index, [graph.Cast(isBehind, Index), graph.Integers(0)], Attr.Int("keepdims", 0));
            OnnxValue place = graph.Node("Sub", Index, [all, graph.Node("Gather", Index, [begins, sequence])]);
            OnnxValue lengths = graph.Node("Sub", Index, [ends, starts]);
            OnnxValue counts = graph.Node("Less", DataType.Bool, [sequence, graph.Number(graph.Dims(input)[0] + -1)]);
            return new Tokens(sequence, place, counts, Each(graph, lengths, sequence), lengths);
        }

        public static Tokens Padded(Lowering graph, DimExpr[] key)
        {
            OnnxValue all = All(graph, key[0] * key[2]);
            OnnxValue room = graph.Number(key[2]);
            OnnxValue sequence = graph.Node("Div", Index, [all, room]);
            OnnxValue place = graph.Node("Mod", Index, [all, room]);
            OnnxValue lengths = graph.Has(AttentionInput.KeyValueLengths)
                ? graph.Cast(graph.Input(AttentionInput.KeyValueLengths), Index)
                : graph.Node("Expand", Index, [room, graph.Number(key[0])]);
            OnnxValue length = Each(graph, lengths, sequence);
            return new Tokens(sequence, place, graph.Node("Less", DataType.Bool, [place, length]), length, lengths);
        }

        /// <summary>How many of these tokens there are for each of other tokens, in its sequence.</summary>
        public OnnxValue LengthFor(Lowering graph, Tokens others) => Each(graph, Lengths, others.Sequence);

        /// <summary>A number for each token out of one for each sequence; 0 for what is of none.</summary>
        private static OnnxValue Each(Lowering graph, OnnxValue bySequence, OnnxValue sequence)
        {
            OnnxValue padded = graph.Node("Concat", Index, [bySequence, graph.Integers(0)], Attr.Int("axis", 0));
            return graph.Node("Gather", Index, [padded, sequence]);
        }

        private static OnnxValue All(Lowering graph, DimExpr count) =>
            graph.Node("Range", Index, [graph.Number(0, Index), graph.Node("Squeeze", Index, [graph.Number(count)]), graph.Number(1, Index)]);
    }
}
