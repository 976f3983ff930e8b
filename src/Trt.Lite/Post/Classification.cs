using System.Globalization;

namespace Trt.Lite;

/// <summary>A class with its score.</summary>
/// <param name="Index">The class's number.</param>
/// <param name="Score">Its score, as the output has it.</param>
/// <param name="Label">Its name; null where no labels were given.</param>
public readonly record struct Classification(int Index, float Score, string? Label)
{
    /// <summary>As in <c>tabby 0.873</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Label ?? Index.ToString(CultureInfo.InvariantCulture)} {Score:0.000}");
}
