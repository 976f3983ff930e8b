using System.Collections;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Lite;

/// <summary>Numbers that were given for an input, whatever held them.</summary>
internal abstract class InputValues
{
    /// <summary>What the numbers are.</summary>
    public required ElementKind Kind { get; init; }

    /// <summary>How many there are.</summary>
    public required long Count { get; init; }

    /// <summary>Their shape; null where there is none, only an order.</summary>
    public Dims? Shape { get; init; }

    /// <summary>The numbers' bytes.</summary>
    public abstract ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Reads arrays of any rank, and single numbers, lists, tensors and memory of any element type.</summary>
    /// <returns>Null when the object is none of these.</returns>
    public static InputValues? TryRead(object sample) => sample is Array array
        ? OfArray(array)
        : Read<float>(sample) ?? Read<byte>(sample) ?? Read<int>(sample) ?? Read<long>(sample) ?? Read<double>(sample) ?? Read<Half>(sample) ?? Read<bool>(sample)
            ?? Read<sbyte>(sample) ?? Read<short>(sample) ?? Read<ushort>(sample) ?? Read<uint>(sample) ?? Read<ulong>(sample);

    /// <summary>Numbers in memory.</summary>
    public static InputValues Of<T>(ReadOnlyMemory<T> memory, Dims? shape)
        where T : unmanaged => new MemoryValues<T>(memory) { Kind = Elements.KindOf(typeof(T)), Count = memory.Length, Shape = shape };

    /// <summary>A tensor's numbers, views resolved.</summary>
    public static InputValues Of<T>(Tensor<T> tensor)
        where T : unmanaged
    {
        if (tensor.Rank > Dims.MaxDims)
        {
            throw new ArgumentException($"A tensor has at most {Dims.MaxDims} axes, but this one has {tensor.Rank}.");
        }

        Dims shape = new() { NbDims = tensor.Rank };
        for (int axis = 0; axis < tensor.Rank; axis++)
        {
            shape[axis] = tensor.Lengths[axis];
        }

        T[] values = new T[tensor.FlattenedLength];
        tensor.FlattenTo(values);
        return Of<T>(values, shape);
    }

    private static InputValues? OfArray(Array array)
    {
        ElementKind kind = Elements.KindOf(array.GetType().GetElementType()!);
        if (kind == ElementKind.None)
        {
            return null;
        }

        if (array.Rank > Dims.MaxDims)
        {
            throw new ArgumentException($"A tensor has at most {Dims.MaxDims} axes, but the array has {array.Rank}.");
        }

        Dims shape = new() { NbDims = array.Rank };
        for (int axis = 0; axis < array.Rank; axis++)
        {
            shape[axis] = array.GetLength(axis);
        }

        return new ArrayValues(array) { Kind = kind, Count = array.LongLength, Shape = shape };
    }

    private static InputValues? Read<T>(object sample)
        where T : unmanaged => sample switch
        {
            T scalar => Of<T>(new[] { scalar }, default(Dims)),
            Tensor<T> tensor => Of(tensor),
            ReadOnlyMemory<T> memory => Of(memory, null),
            Memory<T> memory => Of<T>(memory, null),
            PinnedMemory<T> pinned => new PinnedValues<T>(pinned) { Kind = Elements.KindOf(typeof(T)), Count = pinned.Length },
            IEnumerable<T> list and not IDictionary => OfList(list.ToArray()),
            _ => null,
        };

    private static InputValues OfList<T>(T[] values)
        where T : unmanaged => Of<T>(values, [values.Length]);

    private sealed class ArrayValues(Array array) : InputValues
    {
        public override ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(array), checked((int)(Count * Elements.Size(Kind))));
    }

    private sealed class MemoryValues<T>(ReadOnlyMemory<T> memory) : InputValues
        where T : unmanaged
    {
        public override ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(memory.Span);
    }

    private sealed class PinnedValues<T>(PinnedMemory<T> memory) : InputValues
        where T : unmanaged
    {
        public override ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes((ReadOnlySpan<T>)memory.Span);
    }
}
