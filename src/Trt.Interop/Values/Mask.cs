using System.Collections;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Trt.Interop;

/// <summary>A set of enumerators, where C++ has an integer with a bit for each.</summary>
/// <typeparam name="T">The enumeration whose members are in the set.</typeparam>
/// <remarks>
/// Written as a collection expression: <c>[BuilderFlag.TF32, BuilderFlag.Refit]</c>. The bits that a library sees are made
/// when the set is handed over, because releases number their flags differently. Names that release 10.16 lacks (values from 0x10000 up)
/// have their bits from 40 on here.
/// </remarks>
[CollectionBuilder(typeof(Mask), nameof(Mask.Create))]
public readonly struct Mask<T> : IEquatable<Mask<T>>, IEnumerable<T>
    where T : unmanaged, Enum
{
    internal Mask(ulong bits) => Bits = bits;

    internal ulong Bits { get; }

    /// <summary>True when nothing is in the set.</summary>
    public bool IsEmpty => Bits == 0;

    /// <summary>Number of members.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Whether a member is in the set.</summary>
    /// <param name="member">An enumerator of <typeparamref name="T"/>.</param>
    public bool Contains(T member) => (Bits & Mask.BitOf(member)) != 0;

    /// <summary>The set with one more member.</summary>
    /// <param name="member">An enumerator of <typeparamref name="T"/>.</param>
    public Mask<T> With(T member) => new(Bits | Mask.BitOf(member));

    /// <summary>The set without a member.</summary>
    /// <param name="member">An enumerator of <typeparamref name="T"/>.</param>
    public Mask<T> Without(T member) => new(Bits & ~Mask.BitOf(member));

    /// <summary>What is in either set.</summary>
    public static Mask<T> operator |(Mask<T> left, Mask<T> right) => new(left.Bits | right.Bits);

    /// <summary>What is in both sets.</summary>
    public static Mask<T> operator &(Mask<T> left, Mask<T> right) => new(left.Bits & right.Bits);

    /// <summary>The same members.</summary>
    public static bool operator ==(Mask<T> left, Mask<T> right) => left.Bits == right.Bits;

    /// <summary>Other members.</summary>
    public static bool operator !=(Mask<T> left, Mask<T> right) => left.Bits != right.Bits;

    /// <inheritdoc/>
    public bool Equals(Mask<T> other) => Bits == other.Bits;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Mask<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bits.GetHashCode();

    /// <summary>The members' names, separated by <c> | </c>; <c>none</c> for the empty set.</summary>
    public override string ToString() => IsEmpty ? "none" : string.Join(" | ", this);

    /// <summary>Goes through the members, lowest value first.</summary>
    public IEnumerator<T> GetEnumerator()
    {
        for (ulong rest = Bits; rest != 0; rest &= rest - 1)
        {
            yield return Mask.MemberOf<T>(BitOperations.TrailingZeroCount(rest));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes sets of enumerators.</summary>
public static class Mask
{
    private const int FirstBitOfOthers = 40;
    private const int FirstValueOfOthers = 0x10000;

    /// <summary>A set of these members; what a collection expression calls.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <param name="members">Enumerators; twice the same is the same as once.</param>
    public static Mask<T> Create<T>(ReadOnlySpan<T> members)
        where T : unmanaged, Enum
    {
        ulong bits = 0;
        foreach (T member in members)
        {
            bits |= BitOf(member);
        }

        return new Mask<T>(bits);
    }

    internal static ulong BitOf<T>(T member)
        where T : unmanaged, Enum => BitOfValue(Unsafe.BitCast<T, int>(member));

    internal static ulong BitOfValue(int value)
    {
        int bit = value >= FirstValueOfOthers ? value - FirstValueOfOthers + FirstBitOfOthers : value;
        return (uint)bit >= 64 || (value < FirstValueOfOthers && bit >= FirstBitOfOthers)
            ? throw new ArgumentOutOfRangeException(nameof(value), $"{value} is no enumerator that a set could hold.")
            : 1UL << bit;
    }

    internal static int ValueOfBit(int bit) => bit >= FirstBitOfOthers ? bit - FirstBitOfOthers + FirstValueOfOthers : bit;

    internal static T MemberOf<T>(int bit)
        where T : unmanaged, Enum => Unsafe.BitCast<int, T>(ValueOfBit(bit));
}
