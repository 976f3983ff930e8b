using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Comparing;

public class TensorComparisonTests
{
    [Fact]
    public void Errors_are_those_that_arithmetic_gives()
    {
        // Differences 0, 1, 0, 2 of references 1, 2, 4, 8.
        TensorComparison comparison = TensorComparison.Of(OnnxTensor.From([1f, 2, 4, 8], 2, 2), OnnxTensor.From([1f, 3, 4, 10], 2, 2));
        Assert.False(comparison.Passed);
        Assert.Equal((2.0, 0.75, 0.0, 2.0), (comparison.Absolute!.Max, comparison.Absolute.Mean, comparison.Absolute.Median, comparison.Absolute.Quantile));
        Assert.Equal((0.5, 0.1875), (comparison.Relative!.Max, comparison.Relative.Mean));
        Assert.Equal(2, comparison.BeyondCount);
        Assert.Equal((3L, 8.0, 10.0), (comparison.WorstIndex, comparison.WorstReference, comparison.WorstOther));
        Assert.Equal(new long[] { 1, 1 }, comparison.WorstCoordinates.ToArray());

        // 1 + 6 + 16 + 80 over the lengths of (1, 2, 4, 8) and (1, 3, 4, 10); 85 over 5 in decibels; a range of 7 over a mean square of 5/4.
        Assert.Equal(103 / Math.Sqrt(85.0 * 126), comparison.Cosine, 12);
        Assert.Equal(10 * Math.Log10(85.0 / 5), comparison.Snr, 12);
        Assert.Equal(10 * Math.Log10(49 / 1.25), comparison.Psnr, 12);
        Assert.Equal((1.0, 8.0, 3.75), (comparison.Reference!.Min, comparison.Reference.Max, comparison.Reference.Mean));
        Assert.Equal(Math.Sqrt((2.75 * 2.75) + (1.75 * 1.75) + (0.25 * 0.25) + (4.25 * 4.25)) / 2, comparison.Reference.StandardDeviation, 12);
    }

    [Theory]
    [InlineData(0.1, 0, false)]
    [InlineData(0.6, 0, true)]
    [InlineData(0, 0.1, true)]
    [InlineData(0.4, 0.004, false)]
    public void An_element_may_be_within_either_tolerance_but_not_within_half_of_both(double absolute, double relative, bool passes)
    {
        // 100.5 for 100: 0.5 off, a 200th.
        OnnxTensor right = OnnxTensor.From([100.0]), other = OnnxTensor.From([100.5]);
        Assert.Equal(passes, TensorComparison.Of(right, other, new ComparisonRule { Absolute = absolute, Relative = relative }).Passed);

        // allclose adds them: 0.4 + 0.4.
        bool sum = 0.5 <= absolute + (relative * 100);
        Assert.Equal(sum, TensorComparison.Of(right, other, new ComparisonRule { Check = ComparisonCheck.AllClose, Absolute = absolute, Relative = relative }).Passed);
    }

    [Theory]
    [InlineData(ComparisonCheck.Max, false)]
    [InlineData(ComparisonCheck.Mean, false)]
    [InlineData(ComparisonCheck.Median, true)]
    [InlineData(ComparisonCheck.Quantile, true)]
    [InlineData(ComparisonCheck.Cosine, true)]
    [InlineData(ComparisonCheck.Snr, true)]
    [InlineData(ComparisonCheck.Psnr, true)]
    public void One_outlier_in_a_thousand_is_judged_by_the_check(ComparisonCheck check, bool passes)
    {
        float[] right = [.. Enumerable.Range(0, 1000).Select(i => i + 1f)], other = [.. right];
        other[500] += 50;
        ComparisonRule rule = new() { Check = check, Absolute = 0.01, Relative = 1e-6 };
        TensorComparison comparison = TensorComparison.Of(OnnxTensor.From(right), OnnxTensor.From(other), rule);
        Assert.Equal(passes, comparison.Passed);
        Assert.Equal(500, comparison.WorstIndex);
        Assert.Equal(0.05, comparison.Absolute!.Mean, 12);
    }

    [Fact]
    public void What_is_not_finite_differs_unless_it_may_be_equal()
    {
        OnnxTensor right = OnnxTensor.From([float.PositiveInfinity, float.NaN, 1]);
        Assert.False(TensorComparison.Of(right, right).Passed);
        Assert.Equal(2, TensorComparison.Of(right, right).BeyondCount);
        Assert.False(TensorComparison.Of(right, right, new ComparisonRule { InfinitiesAreEqual = true }).Passed);
        Assert.True(TensorComparison.Of(right, right, new ComparisonRule { InfinitiesAreEqual = true, NaNsAreEqual = true }).Passed);
        TensorComparison other = TensorComparison.Of(right, OnnxTensor.From([float.NegativeInfinity, float.NaN, 1]), new ComparisonRule { InfinitiesAreEqual = true, NaNsAreEqual = true, Absolute = 1e300 });
        Assert.False(other.Passed);
        Assert.Equal(0, other.WorstIndex);
        Assert.Equal((1L, 1L, 0L), (other.Reference!.NaNCount, other.Reference.InfinityCount, other.Reference.FirstNotFinite));
        Assert.False(TensorComparison.Of(OnnxTensor.From([1f, 2]), OnnxTensor.From([1f, float.NaN]), new ComparisonRule { Check = ComparisonCheck.Cosine }).Passed);
    }

    [Fact]
    public void Types_may_differ_and_shapes_may_not()
    {
        Assert.True(TensorComparison.Of(OnnxTensor.From([1f, -2]), OnnxTensor.From([(Half)1, (Half)(-2)])).Passed);
        Assert.True(TensorComparison.Of(OnnxTensor.From([3L, 4]), OnnxTensor.From([3, 4])).Passed);
        Assert.True(TensorComparison.Of(OnnxTensor.From([true, false]), OnnxTensor.From([true, false])).Passed);

        // bfloat16 1.5 and float8 E4M3 1.5.
        Assert.True(TensorComparison.Of(OnnxTensor.FromBytes(OnnxElementType.BFloat16, [1], new byte[] { 0xc0, 0x3f }), OnnxTensor.FromBytes(OnnxElementType.Float8E4M3FN, [1], new byte[] { 0x3c })).Passed);
        TensorComparison shape = TensorComparison.Of(OnnxTensor.From([1f, 2], 2, 1), OnnxTensor.From([1f, 2], 1, 2));
        Assert.Equal("has shape 1x2 where 2x1 is expected", shape.Reason);
        Assert.True(TensorComparison.Of(OnnxTensor.FromStrings(["a", "b"]), OnnxTensor.FromStrings(["a", "b"])).Passed);
        Assert.False(TensorComparison.Of(OnnxTensor.FromStrings(["a", "b"]), OnnxTensor.FromStrings(["a", "c"])).Passed);
        Assert.True(TensorComparison.Of(OnnxTensor.From(Array.Empty<float>(), 0), OnnxTensor.From(Array.Empty<float>(), 0)).Passed);
    }

    [Fact]
    public void Histograms_have_bins_of_equal_width_with_the_greatest_in_the_last()
    {
        IReadOnlyList<HistogramBin> bins = TensorStatistics.Histogram(OnnxTensor.From([0f, 1, 2, 3, 4, float.NaN, 10, float.PositiveInfinity]), 5);
        Assert.Equal([2L, 2, 1, 0, 1], bins.Select(bin => bin.Count));
        Assert.Equal((0.0, 2.0, 10.0), (bins[0].From, bins[0].To, bins[4].To));
        Assert.Equal([3L, 0], TensorStatistics.Histogram(OnnxTensor.From([5, 5, 5]), 2).Select(bin => bin.Count));
        Assert.Empty(TensorStatistics.Histogram(OnnxTensor.From([float.NaN])));
    }
}
