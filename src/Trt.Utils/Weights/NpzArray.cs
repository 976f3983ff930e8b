using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>An array of a NumPy file. Type and shape stay readable after the <see cref="NpzFile"/> is disposed, values do not. Any number of threads may use it.</summary>
public sealed unsafe class NpzArray
{
    private readonly MappedFile file;
    private readonly byte* first;
    private readonly int elementSize;

    internal NpzArray(MappedFile file, string name, NpyHeader header, byte* first, long elementCount)
    {
        this.file = file;
        this.first = first;
        elementSize = header.ElementSize;
        Name = name;
        DType = header.DType;
        Shape = header.Shape;
        IsFortranOrder = header.IsFortranOrder;
        ElementCount = elementCount;
    }

    /// <summary>The name in the archive without <c>.npy</c>.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public NpzDType DType { get; }

    /// <summary>The dimensions, outermost first; empty for a scalar. A dimension may be 0.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Whether <see cref="Bytes"/> has the first dimension fastest instead of the last.</summary>
    public bool IsFortranOrder { get; }

    /// <summary>How many elements the shape has; 1 for a scalar.</summary>
    public long ElementCount { get; }

    /// <summary>The elements as they lie in the file, little-endian, in the order that <see cref="IsFortranOrder"/> says; valid until the <see cref="NpzFile"/> is disposed.</summary>
    /// <exception cref="InvalidOperationException">There are more bytes than a span can hold.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(file.IsClosed, this);
            long bytes = ElementCount * elementSize;
            return bytes <= int.MaxValue
                ? new ReadOnlySpan<byte>(first, (int)bytes)
                : throw new InvalidOperationException($"{this} has {bytes} bytes, more than a span can hold.");
        }
    }

    /// <summary>Copies the elements into an array, last dimension fastest.</summary>
    /// <typeparam name="T">The element type exactly: bool, an integer type, <see cref="Half"/>, float or double.</typeparam>
    /// <returns>A new array.</returns>
    /// <exception cref="InvalidOperationException">The elements are of another type, or too many for an array.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        if (!Holds<T>())
        {
            throw new InvalidOperationException($"{this} cannot be read as {typeof(T).Name}.");
        }

        if (ElementCount > Array.MaxLength)
        {
            throw new InvalidOperationException($"{this} has {ElementCount} elements, more than an array can hold.");
        }

        file.Acquire(this);
        try
        {
            T[] values = GC.AllocateUninitializedArray<T>((int)ElementCount);
            fixed (T* target = values)
            {
                CopyTo((byte*)target);
                if (DType == NpzDType.Bool)
                {
                    foreach (ref byte value in new Span<byte>(target, values.Length))
                    {
                        value = value == 0 ? (byte)0 : (byte)1;
                    }
                }
            }

            return values;
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>Copies half, single or double precision numbers into single precision, last dimension fastest.</summary>
    /// <returns>A new array; double is rounded to nearest.</returns>
    /// <exception cref="InvalidOperationException">The elements are no floating-point numbers, or too many for an array.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public float[] ToFloat32() => DType switch
    {
        NpzDType.Float32 => ToArray<float>(),
        NpzDType.Float64 => Array.ConvertAll(ToArray<double>(), value => (float)value),
        NpzDType.Float16 => Array.ConvertAll(ToArray<Half>(), value => (float)value),
        _ => throw new InvalidOperationException($"{this} does not hold floating-point numbers."),
    };

    /// <inheritdoc/>
    public override string ToString() => $"Array \"{PickleText.Shorten(Name)}\" {DType} [{string.Join(", ", Shape)}]";

    private void CopyTo(byte* target)
    {
        if (ElementCount == 0)
        {
            return;
        }

        if (!IsFortranOrder)
        {
            Buffer.MemoryCopy(first, target, ElementCount * elementSize, ElementCount * elementSize);
            return;
        }

        Span<long> strides = new long[Shape.Length];
        long stride = 1;
        for (int i = 0; i < strides.Length; i++)
        {
            strides[i] = stride;
            stride *= Shape[i];
        }

        StridedCopy.Copy(first, target, Shape.AsSpan(), strides, elementSize);
    }

    private bool Holds<T>()
        where T : unmanaged => DType switch
        {
            NpzDType.Bool => typeof(T) == typeof(bool),
            NpzDType.Int8 => typeof(T) == typeof(sbyte),
            NpzDType.Int16 => typeof(T) == typeof(short),
            NpzDType.Int32 => typeof(T) == typeof(int),
            NpzDType.Int64 => typeof(T) == typeof(long),
            NpzDType.UInt8 => typeof(T) == typeof(byte),
            NpzDType.UInt16 => typeof(T) == typeof(ushort),
            NpzDType.UInt32 => typeof(T) == typeof(uint),
            NpzDType.UInt64 => typeof(T) == typeof(ulong),
            NpzDType.Float16 => typeof(T) == typeof(Half),
            NpzDType.Float32 => typeof(T) == typeof(float),
            NpzDType.Float64 => typeof(T) == typeof(double),
            _ => false,
        };
}
