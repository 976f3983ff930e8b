using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Makes dimensions for one call of a plugin's shape function.</summary>
/// <param name="sizeTensor">The expression for the value of a size tensor, by output.</param>
internal sealed class ExprBuilder(Func<int, DimExpr> sizeTensor) : IExprBuilder
{
    /// <summary>The size tensors that were declared, by output, with the value to tune for and the greatest one.</summary>
    public SortedDictionary<int, (DimExpr Opt, DimExpr Upper)> SizeTensors { get; } = [];

    public IDimensionExpr Constant(long value) => new DimensionExpr(DimExpr.Constant(value));

    public IDimensionExpr? Operation(DimensionOperation op, IDimensionExpr first, IDimensionExpr second)
    {
        DimExpr left = Own(first, nameof(first)).Value;
        DimExpr right = Own(second, nameof(second)).Value;
        DimExpr? result = op switch
        {
            DimensionOperation.Sum => left + right,
            DimensionOperation.Prod => left * right,
            DimensionOperation.Max => DimExpr.Max(left, right),
            DimensionOperation.Min => DimExpr.Min(left, right),
            DimensionOperation.Sub => left - right,
            DimensionOperation.Equal => DimExpr.AreEqual(left, right),
            DimensionOperation.Less => DimExpr.IsLess(left, right),
            DimensionOperation.FloorDiv => DimExpr.FloorDiv(left, right),
            DimensionOperation.CeilDiv => DimExpr.CeilDiv(left, right),
            _ => null,
        };
        return result is null ? null : new DimensionExpr(result);
    }

    public IDimensionExpr DeclareSizeTensor(int outputIndex, IDimensionExpr opt, IDimensionExpr upper)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(outputIndex);
        if (Own(opt, nameof(opt)).IsSizeTensor)
        {
            throw new ArgumentException("The value to tune for must not depend on a size tensor.", nameof(opt));
        }

        SizeTensors[outputIndex] = (Own(opt, nameof(opt)).Value, Own(upper, nameof(upper)).Value);
        return new DimensionExpr(sizeTensor(outputIndex), isSizeTensor: true);
    }

    /// <summary>A shape for a plugin.</summary>
    public static DimsExprs Wrap(DimExpr[] dims) => new(Array.ConvertAll(dims, dim => (IDimensionExpr)new DimensionExpr(dim)));

    private static DimensionExpr Own(IDimensionExpr expression, string parameter) => DimensionExpr.Of(expression)
        ?? throw new ArgumentException("The expression is not one that this builder made.", parameter);
}
