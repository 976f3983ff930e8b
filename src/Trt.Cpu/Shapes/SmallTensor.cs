namespace Trt.Cpu;

/// <summary>Elements of small tensors of integers, from which shapes are computed.</summary>
internal static class SmallTensor
{
    /// <summary>A tensor made element by element.</summary>
    /// <param name="dims">Its shape.</param>
    /// <param name="element">The element at an index, or null when it is not known.</param>
    /// <returns>All elements; null when the shape or one of them is not known, or when there are too many.</returns>
    public static DimExpr[]? Make(ReadOnlySpan<DimExpr> dims, Func<long[], DimExpr?> element)
    {
        long count = 1;
        foreach (DimExpr dim in dims)
        {
            if (!dim.IsConstant || dim.Number < 0 || dim.Number > TensorFacts.MostValues || (count *= dim.Number) > TensorFacts.MostValues)
            {
                return null;
            }
        }

        DimExpr[] values = new DimExpr[count];
        long[] index = new long[dims.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (element(index) is not { } value)
            {
                return null;
            }

            values[i] = value;
            for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == dims[axis].Number; axis--)
            {
                index[axis] = 0;
            }
        }

        return values;
    }

    /// <summary>The element at an index; the first on axes of length 1, as broadcasting has it; null outside of the tensor.</summary>
    public static DimExpr? At(DimExpr[] values, ReadOnlySpan<DimExpr> dims, ReadOnlySpan<long> index)
    {
        long offset = 0;
        for (int axis = 0; axis < dims.Length; axis++)
        {
            long at = dims[axis].Number == 1 ? 0 : index[axis];
            if ((ulong)at >= (ulong)dims[axis].Number)
            {
                return null;
            }

            offset = (offset * dims[axis].Number) + at;
        }

        return values[offset];
    }
}
