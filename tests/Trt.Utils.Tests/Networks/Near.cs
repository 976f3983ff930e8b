using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>Comparisons within a bound, which is five times as wide on a GPU: it adds in another order, and rounds exponentials and roots otherwise.</summary>
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
        bound *= TestTarget.IsCpu ? 1 : 5;
        Assert.True(furthest <= bound, $"{what ?? "An element"} is {furthest} off; {bound} is allowed.");
    }
}
