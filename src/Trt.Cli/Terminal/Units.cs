using System.Globalization;
using System.Text;

namespace Trt.Cli;

/// <summary>Numbers as people read them.</summary>
internal static class Units
{
    /// <summary>A size with three significant digits and a binary unit.</summary>
    public static string Bytes(long count)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = count;
        int unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        string digits = unit == 0 ? "0" : value < 10 ? "0.00" : value < 100 ? "0.0" : "0";
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(digits, CultureInfo.InvariantCulture)} {units[unit]}");
    }

    /// <summary>Reads a size as trtexec does: a number, then B, K, M or G for powers of 1024, in upper or lower case.</summary>
    /// <param name="text">Such as <c>16M</c> or <c>0.5G</c>.</param>
    /// <param name="option">The option's name, for errors.</param>
    /// <param name="unit">What a plain number counts.</param>
    /// <exception cref="UserError">It is none, or more than a size can be.</exception>
    public static long ParseBytes(string text, string option, long unit = 1)
    {
        int powers = text.Length == 0 ? -1 : "BKMG".IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        double scale = powers < 0 ? unit : Math.Pow(1024, powers);
        return double.TryParse(powers < 0 ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number * scale < long.MaxValue
            ? (long)(number * scale)
            : throw new UserError($"{option} {text}: what is wanted is a size such as 512K, 16M or 0.5G.", Cli.ExitCode.Usage);
    }

    /// <summary>A measured number with as many digits as matter.</summary>
    public static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>A count with groups of three digits.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Extents as <c>1x3x224x224</c>; a number alone is <c>scalar</c>.</summary>
    public static string Shape(IEnumerable<long> extents)
    {
        StringBuilder text = new();
        foreach (long extent in extents)
        {
            text.Append(text.Length == 0 ? string.Empty : "x").Append(extent.ToString(CultureInfo.InvariantCulture));
        }

        return text.Length == 0 ? "scalar" : text.ToString();
    }
}
