namespace Trt.Utils;

/// <summary>A number in a tensor that describes a shape: known, or an extent that has a symbol, or neither.</summary>
/// <param name="Value">The number, where it is known.</param>
/// <param name="Symbol">The extent's symbol, or empty.</param>
internal readonly record struct ShapeNumber(long? Value, string Symbol)
{
    public static ShapeNumber Unknown => new(null, string.Empty);

    public static ShapeNumber Of(OnnxDim dim) => dim.IsKnown ? new ShapeNumber(dim.Value, string.Empty) : new ShapeNumber(null, dim.Symbol);

    public static ShapeNumber Of(long value) => new(value, string.Empty);
}
