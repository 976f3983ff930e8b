namespace Trt.Utils;

/// <summary>Student's t distribution for whole degrees of freedom, whose distribution function is a finite sum (Abramowitz and Stegun, 26.7.3 and 26.7.4).</summary>
internal static class StudentT
{
    /// <summary>The value that a t of so many degrees of freedom stays below, in magnitude, with a probability of 95 %.</summary>
    public static double TwoSided95(int degrees)
    {
        double low = 0, high = Math.PI / 2;
        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Within(middle, degrees) < 0.95 ? (middle, high) : (low, middle);
        }

        return Math.Sqrt(degrees) * Math.Tan((low + high) / 2);
    }

    /// <summary>The probability that |t| is at most √ν·tan θ.</summary>
    private static double Within(double theta, int degrees)
    {
        double cosine = Math.Cos(theta), square = cosine * cosine;
        double term = degrees % 2 == 0 ? 1 : cosine, sum = 0;
        for (int k = degrees % 2 == 0 ? 2 : 3; k <= degrees; k += 2)
        {
            sum += term;
            term *= square * (k - 1) / k;
        }

        return degrees % 2 == 0 ? Math.Sin(theta) * sum : 2 / Math.PI * (theta + (Math.Sin(theta) * sum));
    }
}
