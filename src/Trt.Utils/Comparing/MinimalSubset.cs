namespace Trt.Utils;

/// <summary>Finds a small part of a set that is enough for something: the layers that must keep 32 bits, the options that break a build.</summary>
public static class MinimalSubset
{
    /// <summary>
    /// Finds a part of which no element can be left out, by leaving out parts of halving size (Zeller's and Hildebrandt's delta debugging, "Simplifying and Isolating Failure-Inducing Input",
    /// 2002). Takes about 2 · k · log₂(n / k) questions for k elements of n, and n² at worst.
    /// </summary>
    /// <typeparam name="T">The elements.</typeparam>
    /// <param name="all">All elements, in an order in which neighbours belong together; these must be enough.</param>
    /// <param name="isEnough">Whether some of them are enough.</param>
    /// <returns>The part, in the order of <paramref name="all"/>. There may be other parts that are as good, or smaller.</returns>
    public static IReadOnlyList<T> Find<T>(IReadOnlyList<T> all, Func<IReadOnlyList<T>, bool> isEnough)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(isEnough);
        List<T> kept = [.. all];
        if (kept.Count > 0 && isEnough([]))
        {
            return [];
        }

        int parts = 2;
        while (kept.Count >= 2)
        {
            List<T>[] chunks = [.. Chunks(kept, parts)];
            if (Array.Find(chunks, chunk => chunk.Count < kept.Count && isEnough(chunk)) is { } small)
            {
                (kept, parts) = (small, 2);
                continue;
            }

            // With two parts, the rest of one is the other.
            int left = parts == 2 ? -1 : Array.FindIndex(chunks, chunk => isEnough([.. chunks.Where(other => !ReferenceEquals(other, chunk)).SelectMany(other => other)]));
            if (left >= 0)
            {
                kept = [.. chunks.Where((_, i) => i != left).SelectMany(chunk => chunk)];
                parts = Math.Max(parts - 1, 2);
            }
            else if (parts < kept.Count)
            {
                parts = Math.Min(parts * 2, kept.Count);
            }
            else
            {
                break;
            }
        }

        return kept;
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

    private static IEnumerable<List<T>> Chunks<T>(List<T> list, int parts)
    {
        for (int i = 0; i < parts; i++)
        {
            int from = (int)((long)list.Count * i / parts), to = (int)((long)list.Count * (i + 1) / parts);
            yield return list.GetRange(from, to - from);
        }
    }
}
