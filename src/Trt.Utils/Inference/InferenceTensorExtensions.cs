using System.Numerics.Tensors;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Inputs and outputs as tensors of System.Numerics.Tensors.</summary>
public static class InferenceTensorExtensions
{
    /// <summary>Gives an input the shape and values of a tensor, which are copied at once, views resolved.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="input">The input.</param>
    /// <param name="values">The tensor.</param>
    /// <exception cref="ArgumentException">Another element type, or a shape that the engine cannot have.</exception>
    public static void CopyFrom<T>(this InferenceTensor input, scoped in ReadOnlyTensorSpan<T> values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(input);
        input.Spec.Check<T>();
        values.FlattenTo(input.ToFill<T>(ShapeOf(values.Lengths), values.FlattenedLength));
    }

    /// <summary>Gives an input the shape and values of a tensor, which are copied at once, views resolved.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="input">The input.</param>
    /// <param name="values">The tensor.</param>
    /// <exception cref="ArgumentException">Another element type, or a shape that the engine cannot have.</exception>
    public static void CopyFrom<T>(this InferenceTensor input, Tensor<T> values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        CopyFrom(input, values.AsReadOnlyTensorSpan());
    }

    /// <summary>Copies an output's values into a tensor of its shape.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="output">The output.</param>
    /// <param name="destination">A tensor with the output's extents; may be a view.</param>
    /// <exception cref="ArgumentException">Another element type or shape.</exception>
    public static void CopyTo<T>(this InferenceTensor output, scoped in TensorSpan<T> destination)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<T> values = output.AsSpan<T>();
        Span<nint> lengths = Lengths(output.Shape, stackalloc nint[Dims.MaxDims]);
        if (!destination.Lengths.SequenceEqual(lengths))
        {
            throw new ArgumentException($"Output \"{output.Name}\" has shape {ShapeText.Of(output.Shape)}, but the tensor has {ShapeText.Of(ShapeOf(destination.Lengths))}.", nameof(destination));
        }

        new ReadOnlyTensorSpan<T>(values, lengths).CopyTo(destination);
    }

    /// <summary>Copies the values into a new tensor.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="tensor">An output after a run, or an input.</param>
    /// <exception cref="ArgumentException">The elements are of another type.</exception>
    public static Tensor<T> ToTensor<T>(this InferenceTensor tensor)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Tensor.Create(tensor.ToArray<T>(), Lengths(tensor.Shape, stackalloc nint[Dims.MaxDims]));
    }

    /// <summary>The extents of a tensor as TensorRT's shape.</summary>
    /// <exception cref="ArgumentException">More than eight axes.</exception>
    internal static Dims ShapeOf(scoped ReadOnlySpan<nint> lengths)
    {
        if (lengths.Length > Dims.MaxDims)
        {
            throw new ArgumentException($"A shape has at most {Dims.MaxDims} axes, but the tensor has {lengths.Length}.");
        }

        Dims shape = new() { NbDims = lengths.Length };
        for (int i = 0; i < lengths.Length; i++)
        {
            shape[i] = lengths[i];
        }

        return shape;
    }

    internal static Span<nint> Lengths(Dims shape, Span<nint> room)
    {
        for (int i = 0; i < shape.NbDims; i++)
        {
            room[i] = (nint)shape[i];
        }

        return room[..shape.NbDims];
    }
}
