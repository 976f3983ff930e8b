using System.Globalization;
using System.Text;

namespace Trt.Utils;

/// <summary>What a source gave to a refit.</summary>
/// <param name="Given">The engine's names of weights that got values.</param>
/// <param name="NotFound">The engine's names of weights for which the source had nothing; they stay as they are.</param>
/// <param name="Unused">Names in the source that nothing of the engine asked for.</param>
public sealed record RefitReport(IReadOnlyList<string> Given, IReadOnlyList<string> NotFound, IReadOnlyList<string> Unused)
{
    private const int Shown = 20;

    /// <summary>How many weights got values, and the names of what did not match.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Given.Count} weights given.");
        Append(text, "Not in the source", NotFound);
        Append(text, "Not in the engine", Unused);
        return text.ToString();
    }

    /// <summary>Names with commas; the first ones of many.</summary>
    internal static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : string.Empty);

    private static void Append(StringBuilder text, string what, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"{what} ({names.Count}): {Listed(names)}.");
        }
    }
}
