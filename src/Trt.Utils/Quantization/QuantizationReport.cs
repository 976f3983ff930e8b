using System.Globalization;
using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>What a calibration did to a network.</summary>
public sealed record QuantizationReport
{
    /// <summary>How the network was made to run in 8 bits.</summary>
    public required QuantizationMethod Method { get; init; }

    /// <summary><see cref="DataType.Int8"/> or <see cref="DataType.FP8"/>.</summary>
    public required DataType Type { get; init; }

    /// <summary>Names of the layers whose inputs are quantized now; of <see cref="QuantizationMethod.Explicit"/> only.</summary>
    public IReadOnlyList<string> Quantized { get; init; } = [];

    /// <summary>Layers that there are 8-bit kernels for and that were left alone, with the reason.</summary>
    public IReadOnlyList<(string Layer, string Reason)> LeftAlone { get; init; } = [];

    /// <summary>A sentence or two, and a line for each layer that was left alone.</summary>
    public override string ToString()
    {
        if (Method != QuantizationMethod.Explicit)
        {
            return Method == QuantizationMethod.Calibrator ? "The library calibrates while it builds the engine." : "The network already has layers that quantize.";
        }

        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Quantized.Count} layers read {Type} now; {LeftAlone.Count} that could were left alone.");
        foreach ((string layer, string reason) in LeftAlone)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {layer}: {reason}");
        }

        return text.ToString();
    }
}
