using System.Globalization;
using System.Net;
using System.Text;

namespace Trt.Utils;

/// <summary>Numbers and texts as a page shows them.</summary>
internal static class PageText
{
    /// <summary>A text in which nothing is markup, and control characters are visible.</summary>
    public static string Escape(string text) =>
        WebUtility.HtmlEncode(string.Concat(text.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? "\uFFFD" : rune.ToString())));

    /// <summary>Milliseconds with four digits that count.</summary>
    public static string Time(double milliseconds)
    {
        double size = Math.Abs(milliseconds);
        return milliseconds.ToString(size >= 1000 ? "0" : size >= 100 ? "0.0" : size >= 10 ? "0.00" : size >= 1 ? "0.000" : size >= 0.1 ? "0.0000" : "0.00000", CultureInfo.InvariantCulture);
    }

    public static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double queries) => queries.ToString(queries >= 1000 ? "N0" : queries >= 10 ? "N1" : "N3", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + "\u00a0%";

    /// <summary>A coordinate.</summary>
    public static string At(double position) => position.ToString("0.##", CultureInfo.InvariantCulture);
}
