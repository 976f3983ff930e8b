using Xunit;

namespace Trt.Utils.Tests.Benchmarks;

public class AccuracyLossTests
{
    [Theory]
    [InlineData(AccuracyMeasure.L0, 0.5)] // two of four differ by more than 0.1 + 0.1·|reference|
    [InlineData(AccuracyMeasure.L1, 1.55)] // (1 + 0 + 5 + 0.2) / 4
    [InlineData(AccuracyMeasure.L2, 2.5514701644346147)] // √((1 + 0 + 25 + 0.04) / 4)
    [InlineData(AccuracyMeasure.LInf, 5)]
    [InlineData(AccuracyMeasure.Cos, 0.04239038147136742)] // 1 − (2 + 4 + 50 + 16.8) / (√(4 + 4 + 100 + 17.64)·√(1 + 4 + 25 + 16))
    public void LossesAreThoseOfTheirFormulas(AccuracyMeasure measure, double expected)
    {
        double[] values = [2, 2, 10, 4.2], reference = [1, 2, 5, 4];
        Assert.Equal(expected, AccuracyLoss.Of(values, reference, measure, 0.1, 0.1), 12);
    }

    [Fact]
    public void WhatIsNoNumberIsNoAgreement()
    {
        foreach (AccuracyMeasure measure in Enum.GetValues<AccuracyMeasure>())
        {
            Assert.Equal(double.PositiveInfinity, AccuracyLoss.Of([1, double.NaN], [1, 2], measure));
            Assert.Equal(double.PositiveInfinity, AccuracyLoss.Of([1, 2], [double.NaN, 2], measure));
            Assert.Equal(0, AccuracyLoss.Of([0, 0], [0, 0], measure));
            Assert.Equal(0, AccuracyLoss.Of([double.PositiveInfinity, 1], [double.PositiveInfinity, 1], measure));
            Assert.Equal(0, AccuracyLoss.Of([], [], measure));
        }

        Assert.Equal(double.PositiveInfinity, AccuracyLoss.Of([0, 0], [1, 0], AccuracyMeasure.Cos));
        Assert.Equal(0.5, AccuracyLoss.Of([1, double.NegativeInfinity], [1, double.PositiveInfinity], AccuracyMeasure.L0));
        Assert.Equal(double.PositiveInfinity, AccuracyLoss.Of([double.PositiveInfinity], [1], AccuracyMeasure.LInf));
        Assert.Throws<ArgumentException>(() => AccuracyLoss.Of([1], [1, 2], AccuracyMeasure.L1));
    }
}
