using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>An output of a run, copied to the host.</summary>
public sealed class InferenceResult
{
    private readonly byte[] bytes;
    private readonly TensorSpec spec;

    internal InferenceResult(InferenceTensor output)
    {
        spec = output.Spec;
        Shape = output.Shape;
        bytes = output.Copy();
    }

    /// <summary>The output's name.</summary>
    public string Name => spec.Name;

    /// <summary>The element type.</summary>
    public DataType DataType => spec.DataType;

    /// <summary>The shape that the run gave it.</summary>
    public Dims Shape { get; }

    /// <summary>The values, last axis fastest.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <exception cref="ArgumentException">The elements are of another type.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        spec.Check<T>();
        return MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
    }

    /// <summary>Copies the values into an array.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <exception cref="ArgumentException">The elements are of another type.</exception>
    public T[] ToArray<T>()
        where T : unmanaged => AsSpan<T>().ToArray();

    /// <summary>Copies the values into a tensor.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <exception cref="ArgumentException">The elements are of another type.</exception>
    public Tensor<T> ToTensor<T>()
        where T : unmanaged => Tensor.Create(ToArray<T>(), InferenceTensorExtensions.Lengths(Shape, stackalloc nint[Dims.MaxDims]));

    /// <summary>Name, type and shape.</summary>
    public override string ToString() => $"{Name} {DataType} {ShapeText.Of(Shape)}";
}
