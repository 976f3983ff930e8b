using System.Globalization;

namespace Trt.Lite;

/// <summary>An object that was found: where, what, how sure.</summary>
/// <param name="Left">Left edge, in pixels of the original picture where the sample was one, else in the output's own units.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Right">Right edge.</param>
/// <param name="Bottom">Lower edge.</param>
/// <param name="Score">Its score.</param>
/// <param name="Class">Its class's number.</param>
/// <param name="Label">Its class's name; null where no labels were given.</param>
public readonly record struct DetectedBox(float Left, float Top, float Right, float Bottom, float Score, int Class, string? Label)
{
    /// <summary>Right less left.</summary>
    public float Width => Right - Left;

    /// <summary>Bottom less top.</summary>
    public float Height => Bottom - Top;

    /// <summary>As in <c>circle 0.912 at 12.0, 30.5 of 40.0 x 41.0</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Label ?? Class.ToString(CultureInfo.InvariantCulture)} {Score:0.000} at {Left:0.0}, {Top:0.0} of {Width:0.0} x {Height:0.0}");
}
