using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>A tensor of a checkpoint: a view of its file, of which nothing is read before the values are asked for.</summary>
/// <remarks>
/// Name, type and shape stay readable after the <see cref="TorchStateDict"/> is disposed; asking for values then is an <see cref="ObjectDisposedException"/>. Spans and addresses
/// taken before are invalid from that moment on. Any number of threads may use a tensor. The file must not be cut short while it is open.
/// </remarks>
public sealed unsafe class TorchTensor
{
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

    /// <summary>The checkpoint's key of the storage. Tensors of one file with equal keys share memory.</summary>
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
            long expected = 1;
            for (int i = Shape.Length - 1; i >= 0 && ElementCount > 0; i--)
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

            storage.File.Acquire(this);
            try
            {
                return ElementCount == 0 ? [] : new ReadOnlySpan<byte>(Address(), (int)ByteCount);
            }
            finally
            {
                storage.File.Release();
            }
        }
    }

    /// <summary>
    /// Address of the elements, aligned to their size and valid until the <see cref="TorchStateDict"/> is disposed; 0 for a tensor without elements. It lies in the mapped file;
    /// only where the file does not align the elements, as legacy files need not, is it that of a copy made on first use. The memory is read-only: writing to it ends the process.
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
            storage.File.Acquire(this);
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
                storage.File.Release();
            }
        }
    }

    /// <summary>The same values one after another: this tensor if it is so already, else a copy.</summary>
    /// <returns>A contiguous tensor that lives as long as the <see cref="TorchStateDict"/>. The copy is made once; later calls return it again.</returns>
    /// <exception cref="NotSupportedException">The tensor is complex.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    /// <exception cref="TorchFormatException">The file's packed bytes are damaged.</exception>
    public TorchTensor ToContiguous()
    {
        CheckReadable();
        storage.File.Acquire(this);
        try
        {
            return IsContiguous ? this : Copied();
        }
        finally
        {
            storage.File.Release();
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
            throw new InvalidOperationException($"{this} cannot be read as {typeof(T).Name}: its elements are {DType.TorchName()}. Use ToArray<{TorchElements.NameOf(DType)}>(){(FloatWidening.Supports(DType) ? " or ToFloat32()" : "")}.");
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
        if (!FloatWidening.Supports(DType))
        {
            throw new InvalidOperationException($"{this} does not hold floating-point numbers but {DType.TorchName()}. Use ToArray<{TorchElements.NameOf(DType)}>().");
        }

        float[] values = New<float>();
        storage.File.Acquire(this);
        try
        {
            if (ElementCount > 0)
            {
                Widen(values);
            }
        }
        finally
        {
            storage.File.Release();
        }

        return values;
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

    /// <summary>The same tensor under another name.</summary>
    internal TorchTensor Named(string name) => name == Name
        ? this
        : new TorchTensor(storage, firstByte, DType, Offset, Shape, Strides, ElementCount) { Name = name, IsParameter = IsParameter, RequiresGrad = RequiresGrad };

    private byte* Address() => storage.Address() + firstByte + (Offset * DType.ByteSize());

    /// <summary>A contiguous, aligned copy, made once. The caller holds the file.</summary>
    private TorchTensor Copied()
    {
        lock (storage)
        {
            if (contiguous is null)
            {
                byte* copy = storage.File.Allocate(ByteCount);
                if (ElementCount > 0)
                {
                    StridedCopy.Copy(Address(), copy, Shape.AsSpan(), Strides.AsSpan(), DType.ByteSize());
                }

                ImmutableArray<long>.Builder strides = Shape.ToBuilder();
                long stride = 1;
                for (int i = Shape.Length - 1; i >= 0; i--)
                {
                    strides[i] = stride;
                    stride *= Math.Max(Shape[i], 1);
                }

                TorchStorage memory = TorchStorage.OfMemory(storage.File, storage.Key, copy, ByteCount);
                contiguous = new TorchTensor(memory, 0, DType, 0, Shape, strides.ToImmutable(), ElementCount) { Name = Name, IsParameter = IsParameter, RequiresGrad = RequiresGrad };
            }

            return contiguous;
        }
    }

    private void Widen(float[] target)
    {
        if (IsContiguous)
        {
            FloatWidening.Widen(DType, Address(), target);
            return;
        }

        byte* elements = (byte*)NativeMemory.Alloc((nuint)ByteCount);
        try
        {
            StridedCopy.Copy(Address(), elements, Shape.AsSpan(), Strides.AsSpan(), DType.ByteSize());
            FloatWidening.Widen(DType, elements, target);
        }
        finally
        {
            NativeMemory.Free(elements);
        }
    }

    private void CopyTo(byte* target)
    {
        storage.File.Acquire(this);
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
            storage.File.Release();
        }
    }

    private T[] New<T>() => ElementCount <= Array.MaxLength
        ? GC.AllocateUninitializedArray<T>((int)ElementCount)
        : throw new InvalidOperationException($"{this} has {ElementCount} elements, more than an array can hold. Use Pointer and ElementCount.");

    private void CheckReadable()
    {
        ObjectDisposedException.ThrowIf(storage.File.IsClosed, this);
        if (DType.IsComplex())
        {
            throw new NotSupportedException($"{this} in {storage.File.Path} holds complex numbers ({DType.TorchName()}), which TensorRT has no type for. Save torch.view_as_real of it.");
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
