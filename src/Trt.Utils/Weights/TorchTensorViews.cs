using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Other looks at a tensor's elements. None of them copies, but for <see cref="Reshape"/> of a tensor whose elements do not lie one after another.</summary>
/// <remarks><see cref="TorchTensorWeights.ToWeights"/> and the writers bring the elements of a view into order.</remarks>
public static class TorchTensorViews
{
    /// <summary>The same elements, in the same order, in other dimensions.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="shape">The dimensions; one may be −1 and is then what the others leave.</param>
    /// <returns>A tensor that shares the values where they lie one after another.</returns>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static TorchTensor Reshape(this TorchTensor tensor, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        long[] dimensions = shape.ToArray();
        int open = Array.IndexOf(dimensions, -1);
        if (open >= 0)
        {
            dimensions[open] = 1;
            long others = dimensions.Contains(0) || dimensions.Any(dimension => dimension < 0) ? 0 : TensorShape.Count(dimensions);
            if (others == 0 || tensor.ElementCount % others != 0)
            {
                throw new ArgumentException($"{tensor} has {tensor.ElementCount} elements, which do not fill the shape {TensorShape.Text(shape)}.", nameof(shape));
            }

            dimensions[open] = tensor.ElementCount / others;
        }

        TensorShape.Require(dimensions, tensor.ElementCount);
        TorchTensor whole = tensor.ToContiguous();
        return whole.View(ImmutableCollectionsMarshal.AsImmutableArray(dimensions), TensorShape.Strides(dimensions), whole.Offset);
    }

    /// <summary>The dimensions in another order.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="axes">For each dimension of the result, which of the tensor's it is; a negative number counts from the end.</param>
    /// <returns>A view.</returns>
    /// <exception cref="ArgumentException">The axes are no permutation of the tensor's.</exception>
    public static TorchTensor Permute(this TorchTensor tensor, params ReadOnlySpan<int> axes)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int rank = tensor.Shape.Length;
        long[] shape = new long[rank];
        long[] strides = new long[rank];
        HashSet<int> seen = [];
        if (axes.Length == rank)
        {
            for (int i = 0; i < rank; i++)
            {
                int axis = axes[i] < 0 ? axes[i] + rank : axes[i];
                if (axis < 0 || axis >= rank || !seen.Add(axis))
                {
                    break;
                }

                shape[i] = tensor.Shape[axis];
                strides[i] = tensor.Strides[axis];
            }
        }

        return seen.Count == rank && axes.Length == rank
            ? tensor.View(ImmutableCollectionsMarshal.AsImmutableArray(shape), ImmutableCollectionsMarshal.AsImmutableArray(strides), tensor.Offset)
            : throw new ArgumentException($"The axes [{string.Join(", ", axes.ToArray())}] are no permutation of the {rank} of {tensor}.", nameof(axes));
    }

    /// <summary>Two dimensions exchanged: with no axes given, the last two.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">One axis; a negative number counts from the end.</param>
    /// <param name="second">The other.</param>
    /// <returns>A view.</returns>
    /// <exception cref="ArgumentException">The tensor has no such axis.</exception>
    public static TorchTensor Transpose(this TorchTensor tensor, int first = -2, int second = -1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int rank = tensor.Shape.Length;
        int one = Axis(tensor, first);
        int other = Axis(tensor, second);
        int[] axes = [.. Enumerable.Range(0, rank)];
        (axes[one], axes[other]) = (axes[other], axes[one]);
        return tensor.Permute(axes);
    }

    /// <summary>A range of one dimension, for example the query's third of a packed <c>in_proj_weight</c>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="axis">The dimension; a negative number counts from the end.</param>
    /// <param name="start">First index, from 0.</param>
    /// <param name="length">How many; 0 or more.</param>
    /// <returns>A view.</returns>
    /// <exception cref="ArgumentException">The tensor has no such axis or range.</exception>
    public static TorchTensor Slice(this TorchTensor tensor, int axis, long start, long length)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        axis = Axis(tensor, axis);
        long size = tensor.Shape[axis];
        if (start < 0 || length < 0 || start > size || length > size - start)
        {
            throw new ArgumentException($"{tensor} has no {length} indices from {start} on along axis {axis}.", nameof(start));
        }

        ImmutableArray<long> shape = tensor.Shape.SetItem(axis, length);
        long offset = TensorShape.Count(shape.AsSpan()) == 0 ? 0 : tensor.Offset + (start * tensor.Strides[axis]);
        return tensor.View(shape, tensor.Strides, offset);
    }

    private static int Axis(TorchTensor tensor, int axis)
    {
        int rank = tensor.Shape.Length;
        int found = axis < 0 ? axis + rank : axis;
        return found >= 0 && found < rank ? found : throw new ArgumentException($"{tensor} has {rank} dimensions and no axis {axis}.", nameof(axis));
    }
}
