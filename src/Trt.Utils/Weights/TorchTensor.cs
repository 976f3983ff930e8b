using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>A tensor of a weight file, of which nothing is read before the values are asked for; or one made in memory, by <see cref="FromArray"/> or out of another.</summary>
/// <remarks>
/// Of a file's tensor name, type and shape stay readable after the <see cref="TorchStateDict"/> is disposed; asking for values then is an <see cref="ObjectDisposedException"/>, and
/// spans and addresses taken before are invalid from that moment on. The file must not be cut short while it is open. A tensor made in memory needs no care: its values live as long
/// as it, a view of it or weights of it are referenced. Any number of threads may use a tensor.
/// </remarks>
public sealed unsafe class TorchTensor
{
    private static readonly FrozenDictionary<Type, TorchDType> ArrayTypes = new Dictionary<Type, TorchDType>
    {
        [typeof(double)] = TorchDType.Float64,
        [typeof(float)] = TorchDType.Float32,
        [typeof(Half)] = TorchDType.Float16,
        [typeof(long)] = TorchDType.Int64,
        [typeof(int)] = TorchDType.Int32,
        [typeof(short)] = TorchDType.Int16,
        [typeof(sbyte)] = TorchDType.Int8,
        [typeof(ulong)] = TorchDType.UInt64,
        [typeof(uint)] = TorchDType.UInt32,
        [typeof(ushort)] = TorchDType.UInt16,
        [typeof(byte)] = TorchDType.UInt8,
        [typeof(bool)] = TorchDType.Bool,
    }.ToFrozenDictionary();

    private readonly TorchStorage storage;
    private readonly long firstByte;
    private TorchTensor? contiguous;

    private TorchTensor(TorchStorage storage, long firstByte, TorchDType type, long offset, ImmutableArray<long> shape, ImmutableArray<long> strides, long elementCount)
    {
        this.storage = storage;
        this.firstByte = firstByte;
        DType = type;
        Offset = offset;
        Shape = shape;
        Strides = strides;
        ElementCount = elementCount;
    }

    /// <summary>The name in the state dict, or the key in the dictionary that holds the tensor; empty inside lists and tuples.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The element type.</summary>
    public TorchDType DType { get; }

    /// <summary>The dimensions, outermost first; empty for a scalar. A dimension may be 0.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Elements of the storage between neighbours, for each dimension; never negative, 0 where a dimension was expanded.</summary>
    public ImmutableArray<long> Strides { get; }

    /// <summary>Elements of the storage before the first element.</summary>
    public long Offset { get; }

    /// <summary>How many elements the shape has; 1 for a scalar.</summary>
    public long ElementCount { get; }

    /// <summary>Bytes of all elements when they lie one after another.</summary>
    public long ByteCount => ElementCount * DType.ByteSize();

    /// <summary>The file's key of the storage: tensors of one file with equal keys share memory. Empty for tensors made in memory.</summary>
    public string StorageKey => storage.Key;

    /// <summary>Whether it was a <c>torch.nn.Parameter</c>. State dicts usually hold plain tensors.</summary>
    public bool IsParameter { get; private init; }

    /// <summary>Whether it was saved as requiring a gradient.</summary>
    public bool RequiresGrad { get; private init; }

    /// <summary>Whether the elements lie one after another, last dimension fastest.</summary>
    public bool IsContiguous
    {
        get
        {
            if (ElementCount <= 1)
            {
                return true;
            }

            long expected = 1;
            for (int i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                {
                    return false;
                }

                expected *= Shape[i];
            }

            return true;
        }
    }

    /// <summary>A tensor over an array, which is not copied: it stays pinned as long as the tensor is referenced, and must not be changed meanwhile.</summary>
    /// <typeparam name="T">double, float, <see cref="Half"/>, an integer type or bool.</typeparam>
    /// <param name="values">The elements, last dimension fastest.</param>
    /// <param name="shape">The dimensions, whose product is the array's length; when none are given, the tensor has one dimension.</param>
    /// <returns>A tensor that needs no owner and is named "".</returns>
    /// <exception cref="ArgumentException">The shape does not fit the array, or there is no element type like <typeparamref name="T"/>.</exception>
    public static TorchTensor FromArray<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return ArrayTypes.TryGetValue(typeof(T), out TorchDType type)
            ? OfArray(values, type, values.Length, shape)
            : throw new ArgumentException($"PyTorch has no element type like {typeof(T).Name}. Use FromBytes and name the type.", nameof(values));
    }

    /// <summary>A tensor over bytes, for types that C# lacks (bfloat16, float8) or elements whose type is known only when running. As <see cref="FromArray"/>, it does not copy.</summary>
    /// <param name="values">The elements, little-endian, last dimension fastest.</param>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The dimensions; when none are given, the tensor has one dimension.</param>
    /// <returns>A tensor that needs no owner and is named "".</returns>
    /// <exception cref="ArgumentException">The shape does not fit the array.</exception>
    public static TorchTensor FromBytes(byte[] values, TorchDType type, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(values);
        int size = type.ByteSize();
        return values.Length % size == 0
            ? OfArray(values, type, values.Length / size, shape)
            : throw new ArgumentException($"{values.Length} bytes are no whole number of {type.TorchName()} elements, which have {size} bytes each.", nameof(values));
    }

    /// <summary>The same tensor under another name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>A tensor that shares the values.</returns>
    public TorchTensor WithName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name == Name
            ? this
            : new TorchTensor(storage, firstByte, DType, Offset, Shape, Strides, ElementCount) { Name = name, IsParameter = IsParameter, RequiresGrad = RequiresGrad, IsDerived = IsDerived };
    }

    /// <summary>The elements' bytes where they lie in the mapped file (or, of a packed file, where they were unpacked), little-endian.</summary>
    /// <remarks>Valid until the <see cref="TorchStateDict"/> is disposed. Of legacy files they need not be aligned.</remarks>
    /// <exception cref="InvalidOperationException">The tensor is not contiguous (use <see cref="ToContiguous"/>), or larger than a span can be (use <see cref="Pointer"/>).</exception>
    /// <exception cref="NotSupportedException">The tensor is complex.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    /// <exception cref="TorchFormatException">The file's packed bytes are damaged.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            CheckReadable();
            CheckContiguous();
            if (ByteCount > int.MaxValue)
            {
                throw new InvalidOperationException($"{this} has {ByteCount} bytes, more than a span can hold. Use Pointer and ByteCount.");
            }

            storage.Memory.Acquire(this);
            try
            {
                return ElementCount == 0 ? [] : new ReadOnlySpan<byte>(Address(), (int)ByteCount);
            }
            finally
            {
                storage.Memory.Release();
            }
        }
    }

    /// <summary>
    /// Address of the elements, aligned to their size and valid until the <see cref="TorchStateDict"/> is disposed; 0 for a tensor without elements. It lies in the mapped file;
    /// only where the file does not align the elements, as legacy files need not, is it that of a copy made on first use. Keep a tensor referenced that was made in memory, or by
    /// <see cref="TorchTensorViews"/>. The memory is read-only: writing to it ends the process.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tensor is not contiguous: use <see cref="ToContiguous"/>.</exception>
    /// <exception cref="NotSupportedException">The tensor is complex.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    /// <exception cref="TorchFormatException">The file's packed bytes are damaged.</exception>
    public nint Pointer
    {
        get
        {
            CheckReadable();
            CheckContiguous();
            storage.Memory.Acquire(this);
            try
            {
                if (ElementCount == 0)
                {
                    return 0;
                }

                byte* address = Address();
                return (nuint)address % (nuint)DType.ByteSize() == 0 ? (nint)address : (nint)Copied().Address();
            }
            finally
            {
                storage.Memory.Release();
            }
        }
    }

    /// <summary>The same values one after another: this tensor if it is so already, else a copy.</summary>
    /// <returns>
    /// A contiguous tensor: of a file's tensor it lives as long as the <see cref="TorchStateDict"/>, of a view of yours (<see cref="TorchTensorViews"/>) as long as it is referenced.
    /// The copy is made once; later calls return it again.
    /// </returns>
    /// <exception cref="NotSupportedException">The tensor is complex.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    /// <exception cref="TorchFormatException">The file's packed bytes are damaged.</exception>
    public TorchTensor ToContiguous()
    {
        CheckReadable();
        storage.Memory.Acquire(this);
        try
        {
            return IsContiguous ? this : Copied();
        }
        finally
        {
            storage.Memory.Release();
        }
    }

    /// <summary>Copies the elements into an array, last dimension fastest, views resolved.</summary>
    /// <typeparam name="T">
    /// The element type exactly: double, float, <see cref="Half"/>, long, int, short, sbyte, byte or bool; for bfloat16 ushort and for both float8 types byte, which then hold the bits.
    /// </typeparam>
    /// <returns>A new array.</returns>
    /// <exception cref="InvalidOperationException">The elements are of another type, or too many for an array.</exception>
    /// <exception cref="NotSupportedException">The tensor is complex.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    /// <exception cref="TorchFormatException">The file's packed bytes are damaged.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        CheckReadable();
        if (!TorchElements.Holds<T>(DType))
        {
            throw new InvalidOperationException($"{this} cannot be read as {typeof(T).Name}: its elements are {DType.TorchName()}. Use ToArray<{TorchElements.NameOf(DType)}>(){(DType.IsFloatingPoint() ? " or ToFloat32()" : "")}.");
        }

        T[] values = New<T>();
        fixed (T* target = values)
        {
            CopyTo((byte*)target);
            if (DType == TorchDType.Bool)
            {
                foreach (ref byte value in new Span<byte>(target, values.Length))
                {
                    value = value == 0 ? (byte)0 : (byte)1; // any other byte would break comparisons of bool
                }
            }
        }

        return values;
    }

    /// <summary>Copies the elements of any floating-point type into single precision, last dimension fastest, views resolved.</summary>
    /// <returns>A new array; exact but for double, which is rounded to nearest.</returns>
    /// <exception cref="InvalidOperationException">The elements are integers or booleans, or too many for an array.</exception>
    /// <exception cref="NotSupportedException">The tensor is complex.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    /// <exception cref="TorchFormatException">The file's packed bytes are damaged.</exception>
    public float[] ToFloat32()
    {
        CheckReadable();
        if (!DType.IsFloatingPoint())
        {
            throw new InvalidOperationException($"{this} does not hold floating-point numbers but {DType.TorchName()}. Use ToArray<{TorchElements.NameOf(DType)}>().");
        }

        float[] values = New<float>();
        return Read(elements =>
        {
            if (elements != 0)
            {
                FloatWidening.Widen(DType, (byte*)elements, values);
            }

            return values;
        });
    }

    /// <inheritdoc/>
    public override string ToString() => $"Tensor \"{PickleText.Shorten(Name)}\" {DType.TorchName()} [{string.Join(", ", Shape)}]";

    /// <summary>Makes a tensor of what a file says, after checking that all of it lies inside the storage.</summary>
    internal static TorchTensor FromFile(StorageView view, TorchDType type, long offset, ImmutableArray<long> shape, ImmutableArray<long> strides, bool requiresGrad)
    {
        return new TorchTensor(view.Storage, view.FirstByte, type, offset, shape, strides, TensorBounds.Check(view, type, offset, shape, strides)) { RequiresGrad = requiresGrad };
    }

    internal TorchTensor AsParameter(bool requiresGrad) =>
        new(storage, firstByte, DType, Offset, Shape, Strides, ElementCount) { Name = Name, IsParameter = true, RequiresGrad = requiresGrad };

    /// <summary>A new contiguous tensor in memory of its own, whose elements the caller writes at the address given, which is aligned to 64 bytes.</summary>
    internal static TorchTensor New(TorchDType type, ImmutableArray<long> shape, string name, out byte* address)
    {
        long count = TensorShape.Count(shape.AsSpan());
        HeapMemory memory = new();
        address = memory.Allocate(count * type.ByteSize());
        return new TorchTensor(TorchStorage.At(memory, "", address, count * type.ByteSize()), 0, type, 0, shape, TensorShape.Strides(shape.AsSpan()), count) { Name = name };
    }

    /// <summary>Another look at the same elements; the caller has checked that it stays within them.</summary>
    internal TorchTensor View(ImmutableArray<long> shape, ImmutableArray<long> strides, long offset) =>
        new(storage, firstByte, DType, offset, shape, strides, TensorShape.Count(shape.AsSpan())) { Name = Name, IsDerived = true };

    /// <summary>Hands the contiguous elements to a reader that must not keep the address. It is 0 for a tensor without elements, and need not be aligned.</summary>
    internal TResult Read<TResult>(Func<nint, TResult> reader)
    {
        CheckReadable();
        storage.Memory.Acquire(this);
        try
        {
            if (ElementCount == 0 || IsContiguous)
            {
                return reader(ElementCount == 0 ? 0 : (nint)Address());
            }

            byte* elements = (byte*)NativeMemory.Alloc((nuint)ByteCount);
            try
            {
                StridedCopy.Copy(Address(), elements, Shape.AsSpan(), Strides.AsSpan(), DType.ByteSize());
                return reader((nint)elements);
            }
            finally
            {
                NativeMemory.Free(elements);
            }
        }
        finally
        {
            storage.Memory.Release();
        }
    }

    /// <summary>Whether it is somebody's view rather than what a file describes.</summary>
    private bool IsDerived { get; init; }

    private byte* Address() => storage.Address() + firstByte + (Offset * DType.ByteSize());

    /// <summary>A contiguous, aligned copy, made once. The caller holds the memory.</summary>
    private TorchTensor Copied()
    {
        lock (storage)
        {
            if (contiguous is null)
            {
                // The file keeps copies of its own tensors, so that addresses stay; views come and go, and their copies with them.
                TensorMemory memory = IsDerived ? new HeapMemory() : storage.Memory;
                byte* copy = memory.Allocate(ByteCount);
                if (ElementCount > 0)
                {
                    StridedCopy.Copy(Address(), copy, Shape.AsSpan(), Strides.AsSpan(), DType.ByteSize());
                }

                TorchStorage whole = TorchStorage.At(memory, storage.Key, copy, ByteCount);
                contiguous = new TorchTensor(whole, 0, DType, 0, Shape, TensorShape.Strides(Shape.AsSpan()), ElementCount) { Name = Name, IsParameter = IsParameter, RequiresGrad = RequiresGrad };
            }

            return contiguous;
        }
    }

    private void CopyTo(byte* target)
    {
        storage.Memory.Acquire(this);
        try
        {
            if (ElementCount == 0)
            {
                return;
            }

            if (IsContiguous)
            {
                Buffer.MemoryCopy(Address(), target, ByteCount, ByteCount);
            }
            else
            {
                StridedCopy.Copy(Address(), target, Shape.AsSpan(), Strides.AsSpan(), DType.ByteSize());
            }
        }
        finally
        {
            storage.Memory.Release();
        }
    }

    private static TorchTensor OfArray<T>(T[] values, TorchDType type, long count, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ImmutableArray<long> dimensions = shape.IsEmpty ? [count] : [.. shape];
        TensorShape.Require(dimensions.AsSpan(), count);
        HeapMemory memory = HeapMemory.Of(values, out byte* address);
        return new TorchTensor(TorchStorage.At(memory, "", address, memory.Length), 0, type, 0, dimensions, TensorShape.Strides(dimensions.AsSpan()), count);
    }

    private T[] New<T>() => ElementCount <= Array.MaxLength
        ? GC.AllocateUninitializedArray<T>((int)ElementCount)
        : throw new InvalidOperationException($"{this} has {ElementCount} elements, more than an array can hold. Use Pointer and ElementCount.");

    private void CheckReadable()
    {
        ObjectDisposedException.ThrowIf(storage.Memory.IsClosed, this);
        if (DType.IsComplex())
        {
            throw new NotSupportedException($"{this}{(storage.Memory.Path.Length > 0 ? $" in {storage.Memory.Path}" : "")} holds complex numbers ({DType.TorchName()}), which TensorRT has no type for. Save torch.view_as_real of it.");
        }
    }

    private void CheckContiguous()
    {
        if (!IsContiguous)
        {
            throw new InvalidOperationException($"{this} is a view with strides [{string.Join(", ", Strides)}], so its elements do not lie one after another. Use ToContiguous() first, or ToArray.");
        }
    }
}
