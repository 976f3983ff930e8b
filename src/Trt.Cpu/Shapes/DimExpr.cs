using System.Globalization;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>An integer that a shape is made of: a constant, an extent or a value of a network input, or computed from such.</summary>
/// <remarks>
/// One computation of shapes serves the network (where what is not constant shows as −1), the checks of profiles, and the run, for which
/// the expressions are kept in the plan. Expressions are immutable and simplified when made; equal ones compare equal.
/// </remarks>
internal sealed class DimExpr : IEquatable<DimExpr>
{
    private readonly int hash;

    private DimExpr(DimOp op, long number, int input, int index, DimExpr[] operands)
    {
        Op = op;
        Number = number;
        Input = input;
        Index = index;
        Operands = operands;
        HasUnknown = op == DimOp.Unknown || operands.Any(operand => operand.HasUnknown);
        HashCode code = default;
        code.Add(op);
        code.Add(number);
        code.Add(input);
        code.Add(index);
        foreach (DimExpr operand in operands)
        {
            code.Add(operand.hash);
        }

        hash = code.ToHashCode();
    }

    public static DimExpr Zero { get; } = Constant(0);

    public static DimExpr One { get; } = Constant(1);

    public DimOp Op { get; }

    /// <summary>The value of a constant.</summary>
    public long Number { get; }

    /// <summary>Which network input an extent or value is of; which layer an unknown extent is of.</summary>
    public int Input { get; }

    /// <summary>Axis of an extent, element of a value; of an unknown extent, output and axis in one number.</summary>
    public int Index { get; }

    /// <summary>What an operation is applied to; of an unknown extent, its greatest possible value, if that is known.</summary>
    public DimExpr[] Operands { get; }

    /// <summary>Whether only the run knows it, so that it cannot be evaluated before.</summary>
    public bool HasUnknown { get; }

    public bool IsConstant => Op == DimOp.Constant;

    /// <summary>What a user sees: the constant, or −1.</summary>
    public long Visible => IsConstant ? Number : -1;

    public static DimExpr Constant(long number) => new(DimOp.Constant, number, 0, 0, []);

    public static DimExpr Extent(int input, int axis) => new(DimOp.Extent, 0, input, axis, []);

    public static DimExpr Value(int input, int element) => new(DimOp.Value, 0, input, element, []);

    /// <summary>An extent of a layer's output that the layer's computation decides.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="output">Which output.</param>
    /// <param name="axis">Which axis.</param>
    /// <param name="bound">What it cannot exceed; null when nothing is known.</param>
    public static DimExpr Unknown(int layer, int output, int axis, DimExpr? bound) =>
        Unknown(layer, (output * Dims.MaxDims) + axis, bound);

    /// <summary>As the other one, with output and axis in one number.</summary>
    public static DimExpr Unknown(int layer, int index, DimExpr? bound) => new(DimOp.Unknown, 0, layer, index, bound is null ? [] : [bound]);

    public static DimExpr operator +(DimExpr left, DimExpr right) => Sum(left, right);

    public static DimExpr operator -(DimExpr left, DimExpr right) => left.Equals(right) ? Zero : Sum(left, Product([Constant(-1), right]));

    public static DimExpr operator *(DimExpr left, DimExpr right) => Product([left, right]);

    public static DimExpr operator +(DimExpr left, long right) => Sum(left, Constant(right));

    public static DimExpr operator *(DimExpr left, long right) => Product([left, Constant(right)]);

    public static DimExpr Volume(ReadOnlySpan<DimExpr> dims) => Product(dims.ToArray());

    public static DimExpr Max(DimExpr left, DimExpr right) => Binary(DimOp.Max, left, right);

    public static DimExpr Min(DimExpr left, DimExpr right) => Binary(DimOp.Min, left, right);

    public static DimExpr FloorDiv(DimExpr left, DimExpr right) => Divide(DimOp.FloorDiv, left, right);

    public static DimExpr CeilDiv(DimExpr left, DimExpr right) => Divide(DimOp.CeilDiv, left, right);

    /// <summary>Division that drops the fraction, as integers divide.</summary>
    public static DimExpr TruncDiv(DimExpr left, DimExpr right) => Divide(DimOp.TruncDiv, left, right);

    /// <summary>A number, or another one where it is 0.</summary>
    public static DimExpr OrElse(DimExpr number, DimExpr placeholder) => Binary(DimOp.OrElse, number, placeholder);

    /// <summary>The extent that two extents broadcast to: the other one where one is 1.</summary>
    public static DimExpr Broadcast(DimExpr left, DimExpr right) =>
        left.Equals(right) || right is { IsConstant: true, Number: 1 } ? left
        : left is { IsConstant: true, Number: 1 } ? right
        : left.IsConstant ? left
        : right.IsConstant ? right
        : Binary(DimOp.Broadcast, left, right);

    /// <summary>1 where two numbers are the same, else 0.</summary>
    public static DimExpr AreEqual(DimExpr left, DimExpr right) => left.Equals(right) ? One : Binary(DimOp.Equal, left, right);

    /// <summary>1 where the first number is less than the second one, else 0.</summary>
    public static DimExpr IsLess(DimExpr left, DimExpr right) => left.Equals(right) ? Zero : Binary(DimOp.Less, left, right);

    /// <summary>One number where a condition is 1, the other one where it is 0.</summary>
    public static DimExpr Choose(DimExpr condition, DimExpr yes, DimExpr no) =>
        condition.IsConstant ? condition.Number != 0 ? yes : no : yes.Equals(no) ? yes : no + (condition * (yes - no));

    /// <summary>What an operation of a plan's text is.</summary>
    public static DimExpr Apply(DimOp op, DimExpr[] operands) => op switch
    {
        DimOp.Sum => operands.Aggregate(Sum),
        DimOp.Product => Product(operands),
        DimOp.FloorDiv or DimOp.CeilDiv or DimOp.TruncDiv => Divide(op, operands[0], operands[1]),
        DimOp.Broadcast => Broadcast(operands[0], operands[1]),
        DimOp.Max or DimOp.Min or DimOp.OrElse or DimOp.Equal or DimOp.Less => Binary(op, operands[0], operands[1]),
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    /// <summary>Whether an input's extents or values take part; those that only limit an unknown extent do not count.</summary>
    public bool Uses(DimOp leaf, int input) => (Op == leaf && Input == input) || (Op != DimOp.Unknown && Operands.Any(operand => operand.Uses(leaf, input)));

    /// <summary>The number for given inputs.</summary>
    /// <exception cref="InvalidOperationException">Only the run knows it.</exception>
    /// <exception cref="DivideByZeroException">An extent that divides is 0.</exception>
    /// <exception cref="OverflowException">The number needs more than 64 bits.</exception>
    public long Evaluate(IDimSource source)
    {
        switch (Op)
        {
            case DimOp.Constant:
                return Number;
            case DimOp.Extent:
                return source.Extent(Input, Index);
            case DimOp.Value:
                return source.Value(Input, Index);
            case DimOp.Unknown:
                throw new InvalidOperationException($"Only the run knows {this}.");
            case DimOp.Sum:
                long sum = 0;
                foreach (DimExpr operand in Operands)
                {
                    sum = checked(sum + operand.Evaluate(source));
                }

                return sum;
            case DimOp.Product:
                long product = 1;
                foreach (DimExpr operand in Operands)
                {
                    product = checked(product * operand.Evaluate(source));
                }

                return product;
            default:
                return Compute(Op, Operands[0].Evaluate(source), Operands[1].Evaluate(source));
        }
    }

    public bool Equals(DimExpr? other) => ReferenceEquals(this, other) || (other is not null && hash == other.hash && Op == other.Op
        && Number == other.Number && Input == other.Input && Index == other.Index && Operands.AsSpan().SequenceEqual(other.Operands));

    public override bool Equals(object? obj) => Equals(obj as DimExpr);

    public override int GetHashCode() => hash;

    /// <summary>The least and the greatest number it can be, where unknown extents are anything from 0 to their limit.</summary>
    /// <returns>Null when there is no limit.</returns>
    /// <exception cref="OverflowException">A limit needs more than 64 bits.</exception>
    public (long Low, long High)? Bounds(IDimSource source)
    {
        if (!HasUnknown)
        {
            long number = Evaluate(source);
            return (number, number);
        }

        if (Op == DimOp.Unknown)
        {
            return Operands is [var bound] && bound.Bounds(source) is { } limit ? (0, limit.High) : null;
        }

        (long Low, long High)? result = Operands[0].Bounds(source);
        for (int i = 1; i < Operands.Length && result is not null; i++)
        {
            result = Operands[i].Bounds(source) is { } next ? Combined(result.Value, next) : null;
        }

        return result;
    }

    /// <summary>The form that plans hold: <c>3</c>, <c>d0.1</c> (extent), <c>v1.0</c> (value), <c>u4.0</c> (unknown), <c>(u4.0 a)</c> (unknown, at most a), <c>(+ a b)</c>.</summary>
    public override string ToString() => Op switch
    {
        DimOp.Constant => Number.ToString(CultureInfo.InvariantCulture),
        DimOp.Extent => string.Create(CultureInfo.InvariantCulture, $"d{Input}.{Index}"),
        DimOp.Value => string.Create(CultureInfo.InvariantCulture, $"v{Input}.{Index}"),
        DimOp.Unknown when Operands.Length == 0 => string.Create(CultureInfo.InvariantCulture, $"u{Input}.{Index}"),
        DimOp.Unknown => string.Create(CultureInfo.InvariantCulture, $"(u{Input}.{Index} {Operands[0]})"),
        _ => $"({DimExprText.Symbol(Op)} {string.Join(' ', (object[])Operands)})",
    };

    private (long Low, long High) Combined((long Low, long High) left, (long Low, long High) right)
    {
        switch (Op)
        {
            case DimOp.Sum:
                return (checked(left.Low + right.Low), checked(left.High + right.High));
            case DimOp.Broadcast or DimOp.OrElse:
                return (Math.Min(left.Low, right.Low), Math.Max(left.High, right.High));
            case DimOp.Equal or DimOp.Less:
                return (0, 1);
            case DimOp.FloorDiv or DimOp.CeilDiv or DimOp.TruncDiv:
                // Extents divide by extents; a run that divides by 0 fails, so the least divisor is 1.
                right = (Math.Max(right.Low, 1), Math.Max(right.High, 1));
                break;
        }

        // The other operations are monotonous in each operand, so that the extremes are at the corners.
        ReadOnlySpan<long> corners = [Corner(left.Low, right.Low), Corner(left.Low, right.High), Corner(left.High, right.Low), Corner(left.High, right.High)];
        long low = corners[0];
        long high = corners[0];
        foreach (long corner in corners)
        {
            low = Math.Min(low, corner);
            high = Math.Max(high, corner);
        }

        return (low, high);

        long Corner(long one, long other) => Op == DimOp.Product ? checked(one * other) : Compute(Op, one, other);
    }

    private static DimExpr Sum(DimExpr left, DimExpr right)
    {
        List<DimExpr> terms = [];
        long constant = 0;
        foreach (DimExpr side in (ReadOnlySpan<DimExpr>)[left, right])
        {
            foreach (DimExpr term in side.Op == DimOp.Sum ? side.Operands : [side])
            {
                if (term.IsConstant)
                {
                    constant = checked(constant + term.Number);
                }
                else if (terms.FindIndex(known => Negation(known).Equals(term)) is >= 0 and int opposite)
                {
                    terms.RemoveAt(opposite);
                }
                else
                {
                    terms.Add(term);
                }
            }
        }

        if (constant != 0 || terms.Count == 0)
        {
            terms.Add(Constant(constant));
        }

        return terms.Count == 1 ? terms[0] : new DimExpr(DimOp.Sum, 0, 0, 0, [.. terms]);
    }

    private static DimExpr Negation(DimExpr term) => Product([Constant(-1), term]);

    private static DimExpr Product(DimExpr[] factors)
    {
        List<DimExpr> terms = [];
        long constant = 1;
        foreach (DimExpr side in factors)
        {
            foreach (DimExpr factor in side.Op == DimOp.Product ? side.Operands : [side])
            {
                if (factor.IsConstant)
                {
                    constant = checked(constant * factor.Number);
                }
                else
                {
                    terms.Add(factor);
                }
            }
        }

        if (constant == 0)
        {
            return Zero;
        }

        terms.Sort(static (one, other) => one.hash.CompareTo(other.hash));
        if (constant != 1 || terms.Count == 0)
        {
            terms.Insert(0, Constant(constant));
        }

        return terms.Count == 1 ? terms[0] : new DimExpr(DimOp.Product, 0, 0, 0, [.. terms]);
    }

    private static DimExpr Divide(DimOp op, DimExpr left, DimExpr right)
    {
        if (right is { IsConstant: true, Number: 1 })
        {
            return left;
        }

        if (left.IsConstant && right is { IsConstant: true, Number: not 0 })
        {
            return Constant(Compute(op, left.Number, right.Number));
        }

        // (a·b·12) / (a·4) is b·3: what is common and not 0 at run time goes, as in reshapes with a wildcard.
        List<DimExpr> above = [.. left.Op == DimOp.Product ? left.Operands : [left]];
        List<DimExpr> below = [.. right.Op == DimOp.Product ? right.Operands : [right]];
        long numerator = Take(above);
        long denominator = Take(below);
        if (denominator != 0 && numerator % denominator == 0)
        {
            bool all = below.All(above.Remove);
            if (all)
            {
                return Product([Constant(numerator / denominator), .. above]);
            }
        }

        return new DimExpr(op, 0, 0, 0, [left, right]);

        static long Take(List<DimExpr> factors)
        {
            long number = 1;
            foreach (DimExpr factor in factors.Where(factor => factor.IsConstant))
            {
                number *= factor.Number;
            }

            factors.RemoveAll(factor => factor.IsConstant);
            return number;
        }
    }

    private static DimExpr Binary(DimOp op, DimExpr left, DimExpr right) =>
        left.IsConstant && right.IsConstant ? Constant(Compute(op, left.Number, right.Number))
        : left.Equals(right) ? left
        : new DimExpr(op, 0, 0, 0, [left, right]);

    private static long Compute(DimOp op, long left, long right) => op switch
    {
        DimOp.Max => Math.Max(left, right),
        DimOp.Min => Math.Min(left, right),
        DimOp.TruncDiv => left / right,
        DimOp.FloorDiv => (left / right) - (left % right != 0 && (left < 0) != (right < 0) ? 1 : 0),
        DimOp.CeilDiv => (left / right) + (left % right != 0 && (left < 0) == (right < 0) ? 1 : 0),
        DimOp.Broadcast => left == 1 ? right : left,
        DimOp.OrElse => left == 0 ? right : left,
        DimOp.Equal => left == right ? 1 : 0,
        DimOp.Less => left < right ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };
}
