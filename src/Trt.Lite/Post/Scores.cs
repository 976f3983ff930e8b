using System.Numerics;
using System.Numerics.Tensors;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>What is usually done with a row of scores. Nothing here allocates; all of it works on memory of the caller's.</summary>
public static class Scores
{
    /// <summary>The place of the greatest score; of equal ones the first. Not-a-number counts as greater than all numbers, so that it does not go unnoticed.</summary>
    /// <typeparam name="T">The scores' type.</typeparam>
    /// <param name="scores">At least one score.</param>
    /// <exception cref="ArgumentException">There are no scores.</exception>
    public static int Argmax<T>(ReadOnlySpan<T> scores)
        where T : INumber<T> =>
        scores.IsEmpty ? throw new ArgumentException("There is no greatest among no scores.", nameof(scores)) : TensorPrimitives.IndexOfMax(scores);

    /// <summary>The place of the greatest score of each row.</summary>
    /// <typeparam name="T">The scores' type.</typeparam>
    /// <param name="scores">Rows, one after the other.</param>
    /// <param name="width">Scores of a row, at least 1.</param>
    /// <param name="best">One place a row, in it from 0.</param>
    /// <exception cref="ArgumentException">The scores are no whole rows, or there is not one place a row.</exception>
    public static void Argmax<T>(ReadOnlySpan<T> scores, int width, Span<int> best)
        where T : INumber<T>
    {
        CheckRows(scores.Length, width);
        if (best.Length != scores.Length / width)
        {
            throw new ArgumentException($"There are {scores.Length / width} rows, but room for {best.Length} results.", nameof(best));
        }

        for (int row = 0; row < best.Length; row++)
        {
            best[row] = Argmax(scores.Slice(row * width, width));
        }
    }

    /// <summary>Softmax of one row: exp(x − max) divided by the sum of all of these.</summary>
    /// <param name="scores">The row.</param>
    /// <param name="probabilities">As many values; may be the same memory.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static void Softmax(ReadOnlySpan<float> scores, Span<float> probabilities) => HostScores.Softmax(scores, Math.Max(scores.Length, 1), 1, probabilities);

    /// <summary>Softmax of each row.</summary>
    /// <param name="scores">Rows, one after the other.</param>
    /// <param name="width">Scores of a row, at least 1.</param>
    /// <param name="probabilities">As many values; may be the same memory.</param>
    /// <exception cref="ArgumentException">Another length, or no whole rows.</exception>
    public static void Softmax(ReadOnlySpan<float> scores, int width, Span<float> probabilities) => HostScores.Softmax(scores, width, 1, probabilities);

    /// <summary>Softmax along an axis that is not the last, such as the channels of a picture of scores.</summary>
    /// <param name="scores">Values of which <paramref name="inner"/> stand next to each other for each place on the axis.</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis, at least 1.</param>
    /// <param name="probabilities">As many values; may be the same memory.</param>
    /// <exception cref="ArgumentException">Another length, or scores that do not fill the axis.</exception>
    public static void Softmax(ReadOnlySpan<float> scores, int extent, int inner, Span<float> probabilities) => HostScores.Softmax(scores, extent, inner, probabilities);

    /// <summary>The places of the greatest scores in falling order; of equal ones the first comes first.</summary>
    /// <typeparam name="T">The scores' type. Not-a-number counts as greater than all numbers.</typeparam>
    /// <param name="scores">The scores.</param>
    /// <param name="places">Room for as many places as are wanted.</param>
    /// <returns>How many there are: the room, or fewer when there are fewer scores.</returns>
    public static int TopK<T>(ReadOnlySpan<T> scores, Span<int> places)
        where T : INumber<T>
    {
        int found = 0;
        for (int i = 0; i < scores.Length && !places.IsEmpty; i++)
        {
            if (found == places.Length && !IsGreater(scores[i], scores[places[found - 1]]))
            {
                continue;
            }

            int at = found < places.Length ? found++ : found - 1;
            for (; at > 0 && IsGreater(scores[i], scores[places[at - 1]]); at--)
            {
                places[at] = places[at - 1];
            }

            places[at] = i;
        }

        return found;
    }

    /// <summary>The places of all scores that reach a threshold, in rising order of places.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="threshold">The least score that counts.</param>
    /// <param name="places">Room for the places; what does not fit is left out.</param>
    /// <returns>How many scores reach the threshold, also when there was room for fewer.</returns>
    public static int AtLeast(ReadOnlySpan<float> scores, float threshold, Span<int> places)
    {
        int found = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] >= threshold)
            {
                if (found < places.Length)
                {
                    places[found] = i;
                }

                found++;
            }
        }

        return found;
    }

    private static bool IsGreater<T>(T score, T than)
        where T : INumber<T> => score > than || (T.IsNaN(score) && !T.IsNaN(than));

    private static void CheckRows(int length, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (length % width != 0)
        {
            throw new ArgumentException($"{length} scores are no whole number of rows of {width}.", nameof(width));
        }
    }
}
