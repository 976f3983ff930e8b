using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Arithmetic of dimensions, outermost first.</summary>
internal static class TensorShape
{
    /// <summary>Elements that a shape has; 1 for a scalar.</summary>
    /// <exception cref="OverflowException">More than a long can count.</exception>
    public static long Count(ReadOnlySpan<long> shape)
    {
        if (shape.Contains(0))
        {
            return 0;
        }

        long count = 1;
        foreach (long dimension in shape)
        {
            count = checked(count * dimension);
        }

        return count;
    }

    /// <summary>The product of two numbers that are not negative; <see cref="long.MaxValue"/> where it is more than that.</summary>
    public static long Multiply(long a, long b) => a != 0 && b > long.MaxValue / a ? long.MaxValue : a * b;

    /// <summary>The sum of two numbers that are not negative; <see cref="long.MaxValue"/> where it is more than that.</summary>
    public static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>Strides of elements that lie one after another, last dimension fastest.</summary>
    public static ImmutableArray<long> Strides(ReadOnlySpan<long> shape)
    {
        long[] strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride = unchecked(stride * Math.Max(shape[i], 1)); // only of a tensor without elements can it be too large
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(strides);
    }

    /// <exception cref="ArgumentException">The shape has another number of elements, or is none.</exception>
    public static void Require(ReadOnlySpan<long> shape, long count)
    {
        if (shape.Length > TensorBounds.MostDimensions)
        {
            throw new ArgumentException($"A shape of {shape.Length} dimensions is given; {TensorBounds.MostDimensions} is the most.", nameof(shape));
        }

        long product = 1;
        foreach (long dimension in shape)
        {
            if (dimension < 0)
            {
                throw new ArgumentException($"The shape {Text(shape)} has a negative dimension.", nameof(shape));
            }

            product = Multiply(product, dimension);
        }

        if (product != count)
        {
            throw new ArgumentException($"The shape {Text(shape)} does not fit {count} elements.", nameof(shape));
        }
    }

    public static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
