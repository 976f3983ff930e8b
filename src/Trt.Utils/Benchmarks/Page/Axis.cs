using System.Globalization;

namespace Trt.Utils;

/// <summary>Values along an edge of a chart.</summary>
/// <param name="Low">The value at the beginning.</param>
/// <param name="High">The value at the end, above the other.</param>
/// <param name="From">The coordinate of the beginning.</param>
/// <param name="To">The coordinate of the end.</param>
internal readonly record struct Axis(double Low, double High, double From, double To)
{
    /// <summary>Where a value stands; values outside stand at the ends.</summary>
    public double At(double value) => From + ((Math.Clamp(value, Low, High) - Low) / (High - Low) * (To - From));

    /// <summary>Round values with round steps, about so many, with their texts.</summary>
    public IEnumerable<(double Value, string Text)> Ticks(int about)
    {
        double rough = (High - Low) / about;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        int decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 12);
        double first = Math.Ceiling(Low / step - 1e-9);
        for (double i = first; i * step <= High + (step * 1e-9); i++)
        {
            double value = (i * step) + 0.0; // no negative zero
            yield return (value, value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        }
    }
}
