using System.Globalization;
using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>What a conversion of precision did to a network.</summary>
public sealed record PrecisionReport
{
    /// <summary>The type that layers compute in now.</summary>
    public required DataType Type { get; init; }

    /// <summary>Names of the layers that compute in it.</summary>
    public required IReadOnlyList<string> Converted { get; init; }

    /// <summary>Layers that stay in 32 bits though they compute with real numbers, with the reason.</summary>
    public required IReadOnlyList<(string Layer, string Reason)> Kept { get; init; }

    /// <summary>How many casts were added.</summary>
    public required int Casts { get; init; }

    /// <summary>How many weights other than zero became zero, because they are too small for the type.</summary>
    public required long WeightsRoundedToZero { get; init; }

    /// <summary>A sentence or two, and a line for each layer that stays in 32 bits.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Converted.Count} layers compute in {Type} now, {Kept.Count} stay in Float; {Casts} casts.");
        if (WeightsRoundedToZero > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" {WeightsRoundedToZero} weights became zero.");
        }

        foreach ((string layer, string reason) in Kept)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {layer}: {reason}");
        }

        return text.ToString();
    }
}
