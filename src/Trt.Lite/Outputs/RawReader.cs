using System.Numerics.Tensors;

namespace Trt.Lite;

/// <summary>Reads an output that no post-processor was registered for as what is asked for.</summary>
/// <typeparam name="TResult">What is asked for.</typeparam>
internal static class RawReader<TResult>
{
    /// <summary>Null: an output cannot be read as such.</summary>
    public static readonly Func<RawCollector, TResult>? Instance =
        Find<float>() ?? Find<int>() ?? Find<long>() ?? Find<Half>() ?? Find<double>() ?? Find<byte>() ?? Find<bool>() ?? Find<sbyte>() ?? Find<short>() ?? Find<ushort>() ?? Find<uint>() ?? Find<ulong>();

    private static Func<RawCollector, TResult>? Find<T>()
        where T : unmanaged =>
        Take<T>(raw => One(raw).ToScalar<T>())
        ?? Take<T[]>(raw => IsOne(raw) ? One(raw).ToArray<T>() : All(raw, item => item.ToScalar<T>()))
        ?? Take<T[,]>(raw => To2<T>(One(raw)))
        ?? Take<T[,,]>(raw => To3<T>(One(raw)))
        ?? Take<T[,,,]>(raw => To4<T>(One(raw)))
        ?? Take<Tensor<T>>(raw => One(raw).ToTensor<T>())
        ?? Take<T[][]>(raw => IsOne(raw) ? One(raw).ToRows<T>() : All(raw, item => item.ToArray<T>()))
        ?? Take<T[][,]>(raw => Many(raw, To2<T>))
        ?? Take<T[][,,]>(raw => Many(raw, To3<T>))
        ?? Take<T[][,,,]>(raw => Many(raw, To4<T>))
        ?? Take<Tensor<T>[]>(raw => Many(raw, item => item.ToTensor<T>()))
        ?? Take<T[][][]>(raw => Many(raw, item => item.ToRows<T>()));

    /// <summary>The function, if its result is what is asked for, or something that it implements such as a list.</summary>
    private static Func<RawCollector, TResult>? Take<TRead>(Func<RawCollector, TRead> read) =>
        typeof(TResult) == typeof(TRead) ? (Func<RawCollector, TResult>)(object)read
        : typeof(TResult) != typeof(object) && default(TRead) is null && typeof(TResult).IsAssignableFrom(typeof(TRead)) && IsList() ? raw => (TResult)(object)read(raw)!
        : null;

    /// <summary>Whether a list is asked for. Lists of single numbers are read as arrays of them.</summary>
    private static bool IsList() => typeof(TResult).IsGenericType && typeof(TResult).GetGenericTypeDefinition() is var definition
        && (definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlyCollection<>) || definition == typeof(IEnumerable<>) || definition == typeof(IList<>));

    private static bool IsOne(RawCollector raw) => raw.Kind is GivenKind.Sample or GivenKind.Batch;

    private static RawItem One(RawCollector raw) => IsOne(raw) ? raw.Items[0] : throw new InvalidCastException(string.Empty);

    private static TItem[] All<TItem>(RawCollector raw, Converter<RawItem, TItem> read) => Array.ConvertAll(raw.Items, read);

    private static TItem[] Many<TItem>(RawCollector raw, Converter<RawItem, TItem> read) => IsOne(raw) ? throw new InvalidCastException(string.Empty) : All(raw, read);

    private static T[,] To2<T>(RawItem item)
        where T : unmanaged => item.ToRank<T[,], T>(new T[item.Extent(0, 2), item.Extent(1, 2)]);

    private static T[,,] To3<T>(RawItem item)
        where T : unmanaged => item.ToRank<T[,,], T>(new T[item.Extent(0, 3), item.Extent(1, 3), item.Extent(2, 3)]);

    private static T[,,,] To4<T>(RawItem item)
        where T : unmanaged => item.ToRank<T[,,,], T>(new T[item.Extent(0, 4), item.Extent(1, 4), item.Extent(2, 4), item.Extent(3, 4)]);
}
