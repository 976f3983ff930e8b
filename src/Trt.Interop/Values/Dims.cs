using System.Collections;
using System.Runtime.CompilerServices;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Trt.Interop;

/// <summary>The shape of a tensor, or another list of up to eight integers that follows its axes.</summary>
/// <remarks>
/// Written as a collection expression (<c>Dims d = [1, 3, -1, -1];</c>); −1 stands for an extent that is known only at run time.
/// <see cref="NbDims"/> is −1 when a library has no answer (unknown tensor, shape that cannot be computed). The layout is
/// nvinfer1::Dims64's: 72 bytes. TensorRT 8 knows 32-bit extents only; a larger one is refused there with <see cref="OverflowException"/>.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
[CollectionBuilder(typeof(Dims), nameof(Create))]
public struct Dims : IEquatable<Dims>, IEnumerable<long>
{
    /// <summary>The most axes that TensorRT supports.</summary>
    public const int MaxDims = 8;

    private int nbDims;
    private Extents extents;

    /// <summary>A shape with these extents.</summary>
    /// <param name="extents">At most <see cref="MaxDims"/> extents, outermost first.</param>
    /// <exception cref="ArgumentException">More than eight extents.</exception>
    public Dims(params ReadOnlySpan<long> extents)
    {
        if (extents.Length > MaxDims)
        {
            throw new ArgumentException($"A shape has at most {MaxDims} axes, but {extents.Length} were given.", nameof(extents));
        }

        nbDims = extents.Length;
        extents.CopyTo(this.extents);
    }

    /// <summary>The number of axes, 0 to 8, or −1 for a shape that is not known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set below −1 or above 8.</exception>
    public int NbDims
    {
        readonly get => nbDims;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, -1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxDims);
            nbDims = value;
        }
    }

    /// <summary>The shape that has no answer: <see cref="NbDims"/> is −1.</summary>
    public static Dims Unknown => new() { nbDims = -1 };

    /// <summary>True when the number of axes is known and every extent is.</summary>
    public readonly bool IsStatic => nbDims >= 0 && !AsSpan().ContainsAnyInRange(long.MinValue, -1);

    /// <summary>The product of the extents: 1 without axes.</summary>
    /// <exception cref="InvalidOperationException">The shape is unknown or has an extent that is not known yet.</exception>
    public readonly long Volume
    {
        get
        {
            if (!IsStatic)
            {
                throw new InvalidOperationException($"The shape {this} has no volume: an extent is not known yet.");
            }

            long volume = 1;
            foreach (long extent in AsSpan())
            {
                volume = checked(volume * extent);
            }

            return volume;
        }
    }

    /// <summary>The extent of an axis.</summary>
    /// <param name="axis">0 to <see cref="NbDims"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such axis.</exception>
    public long this[int axis]
    {
        readonly get
        {
            if (axis < 0 || axis >= nbDims)
            {
                ThrowNoAxis(axis);
            }

            return extents[axis];
        }

        set
        {
            if (axis < 0 || axis >= nbDims)
            {
                ThrowNoAxis(axis);
            }

            extents[axis] = value;
        }
    }

    /// <summary>Makes a shape from its extents; what a collection expression calls.</summary>
    /// <param name="extents">At most eight extents.</param>
    public static Dims Create(ReadOnlySpan<long> extents) => new(extents);

    /// <summary>The extents as a view into this value.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<long> AsSpan() =>
        MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<Extents, long>(ref Unsafe.AsRef(in extents)), Math.Clamp(nbDims, 0, MaxDims));

    /// <summary>The extents as an array of their own.</summary>
    public readonly long[] ToArray() => AsSpan().ToArray();

    /// <inheritdoc/>
    public readonly bool Equals(Dims other) => nbDims == other.nbDims && AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Dims other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = new();
        hash.Add(nbDims);
        foreach (long extent in AsSpan())
        {
            hash.Add(extent);
        }

        return hash.ToHashCode();
    }

    /// <summary>The extents in brackets, as in <c>[1, 3, -1]</c>; <c>[?]</c> when unknown.</summary>
    public override readonly string ToString() => nbDims < 0 ? "[?]" : $"[{string.Join(", ", ToArray())}]";

    /// <summary>Equal number of axes and equal extents.</summary>
    public static bool operator ==(Dims left, Dims right) => left.Equals(right);

    /// <summary>Another number of axes or another extent.</summary>
    public static bool operator !=(Dims left, Dims right) => !left.Equals(right);

    /// <summary>Goes through the extents.</summary>
    public readonly IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)ToArray()).GetEnumerator();

    /// <summary>A copy in pieces of 16 bytes: C++ code writes a shape so, and a wider load would have to wait until its stores are through.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Dims InPieces(Dims* source)
    {
        byte* from = (byte*)source;
        Vector128<byte> first = Vector128.Load(from);
        Vector128<byte> second = Vector128.Load(from + 16);
        Vector128<byte> third = Vector128.Load(from + 32);
        Vector128<byte> fourth = Vector128.Load(from + 48);
        long last = *(long*)(from + 64);
        Unsafe.SkipInit(out Dims copy);
        byte* to = (byte*)&copy;
        first.Store(to);
        second.Store(to + 16);
        third.Store(to + 32);
        fourth.Store(to + 48);
        *(long*)(to + 64) = last;
        return copy;
    }

    /// <summary>A shape out of 32-bit extents; unknown where the number of axes is none.</summary>
    internal static Dims Widen(int nbDims, ReadOnlySpan<int> extents)
    {
        Dims result = new() { nbDims = nbDims };
        if ((uint)nbDims > MaxDims)
        {
            return Unknown;
        }

        Span<long> to = result.extents;
        for (int i = 0; i < nbDims; i++)
        {
            to[i] = extents[i];
        }

        return result;
    }

    [DoesNotReturn]
    private readonly void ThrowNoAxis(int axis) => throw new IndexOutOfRangeException($"The shape {this} has no axis {axis}.");

    readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    [InlineArray(MaxDims)]
    private struct Extents
    {
        private long first;
    }
}
