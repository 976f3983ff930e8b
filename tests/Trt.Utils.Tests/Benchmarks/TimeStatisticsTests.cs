using Xunit;

namespace Trt.Utils.Tests.Benchmarks;

/// <summary>Figures against arithmetic by hand and printed tables.</summary>
public class TimeStatisticsTests
{
    [Theory]
    [InlineData(90, 10, 8)] // ⌊0.1·10⌋ = 1 value is left out above
    [InlineData(95, 10, 9)]
    [InlineData(99, 100, 98)]
    [InlineData(99.9, 1000, 998)]
    [InlineData(50, 4, 1)]
    [InlineData(100, 7, 6)]
    [InlineData(0.001, 5, 0)]
    [InlineData(90, 1, 0)]
    public void APercentileLeavesOutAsManyAsTrtexec(double percent, int count, int index)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(i => (double)i)];
        Assert.Equal(index, TimeStatistics.Percentile(values, percent));
    }

    [Fact]
    public void FiguresOfAKnownRow()
    {
        TimeStatistics figures = TimeStatistics.Of([2, 4, 4, 4, 5, 5, 7, 9], [90]);
        Assert.Equal((8, 2.0, 9.0, 5.0, 4.5, 2.0, 0.4), (figures.Count, figures.Min, figures.Max, figures.Mean, figures.Median, figures.StandardDeviation, figures.Variation));

        // ⌊0.1·8⌋ = 0 values are left out.
        Assert.Equal((90.0, 9.0), Assert.Single(figures.Percentiles));

        // s = √(32/7) = 2.138, s/√8 = 0.7559, t(7) = 2.3646.
        Assert.Equal(0.75593, figures.MeanError!.Value, 5);
        Assert.Equal(5 - 1.78746, figures.MeanInterval!.Value.Low, 4);
        Assert.Equal(5 + 1.78746, figures.MeanInterval.Value.High, 4);

        // Ranks ⌊4 − 2.77⌋ = 1 and ⌈4 + 2.77⌉ + 1 = 8.
        Assert.Equal(new Interval(2, 9), figures.MedianInterval);
        Assert.Equal(4, TimeStatistics.Of([9, 1, 4], []).Median);
    }

    [Fact]
    public void ASingleValueHasNoInterval()
    {
        TimeStatistics figures = TimeStatistics.Of([3], [50]);
        Assert.Equal((3.0, 3.0, 0.0), (figures.Mean, figures.Median, figures.Variation));
        Assert.Null(figures.MeanInterval);
        Assert.Null(figures.MedianInterval);
        Assert.Throws<ArgumentException>(() => TimeStatistics.Of([], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => TimeStatistics.Of([1], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TimeStatistics.Of([1], [100.5]));
    }

    /// <summary>The point of batches: a machine that is slow for a while makes neighbours alike, which single values would not show.</summary>
    [Fact]
    public void NeighboursThatResembleEachOtherWidenTheInterval()
    {
        double[] slowThenQuick = [.. Enumerable.Range(0, 600).Select(i => (i / 150 % 2) + (i % 2 * 0.01))];
        double[] mixed = [.. Enumerable.Range(0, 600).Select(i => slowThenQuick[(i % 4 * 150) + (i / 4)])];
        TimeStatistics drifting = TimeStatistics.Of(slowThenQuick, []), steady = TimeStatistics.Of(mixed, []);
        Assert.Equal(steady.Mean, drifting.Mean, 9);
        Assert.Equal(29, drifting.DegreesOfFreedom);
        Assert.True(drifting.MeanError > 3 * steady.MeanError, $"{drifting.MeanError} {steady.MeanError}");
    }

    /// <summary>Values of printed tables of t for a two-sided 5 %.</summary>
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(5, 2.571)]
    [InlineData(10, 2.228)]
    [InlineData(29, 2.045)]
    [InlineData(120, 1.980)]
    [InlineData(1000, 1.962)]
    public void StudentsTIsThatOfTheTables(int degrees, double expected) => Assert.Equal(expected, StudentT.TwoSided95(degrees), 3);
}
