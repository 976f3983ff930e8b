using System.Globalization;

namespace Trt.Utils;

/// <summary>What a conversion did to values that it could not keep.</summary>
internal struct ElementLosses
{
    private long rounded;
    private long overflowed;
    private long vanished;
    private double firstRounded;
    private double firstOverflowed;
    private double firstVanished;

    /// <summary>The nearest number was taken.</summary>
    public void Rounded(double value) => Add(ref rounded, ref firstRounded, value);

    /// <summary>Beyond the range, or not a number where the type has no such value.</summary>
    public void Overflowed(double value) => Add(ref overflowed, ref firstOverflowed, value);

    /// <summary>Became 0, or lost its fraction.</summary>
    public void Vanished(double value) => Add(ref vanished, ref firstVanished, value);

    /// <summary>Why a rule refuses this; null if it does not.</summary>
    public readonly string? Against(ConversionRule rule, TorchDType type)
    {
        if (rule == ConversionRule.Lossy || (overflowed == 0 && vanished == 0 && (rounded == 0 || rule != ConversionRule.Exact)))
        {
            return null;
        }

        string name = type.TorchName();
        List<string> reasons = [];
        Say(overflowed, firstOverflowed, $"beyond the range of {name}");
        Say(vanished, firstVanished, type.IsFloatingPoint() ? $"too small for {name} and would become 0" : $"no {(type == TorchDType.Bool ? "truth value" : "integer")}");
        if (rule == ConversionRule.Exact)
        {
            Say(rounded, firstRounded, $"between the numbers of {name} and would be rounded");
        }

        return string.Join("; ", reasons) + ".";

        void Say(long count, double example, string what)
        {
            if (count > 0)
            {
                reasons.Add($"{count} value{(count == 1 ? "" : "s")} (such as {example.ToString("R", CultureInfo.InvariantCulture)}) {(count == 1 ? "is" : "are")} {what}");
            }
        }
    }

    private static void Add(ref long count, ref double first, double value)
    {
        if (count++ == 0)
        {
            first = value;
        }
    }
}
