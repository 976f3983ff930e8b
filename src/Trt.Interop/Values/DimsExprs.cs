using System.Runtime.CompilerServices;

namespace Trt.Interop;

/// <summary>A shape whose extents are expressions; plugins compute their outputs' shapes with it.</summary>
/// <remarks>
/// C++: <c>nvinfer1::DimsExprs</c>. Expressions come from an <see cref="IExprBuilder"/> and are valid only inside of the call that gave it.
/// Written as a collection expression: <c>[inputs[0][0], builder.Constant(2)]</c>.
/// </remarks>
[CollectionBuilder(typeof(DimsExprs), nameof(Create))]
public readonly struct DimsExprs : IEnumerable<IDimensionExpr>
{
    private readonly IDimensionExpr[]? expressions;

    /// <summary>A shape with these extents.</summary>
    /// <param name="expressions">At most eight.</param>
    /// <exception cref="ArgumentException">More than eight, or one is null.</exception>
    public DimsExprs(params ReadOnlySpan<IDimensionExpr> expressions)
    {
        if (expressions.Length > Dims.MaxDims)
        {
            throw new ArgumentException($"A shape has at most {Dims.MaxDims} axes, but {expressions.Length} were given.", nameof(expressions));
        }

        foreach (IDimensionExpr expression in expressions)
        {
            ArgumentNullException.ThrowIfNull(expression, nameof(expressions));
        }

        this.expressions = expressions.ToArray();
    }

    /// <summary>Number of axes.</summary>
    public int NbDims => expressions?.Length ?? 0;

    /// <summary>The extent of an axis.</summary>
    /// <param name="axis">0 to <see cref="NbDims"/> − 1.</param>
    public IDimensionExpr this[int axis] => (expressions ?? [])[axis];

    /// <summary>Makes a shape; what a collection expression calls.</summary>
    /// <param name="expressions">At most eight.</param>
    public static DimsExprs Create(ReadOnlySpan<IDimensionExpr> expressions) => new(expressions);

    /// <summary>Goes through the extents.</summary>
    public IEnumerator<IDimensionExpr> GetEnumerator() => ((IEnumerable<IDimensionExpr>)(expressions ?? [])).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
