using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Trt.Interop;

/// <summary>A tensor in host memory, of any of ONNX's element types, last dimension fastest.</summary>
/// <remarks>It never changes its memory; whether others do is for its maker to say. Any number of threads may read.</remarks>
public sealed unsafe class OnnxTensor
{
    private readonly string[]? texts;
    private readonly object? owner;

    /// <summary>A tensor over memory, without a copy.</summary>
    /// <param name="type">A type of fixed size.</param>
    /// <param name="dims">Extents, outermost first; none for a scalar.</param>
    /// <param name="data">Address of the first element; 0 only for a tensor without elements.</param>
    /// <param name="owner">What holds the memory, kept alive by the tensor; null when the caller sees to it that the memory stays.</param>
    /// <exception cref="ArgumentException">The extents are negative or too large, the type has no fixed size, or there is no address.</exception>
    public OnnxTensor(OnnxElementType type, ReadOnlySpan<long> dims, nint data, object? owner = null)
        : this(type, [.. dims], type.ByteSize(dims))
    {
        if (data == 0 && ByteCount > 0)
        {
            throw new ArgumentException("A tensor with elements needs their address.", nameof(data));
        }

        Pointer = data;
        this.owner = owner;
    }

    private OnnxTensor(OnnxElementType type, ImmutableArray<long> dims, long bytes)
    {
        ElementType = type;
        Dims = dims;
        ByteCount = bytes;
        ElementCount = Count(dims);
    }

    private OnnxTensor(string[] texts, ImmutableArray<long> dims)
        : this(OnnxElementType.String, dims, 0)
    {
        this.texts = texts;
    }

    /// <summary>What the elements are.</summary>
    public OnnxElementType ElementType { get; }

    /// <summary>Extents, outermost first; empty for a scalar.</summary>
    public ImmutableArray<long> Dims { get; }

    /// <summary>Number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>Bytes of the elements; 0 for text.</summary>
    public long ByteCount { get; }

    /// <summary>Address of the first element, valid while the tensor is reachable; 0 for text, and where there are no elements.</summary>
    public nint Pointer { get; }

    /// <summary>The elements of a tensor of text.</summary>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public IReadOnlyList<string> Strings => texts ?? throw new InvalidOperationException($"{this} holds no text.");

    /// <summary>A tensor over an array, which stays pinned while the tensor is reachable.</summary>
    /// <typeparam name="T">float, double, Half, bool, or an integer type of 8 to 64 bits.</typeparam>
    /// <param name="values">The elements.</param>
    /// <param name="dims">Extents; none for one dimension as long as the array.</param>
    /// <exception cref="ArgumentException">The extents ask for another number of elements, or ONNX has no such type.</exception>
    public static OnnxTensor From<T>(T[] values, params ReadOnlySpan<long> dims)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        OnnxElementType type = OnnxElementTypes.Of<T>();
        long[] extents = dims.IsEmpty ? [values.Length] : [.. dims];
        CheckCount(values.Length, Count(extents), extents);
        if (values.Length == 0)
        {
            return new OnnxTensor(type, extents, 0);
        }

        Pinned pinned = new(new Memory<T>(values).Pin());
        return new OnnxTensor(type, extents, pinned.Address, pinned);
    }

    /// <summary>A tensor without dimensions.</summary>
    /// <typeparam name="T">As for <see cref="From{T}"/>.</typeparam>
    /// <param name="value">The one element.</param>
    public static OnnxTensor Scalar<T>(T value)
        where T : unmanaged => FromBytes(OnnxElementTypes.Of<T>(), [], MemoryMarshal.AsBytes([value]).ToArray());

    /// <summary>A tensor over bytes, which stay pinned while the tensor is reachable.</summary>
    /// <param name="type">A type of fixed size.</param>
    /// <param name="dims">Extents, outermost first; none for a scalar.</param>
    /// <param name="bytes">The elements, little-endian, 4-bit ones two to a byte.</param>
    /// <exception cref="ArgumentException">The extents ask for another number of bytes.</exception>
    public static OnnxTensor FromBytes(OnnxElementType type, ReadOnlySpan<long> dims, ReadOnlyMemory<byte> bytes)
    {
        long needed = type.ByteSize(dims);
        if (bytes.Length != needed)
        {
            throw new ArgumentException($"A tensor {type} [{string.Join(", ", dims.ToArray())}] takes {needed} bytes, but {bytes.Length} were given.", nameof(bytes));
        }

        if (bytes.Length == 0)
        {
            return new OnnxTensor(type, dims, 0);
        }

        Pinned pinned = new(bytes.Pin());
        return new OnnxTensor(type, dims, pinned.Address, pinned);
    }

    /// <summary>A tensor of text.</summary>
    /// <param name="values">The elements; the array is not copied.</param>
    /// <param name="dims">Extents; none for one dimension as long as the array.</param>
    /// <exception cref="ArgumentException">The extents ask for another number of elements.</exception>
    public static OnnxTensor FromStrings(string[] values, params ReadOnlySpan<long> dims)
    {
        ArgumentNullException.ThrowIfNull(values);
        long[] extents = dims.IsEmpty ? [values.Length] : [.. dims];
        CheckCount(values.Length, Count(extents), extents);
        return new OnnxTensor(values, [.. extents]);
    }

    /// <summary>The elements as bytes; valid while the tensor is reachable.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds text, or more than 2 GiB.</exception>
    public ReadOnlySpan<byte> AsBytes() => texts is null && ByteCount <= int.MaxValue
        ? new ReadOnlySpan<byte>((void*)Pointer, (int)ByteCount)
        : throw new InvalidOperationException($"{this} {(texts is null ? "has more bytes than a span can hold; use Pointer and ByteCount" : "holds text; use Strings")}.");

    /// <summary>The elements; valid while the tensor is reachable.</summary>
    /// <typeparam name="T">The element type exactly; for types that .NET lacks, byte or ushort of the same size.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type, or take more than 2 GiB.</exception>
    public ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        bool bits = (typeof(T) == typeof(byte) && ElementType.BitSize() is 8 && ElementType is not OnnxElementType.Int8) || (typeof(T) == typeof(ushort) && ElementType is OnnxElementType.BFloat16);
        return bits || OnnxElementTypes.Of<T>() == ElementType
            ? MemoryMarshal.Cast<byte, T>(AsBytes())
            : throw new InvalidOperationException($"{this} cannot be read as {typeof(T).Name}.");
    }

    /// <summary>A copy of the elements.</summary>
    /// <typeparam name="T">As for <see cref="AsSpan{T}"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type, or take more than 2 GiB.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        T[] values = AsSpan<T>().ToArray();
        GC.KeepAlive(this);
        return values;
    }

    /// <summary>Such as <c>Float [1, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"{ElementType} [{string.Join(", ", Dims)}]";

    /// <summary>A tensor with memory of its own that its maker fills.</summary>
    internal static OnnxTensor Allocate(OnnxElementType type, ReadOnlySpan<long> dims)
    {
        long bytes = type.ByteSize(dims);
        if (bytes == 0)
        {
            return new OnnxTensor(type, dims, 0);
        }

        if (bytes > Array.MaxLength)
        {
            NativeBlock block = new(bytes);
            return new OnnxTensor(type, dims, block.Address, block);
        }

        byte[] array = GC.AllocateUninitializedArray<byte>((int)bytes, pinned: true);
        return new OnnxTensor(type, dims, (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)), array);
    }

    private static long Count(ReadOnlySpan<long> dims)
    {
        long count = 1;
        foreach (long dim in dims)
        {
            count = dim >= 0 ? checked(count * dim) : throw new ArgumentException($"The dimensions [{string.Join(", ", dims.ToArray())}] are not all known.", nameof(dims));
        }

        return count;
    }

    private static long Count(ImmutableArray<long> dims) => Count(dims.AsSpan());

    private static void CheckCount(long given, long needed, long[] dims)
    {
        if (given != needed)
        {
            throw new ArgumentException($"Dimensions [{string.Join(", ", dims)}] take {needed} elements, but {given} were given.", nameof(dims));
        }
    }

    private sealed class Pinned(MemoryHandle handle)
    {
        private MemoryHandle handle = handle;

        ~Pinned() => handle.Dispose();

        public nint Address => (nint)handle.Pointer;
    }

    private sealed class NativeBlock
    {
        private readonly long bytes;

        public NativeBlock(long bytes)
        {
            this.bytes = bytes;
            Address = (nint)NativeMemory.Alloc((nuint)bytes);
            GC.AddMemoryPressure(bytes);
        }

        ~NativeBlock()
        {
            NativeMemory.Free((void*)Address);
            GC.RemoveMemoryPressure(bytes);
        }

        public nint Address { get; }
    }
}
