using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace Trt.Utils;

/// <summary>Softmax, argmax and top-k of scores in host memory, by the rules of <see cref="DeviceScores"/> and <see cref="TopKSelection"/>.</summary>
/// <remarks>Allocates nothing but what the shared array pool keeps. Safe to use from any thread.</remarks>
public static class HostScores
{
    private const int Chunk = 32;

    /// <summary>Softmax: exp(x − max) divided by the sum of all of these along an axis.</summary>
    /// <param name="scores">Values [outer, extent, inner].</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis: values that stand next to each other for each place on it; 1 for the last axis.</param>
    /// <param name="probabilities">As many values; may be the same memory. A line that holds not-a-number or +∞, or nothing but −∞, becomes not-a-number.</param>
    /// <exception cref="ArgumentException">Another length, or scores that do not fill the axis.</exception>
    public static void Softmax(ReadOnlySpan<float> scores, int extent, int inner, Span<float> probabilities)
    {
        int block = CheckLines(scores.Length, extent, inner);
        CheckRoom(scores.Length, probabilities.Length, nameof(probabilities));
        for (int at = 0; at < scores.Length; at += block)
        {
            if (inner == 1)
            {
                Row(scores.Slice(at, block), probabilities.Slice(at, block));
            }
            else
            {
                Lines(scores.Slice(at, block), extent, inner, probabilities.Slice(at, block));
            }
        }
    }

    /// <summary>Softmax of half-precision scores, computed in single precision.</summary>
    /// <param name="scores">Values [outer, extent, inner].</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis.</param>
    /// <param name="probabilities">As many values; may be the same memory.</param>
    /// <exception cref="ArgumentException">Another length, or scores that do not fill the axis.</exception>
    public static void Softmax(ReadOnlySpan<Half> scores, int extent, int inner, Span<Half> probabilities)
    {
        int block = CheckLines(scores.Length, extent, inner);
        CheckRoom(scores.Length, probabilities.Length, nameof(probabilities));
        float[] single = ArrayPool<float>.Shared.Rent(block);
        Span<float> values = single.AsSpan(0, block);
        for (int at = 0; at < scores.Length; at += block)
        {
            TensorPrimitives.ConvertToSingle(scores.Slice(at, block), values);
            Softmax(values, extent, inner, values);
            TensorPrimitives.ConvertToHalf(values, probabilities.Slice(at, block));
        }

        ArrayPool<float>.Shared.Return(single);
    }

    /// <summary>The place of the greatest score of each line along an axis; of equal ones (−0 and 0 are) the first. Not-a-number counts as greater than all numbers.</summary>
    /// <typeparam name="T">The scores' type.</typeparam>
    /// <param name="scores">Values [outer, extent, inner].</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis.</param>
    /// <param name="places">Gets the places [outer, inner], counted along the axis.</param>
    /// <exception cref="ArgumentException">Scores that do not fill the axis, or another number of places.</exception>
    public static void Argmax<T>(ReadOnlySpan<T> scores, int extent, int inner, Span<int> places)
        where T : INumber<T>
    {
        CheckLines(scores.Length, extent, inner);
        CheckRoom(scores.Length / extent, places.Length, nameof(places));
        for (int line = 0; line < places.Length; line++)
        {
            int start = (line / inner * extent * inner) + (line % inner);
            T best = scores[start];
            int place = 0;
            for (int i = 1; i < extent && !T.IsNaN(best); i++)
            {
                T score = scores[start + (i * inner)];
                if (score > best || T.IsNaN(score))
                {
                    (best, place) = (score, i);
                }
            }

            places[line] = place;
        }
    }

    /// <summary>The places of the greatest scores in falling order; of equal ones (−0 and 0 are) the first comes first. Not-a-number counts as greater than all numbers.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="places">Room for as many places as are wanted.</param>
    /// <param name="floor">Only scores that exceed it, which not-a-number does not, are taken; without it all are.</param>
    /// <returns>How many there are: the room, or fewer when there are fewer scores.</returns>
    public static int TopK(ReadOnlySpan<float> scores, Span<int> places, float? floor = null)
    {
        int room = Math.Min(places.Length, scores.Length);
        if (room == 0)
        {
            return 0;
        }

        // A heap of the greatest keys so far, the least of them on top.
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(room);
        Span<ulong> heap = rented.AsSpan(0, room);
        int count = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (floor is { } least && !(scores[i] > least))
            {
                continue;
            }

            ulong key = DeviceNumbers.Key(scores[i], i);
            if (count < room)
            {
                heap[count++] = key;
                if (count == room)
                {
                    for (int at = (room / 2) - 1; at >= 0; at--)
                    {
                        Sink(heap, at);
                    }
                }
            }
            else if (key > heap[0])
            {
                heap[0] = key;
                Sink(heap, 0);
            }
        }

        heap[..count].Sort();
        for (int i = 0; i < count; i++)
        {
            places[i] = DeviceNumbers.Place(heap[count - 1 - i]);
        }

        ArrayPool<ulong>.Shared.Return(rented);
        return count;
    }

    private static void Sink(Span<ulong> heap, int at)
    {
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= heap.Length)
            {
                return;
            }

            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[at] <= heap[child])
            {
                return;
            }

            (heap[at], heap[child]) = (heap[child], heap[at]);
            at = child;
        }
    }

    private static void Row(ReadOnlySpan<float> scores, Span<float> probabilities)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), probabilities);
        TensorPrimitives.Exp(probabilities, probabilities);
        double sum = 0;
        for (int at = 0; at < probabilities.Length; at += 1024)
        {
            sum += TensorPrimitives.Sum<float>(probabilities.Slice(at, Math.Min(1024, probabilities.Length - at)));
        }

        TensorPrimitives.Divide(probabilities, (float)sum, probabilities);
    }

    private static void Lines(ReadOnlySpan<float> scores, int extent, int inner, Span<float> probabilities)
    {
        float[] scratch = ArrayPool<float>.Shared.Rent(3 * inner);
        Span<float> greatest = scratch.AsSpan(0, inner);
        Span<float> part = scratch.AsSpan(inner, inner);
        Span<float> sums = scratch.AsSpan(2 * inner, inner);
        scores[..inner].CopyTo(greatest);
        for (int i = 1; i < extent; i++)
        {
            TensorPrimitives.Max(greatest, scores.Slice(i * inner, inner), greatest);
        }

        // Sums of some places at a time, so that a long axis does not lose what each adds.
        sums.Clear();
        for (int start = 0; start < extent; start += Chunk)
        {
            part.Clear();
            for (int i = start; i < Math.Min(start + Chunk, extent); i++)
            {
                Span<float> values = probabilities.Slice(i * inner, inner);
                TensorPrimitives.Subtract(scores.Slice(i * inner, inner), greatest, values);
                TensorPrimitives.Exp(values, values);
                TensorPrimitives.Add<float>(part, values, part);
            }

            TensorPrimitives.Add<float>(sums, part, sums);
        }

        for (int i = 0; i < extent; i++)
        {
            Span<float> values = probabilities.Slice(i * inner, inner);
            TensorPrimitives.Divide<float>(values, sums, values);
        }

        ArrayPool<float>.Shared.Return(scratch);
    }

    private static int CheckLines(int length, int extent, int inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(extent, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inner, 1);
        long block = (long)extent * inner;
        return length % block == 0 ? (int)Math.Min(block, int.MaxValue)
            : throw new ArgumentException($"{length} scores are no whole number of blocks of {extent} x {inner}.", nameof(extent));
    }

    private static void CheckRoom(int wanted, int room, string parameter)
    {
        if (wanted != room)
        {
            throw new ArgumentException($"There is room for {room} results; {wanted} are needed.", parameter);
        }
    }
}
