using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A tensor in host memory that INT8 calibration shows to a network: a batch, or one item of a batch.</summary>
/// <remarks>It is read when the calibration gets to it; an array that was not copied must not change until then. Any number of threads may read.</remarks>
public sealed class CalibrationTensor
{
    private readonly Array values;
    private readonly int elementSize;

    private CalibrationTensor(DataType type, Dims shape, Array values, int elementSize)
    {
        if (!shape.IsStatic || shape.Volume != values.Length)
        {
            throw new ArgumentException($"A tensor of shape {shape} {(shape.IsStatic ? $"has {shape.Volume} elements" : "has an unknown extent")}, but {values.Length} values were given.", nameof(shape));
        }

        Type = type;
        Shape = shape;
        this.values = values;
        this.elementSize = elementSize;
    }

    /// <summary>Element type: Float, Half, Int8, UInt8, Int32, Int64 or Bool.</summary>
    public DataType Type { get; }

    /// <summary>Extents, outermost first.</summary>
    public Dims Shape { get; }

    /// <summary>The elements, last dimension fastest.</summary>
    internal ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(values), checked(values.Length * elementSize));

    /// <summary>A tensor over an array, without a copy; double is rounded to float.</summary>
    /// <typeparam name="T">float, double, Half, sbyte, byte, int, long or bool.</typeparam>
    /// <param name="values">The elements, last dimension fastest.</param>
    /// <param name="shape">Extents, outermost first; none for one dimension as long as the array.</param>
    /// <exception cref="ArgumentException">The extents ask for another number of elements, or networks have no such type.</exception>
    public static unsafe CalibrationTensor From<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        Dims dims = shape.IsEmpty ? [values.Length] : new Dims(shape);
        return values is double[] doubles
            ? new CalibrationTensor(DataType.Float, dims, Array.ConvertAll(doubles, value => (float)value), sizeof(float))
            : new CalibrationTensor(CalibrationElements.TypeOf<T>(), dims, values, sizeof(T));
    }

    /// <summary>A tensor that holds a copy.</summary>
    /// <typeparam name="T">float, double, Half, sbyte, byte, int, long or bool.</typeparam>
    /// <param name="values">The elements, last dimension fastest.</param>
    /// <param name="shape">Extents, outermost first.</param>
    /// <exception cref="ArgumentException">The extents ask for another number of elements, or networks have no such type.</exception>
    public static CalibrationTensor Copy<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged => From(values.ToArray(), shape);

    /// <summary>A tensor with a copy of a NumPy array, which stays right when the file is closed.</summary>
    /// <param name="array">An array of floating-point numbers, integers of 8, 32 or 64 bits, or bool.</param>
    /// <exception cref="ArgumentException">The array has more than eight axes or another type.</exception>
    public static CalibrationTensor From(NpzArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        ImmutableArray<long> shape = array.Shape;
        return array.DType switch
        {
            NpzDType.Float16 => From(array.ToArray<Half>(), shape),
            NpzDType.Float32 => From(array.ToArray<float>(), shape),
            NpzDType.Float64 => From(array.ToFloat32(), shape),
            NpzDType.Int8 => From(array.ToArray<sbyte>(), shape),
            NpzDType.UInt8 => From(array.ToArray<byte>(), shape),
            NpzDType.Int32 => From(array.ToArray<int>(), shape),
            NpzDType.Int64 => From(array.ToArray<long>(), shape),
            NpzDType.Bool => From(array.ToArray<bool>(), shape),
            _ => throw new ArgumentException($"{array} cannot be shown to a network: convert it to float32, float16, int8, uint8, int32, int64 or bool.", nameof(array)),
        };
    }

    /// <summary>Type and shape.</summary>
    public override string ToString() => $"{Type} {Shape}";

    private static CalibrationTensor From<T>(T[] values, ImmutableArray<long> shape)
        where T : unmanaged => shape.IsEmpty ? new CalibrationTensor(CalibrationElements.TypeOf<T>(), [], values, System.Runtime.CompilerServices.Unsafe.SizeOf<T>()) : From(values, shape.AsSpan());
}
