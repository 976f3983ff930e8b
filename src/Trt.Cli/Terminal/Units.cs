using System.Globalization;

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

    /// <summary>A count with groups of three digits.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Extents as <c>1x3x224x224</c>; a number alone is <c>scalar</c>.</summary>
    public static string Shape(IEnumerable<long> extents)
    {
        string text = string.Join('x', extents.Select(extent => extent.ToString(CultureInfo.InvariantCulture)));
        return text.Length == 0 ? "scalar" : text;
    }
}
