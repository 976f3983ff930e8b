using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Lite;

/// <summary>An output's values for one sample, or one batch.</summary>
/// <param name="name">The output.</param>
/// <param name="kind">What the values are.</param>
/// <param name="shape">Their shape; of a batch, samples first.</param>
/// <param name="values">The values' bytes.</param>
internal sealed class RawItem(string name, ElementKind kind, Dims shape, byte[] values)
{
    /// <summary>The shape; of a batch, samples first.</summary>
    public Dims Shape => shape;

    /// <summary>All values in order.</summary>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        T[] result = new T[shape.Volume];
        CopyTo(result, 0);
        return result;
    }

    /// <summary>The one value.</summary>
    public T ToScalar<T>()
        where T : unmanaged => shape.Volume == 1 ? ToArray<T>()[0] : throw new InvalidCastException($"Output \"{name}\" has shape {Shapes.Text(shape)}, which is more than one {Elements.NameOf(Elements.KindOf(typeof(T)))}: ask for an array of them, or register a post-processor, such as Post.Argmax.");

    /// <summary>A tensor of the shape.</summary>
    public Tensor<T> ToTensor<T>()
        where T : unmanaged
    {
        nint[] lengths = new nint[shape.NbDims];
        for (int axis = 0; axis < lengths.Length; axis++)
        {
            lengths[axis] = (nint)shape[axis];
        }

        return Tensor.Create(ToArray<T>(), lengths);
    }

    /// <summary>An array of as many axes as it is asked for.</summary>
    public TArray ToRank<TArray, T>(TArray array)
        where TArray : class
        where T : unmanaged
    {
        Array result = (Array)(object)array;
        MemoryMarshal.AsBytes(ToArray<T>().AsSpan()).CopyTo(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(result), checked(result.Length * Marshalled<T>())));
        return array;
    }

    /// <summary>The values of each sample of a batch, or of each place on the first axis.</summary>
    public T[][] ToRows<T>()
        where T : unmanaged
    {
        if (shape.NbDims < 1)
        {
            throw new InvalidCastException($"Output \"{name}\" is a scalar, which has no rows.");
        }

        T[] all = ToArray<T>();
        T[][] rows = new T[shape[0]][];
        int length = rows.Length == 0 ? 0 : all.Length / rows.Length;
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = all.AsSpan(i * length, length).ToArray();
        }

        return rows;
    }

    /// <summary>The extent of an axis, for an array of so many.</summary>
    public int Extent(int axis, int rank) => shape.NbDims == rank
        ? checked((int)shape[axis])
        : throw new InvalidCastException($"Output \"{name}\" has shape {Shapes.Text(shape)}, which is no array of {rank} axes.");

    private static unsafe int Marshalled<T>()
        where T : unmanaged => sizeof(T);

    private void CopyTo<T>(T[] target, int start)
        where T : unmanaged
    {
        ElementKind wanted = Elements.KindOf(typeof(T));
        Span<byte> room = MemoryMarshal.AsBytes(target.AsSpan(start));
        if (!ElementCast.IsPossible(kind, wanted) || (wanted == ElementKind.UInt16 && kind == ElementKind.BFloat16))
        {
            // The bits of a type that .NET does not have.
            bool fits = (kind == ElementKind.BFloat16 && wanted == ElementKind.UInt16) || (kind == ElementKind.Bits && wanted == ElementKind.UInt8);
            if (!fits)
            {
                throw new InvalidCastException($"Output \"{name}\" has elements of type {Elements.NameOf(kind)}, not {Elements.NameOf(wanted)}.");
            }

            values.CopyTo(room);
            return;
        }

        long lost = ElementCast.Convert(values, kind, room, wanted);
        if (lost >= 0)
        {
            throw new InvalidCastException($"Output \"{name}\" has elements of type {Elements.NameOf(kind)}; {Elements.NameOf(wanted)} does not hold the {ElementCast.Text(values, kind, lost)} at {lost} exactly. Ask for {Elements.NameOf(kind)}.");
        }
    }
}
