namespace Trt.Utils;

/// <summary>Finds a small part of a set that is enough for something: the layers that must keep 32 bits, the options that break a build.</summary>
public static class MinimalSubset
{
    /// <summary>
    /// Finds a part of which no element can be left out, by bisecting for the last element that is needed, then for the last one before it, and so on. Takes about k · (1 + log₂ n) questions for k
    /// elements of n.
    /// </summary>
    /// <typeparam name="T">The elements.</typeparam>
    /// <param name="all">All elements; these must be enough.</param>
    /// <param name="isEnough">Whether some of them, in their order, are enough. Where more are not always at least as good as fewer, the part is enough all the same, but may have more than is needed.</param>
    /// <returns>The part, in the order of <paramref name="all"/>. There may be other parts that are as good, or smaller.</returns>
    public static IReadOnlyList<T> Find<T>(IReadOnlyList<T> all, Func<IReadOnlyList<T>, bool> isEnough)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(isEnough);
        List<T> needed = [];
        int count = all.Count; // so many from the beginning, with those needed, are enough
        while (count > 0 && !isEnough([.. needed]))
        {
            count = Prefix(count, first => first > 0 && isEnough([.. all.Take(first), .. needed])) - 1;
            needed.Insert(0, all[count]);
        }

        return needed;
    }

    /// <summary>Finds how many elements from the beginning are enough, by bisection: right where more are never worse than fewer.</summary>
    /// <param name="count">Number of all elements; these must be enough.</param>
    /// <param name="isEnough">Whether so many of them are enough.</param>
    /// <returns>The least number, 0 to <paramref name="count"/>.</returns>
    public static int Prefix(int count, Func<int, bool> isEnough)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentNullException.ThrowIfNull(isEnough);
        int low = -1, high = count;
        while (high - low > 1)
        {
            int middle = low + ((high - low) / 2);
            (low, high) = isEnough(middle) ? (low, middle) : (middle, high);
        }

        return high;
    }
}
