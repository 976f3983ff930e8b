using System.Runtime.InteropServices;

namespace Trt.Interop;

/// <summary>Constant values for a layer: their element type, where they are and how many.</summary>
/// <remarks>
/// A library reads the values until the engine is built. What holds them (<see cref="Owner"/>) is kept alive by the network, refitter or layer
/// that was given the weights, so weights made from an array or from a file's view need no care; for a bare pointer the caller sees to it that the
/// memory stays. The default value means "no weights" (for example no bias).
/// </remarks>
public readonly struct Weights : IEquatable<Weights>
{
    /// <summary>Weights at an address.</summary>
    /// <param name="type">Element type of the values.</param>
    /// <param name="values">Address of the first value; 0 only when <paramref name="count"/> is 0 or for a prototype that names no values.</param>
    /// <param name="count">Number of elements (not bytes), 0 or more; −1 in a refitter's answer that it has no such weights.</param>
    /// <param name="owner">An object that holds the memory, kept alive with the network; null when the caller keeps it.</param>
    public Weights(DataType type, nint values, long count, object? owner = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, -1);
        Type = type;
        Values = values;
        Count = count;
        Owner = owner;
    }

    /// <summary>Element type of the values.</summary>
    public DataType Type { get; }

    /// <summary>Address of the first value, or 0.</summary>
    public nint Values { get; }

    /// <summary>Number of elements; −1 in a refitter's answer that it has no such weights.</summary>
    public long Count { get; }

    /// <summary>What holds the memory, or null when the caller does.</summary>
    public object? Owner { get; }

    /// <summary>No weights, of a type.</summary>
    /// <param name="type">Element type that the library is told.</param>
    public static Weights Empty(DataType type = DataType.Float) => new(type, 0, 0);

    /// <summary>Weights that are a pinned copy-free view of an array.</summary>
    /// <typeparam name="T">float, Half, double is not an element type; sbyte, byte, int, long, bool and Half are.</typeparam>
    /// <param name="values">The values; stays pinned while a network uses it.</param>
    /// <exception cref="ArgumentException">TensorRT has no element type like <typeparamref name="T"/>.</exception>
    public static Weights From<T>(T[] values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length == 0)
        {
            return Empty(TypeOf<T>());
        }

        PinnedArray pinned = new(values);
        return new Weights(TypeOf<T>(), pinned.Address, values.Length, pinned);
    }

    /// <summary>The values as a span of their type.</summary>
    /// <typeparam name="T">A type of the size of the element type.</typeparam>
    /// <exception cref="InvalidOperationException">The values are of another type, or there are none at this address.</exception>
    public unsafe ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        if (Count <= 0)
        {
            return default;
        }

        if (TypeOf<T>() != Type)
        {
            throw new InvalidOperationException($"These weights are {Type}, which is not {typeof(T).Name}.");
        }

        return Values == 0
            ? throw new InvalidOperationException("These weights name a type and a count but no values.")
            : new ReadOnlySpan<T>((void*)Values, checked((int)Count));
    }

    /// <inheritdoc/>
    public bool Equals(Weights other) => Type == other.Type && Values == other.Values && Count == other.Count;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Weights other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Values, Count);

    /// <summary>Same type, address and count.</summary>
    public static bool operator ==(Weights left, Weights right) => left.Equals(right);

    /// <summary>Another type, address or count.</summary>
    public static bool operator !=(Weights left, Weights right) => !left.Equals(right);

    private static DataType TypeOf<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? DataType.Float
        : typeof(T) == typeof(Half) ? DataType.Half
        : typeof(T) == typeof(sbyte) ? DataType.Int8
        : typeof(T) == typeof(byte) ? DataType.UInt8
        : typeof(T) == typeof(int) ? DataType.Int32
        : typeof(T) == typeof(long) ? DataType.Int64
        : typeof(T) == typeof(bool) ? DataType.Bool
        : throw new ArgumentException($"TensorRT has no element type like {typeof(T).Name}; use float, Half, sbyte, byte, int, long or bool.");

    private sealed class PinnedArray
    {
        private readonly GCHandle handle;

        public PinnedArray(Array values) => handle = GCHandle.Alloc(values, GCHandleType.Pinned);

        ~PinnedArray() => handle.Free();

        public nint Address => handle.AddrOfPinnedObject();
    }
}
