using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>One mask for everything that hides keys: causality, windows, padding and the mask that was given.</summary>
internal static class AttentionMask
{
    /// <summary>A mask of rank 4, boolean unless the given one is added to scores.</summary>
    /// <param name="node">The attention.</param>
    /// <param name="query">Batch × heads × query tokens × size.</param>
    /// <param name="key">Batch × heads × key tokens × size.</param>
    /// <param name="isCausal">Whether a query sees no later key.</param>
    /// <param name="left">How many keys before its own a query sees; −1 for all.</param>
    /// <param name="right">How many keys after its own; −1 for all.</param>
    public static ITensor Build(ImportNode node, ITensor query, ITensor key, bool isCausal, long left, long right)
    {
        ShapeValues queries = ShapeValues.Of(node, query).Pick(node, 2);
        ShapeValues keys = ShapeValues.Of(node, key).Pick(node, 2);
        ShapeValues shape = ShapeValues.Concatenate(node, queries, keys);
        ITensor column = node.Unsqueeze(Lookups.Counted(node, shape, 0, 1), 0, 1);
        ITensor row = node.Unsqueeze(Lookups.Counted(node, shape, 1, 0), 0, 1);
        ITensor? lengths = node.Has(6) ? node.Unsqueeze(node.AddCast(node.Tensor(6), DataType.Int64), 1, 2, 3) : null;

        // With padded keys the queries are the last ones before the padding.
        ITensor own = lengths is null ? row
            : node.ElementWise(row, node.ElementWise(lengths, node.Unsqueeze(queries.Tensor(node), 0, 1, 2), ElementWiseOperation.Sub), ElementWiseOperation.Sum);
        ITensor? visible = lengths is null ? null : node.ElementWise(column, lengths, ElementWiseOperation.Less);
        if (isCausal || right >= 0)
        {
            long after = isCausal ? 0 : right;
            visible = And(visible, NotAfter(column, Moved(own, after)));
        }

        if (left >= 0)
        {
            visible = And(visible, NotAfter(Moved(own, -left), column));
        }

        if (!node.Has(3))
        {
            return visible!;
        }

        ITensor given = node.Broadcast(node.Tensor(3), 4);
        return visible is null ? given
            : given.Type == DataType.Bool ? And(visible, given)
            : node.Select(visible, given, node.Constant(given.Type, Extents.Same(4, 1), double.NegativeInfinity));

        ITensor Moved(ITensor places, long by) => by == 0 ? places
            : node.ElementWise(places, node.Constant(DataType.Int64, Extents.Same(4, 1), by), ElementWiseOperation.Sum);
        ITensor NotAfter(ITensor x, ITensor y) => node.Unary(node.ElementWise(x, y, ElementWiseOperation.Greater), UnaryOperation.Not);
        ITensor And(ITensor? x, ITensor y) => x is null ? y : node.ElementWise(x, y, ElementWiseOperation.And);
    }
}
