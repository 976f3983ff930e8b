using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>Comparisons within a bound.</summary>
internal static class Near
{
    public static double Furthest(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double furthest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double distance = Math.Abs((double)expected[i] - actual[i]);
            furthest = double.IsNaN(distance) ? double.PositiveInfinity : Math.Max(furthest, distance);
        }

        return furthest;
    }

    public static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double bound, string? what = null)
    {
        double furthest = Furthest(expected, actual);
        Assert.True(furthest <= bound, $"{what ?? "An element"} is {furthest} off; {bound} is allowed.");
    }
}
