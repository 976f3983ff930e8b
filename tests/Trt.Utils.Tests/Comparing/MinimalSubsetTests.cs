using Xunit;

namespace Trt.Utils.Tests.Comparing;

public class MinimalSubsetTests
{
    [Theory]
    [InlineData(100, new[] { 41 })]
    [InlineData(100, new[] { 0, 99 })]
    [InlineData(64, new[] { 3, 17, 18, 40 })]
    [InlineData(1, new[] { 0 })]
    [InlineData(7, new int[0])]
    public void Exactly_what_is_needed_is_found_with_few_questions(int count, int[] needed)
    {
        int questions = 0;
        IReadOnlyList<int> found = MinimalSubset.Find([.. Enumerable.Range(0, count)], part =>
        {
            questions++;
            return needed.All(part.Contains);
        });
        Assert.Equal(needed, found);

        // Far fewer than the n that leaving out one by one takes, where few of many are needed.
        Assert.InRange(questions, 0, needed.Length == 1 ? 2 + (2 * (int)Math.Ceiling(Math.Log2(count))) : 4 * count);
    }

    [Fact]
    public void Of_two_ways_one_is_found_whole()
    {
        IReadOnlyList<int> found = MinimalSubset.Find([.. Enumerable.Range(0, 30)], part => part.Contains(4) || (part.Contains(20) && part.Contains(25)));
        Assert.True(found.SequenceEqual([4]) || found.SequenceEqual([20, 25]), string.Join(' ', found));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(57)]
    [InlineData(100)]
    public void The_shortest_beginning_is_found(int needed)
    {
        int questions = 0;
        Assert.Equal(needed, MinimalSubset.Prefix(100, count =>
        {
            questions++;
            return count >= needed;
        }));
        Assert.InRange(questions, 0, 7);
    }
}
