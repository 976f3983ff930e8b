using System.Globalization;
using System.Text;

namespace Trt.Interop;

/// <summary>The result of an INT8 calibration in TensorRT's text form: a first line that names the algorithm, then a line with the scale of each tensor.</summary>
/// <remarks>
/// First line <c>TRT-8600-MinMaxCalibration</c> (release without dots, algorithm); of the legacy calibrator <c>0 cutoff quantile</c>, doubles as their bits
/// in hexadecimal. Then <c>name: bits of the scale</c>, a float in hexadecimal. The scale is what one step of an 8-bit integer stands for: the calibrated range divided by 127.
/// </remarks>
public sealed record CalibrationCache
{
    /// <summary>The release whose files are written.</summary>
    private const string Release = "8600";

    /// <summary>The algorithm that the scales come from.</summary>
    public required CalibrationAlgoType Algorithm { get; init; }

    /// <summary>Release in the first line, without dots; empty in a legacy calibrator's file.</summary>
    public string Version { get; init; } = Release;

    /// <summary>Of the legacy calibrator: the share of values that the range must hold.</summary>
    public double Quantile { get; init; }

    /// <summary>Of the legacy calibrator: where its regression begins, as a share of the quantile's range.</summary>
    public double RegressionCutoff { get; init; }

    /// <summary>Scales in the order of the file.</summary>
    public required IReadOnlyList<(string Tensor, float Scale)> Scales { get; init; }

    /// <summary>The algorithm as the first line calls it, such as <c>MinMaxCalibration</c>.</summary>
    /// <param name="algorithm">An algorithm.</param>
    public static string Name(CalibrationAlgoType algorithm) => algorithm switch
    {
        CalibrationAlgoType.EntropyCalibration => "EntropyCalibration",
        CalibrationAlgoType.EntropyCalibration2 => "EntropyCalibration2",
        CalibrationAlgoType.MinmaxCalibration => "MinMaxCalibration",
        _ => "LegacyCalibration",
    };

    /// <summary>The text as bytes (UTF-8), as a calibrator gets and gives it.</summary>
    public byte[] Write()
    {
        StringBuilder text = new();
        text.Append(Algorithm == CalibrationAlgoType.LegacyCalibration
            ? string.Create(CultureInfo.InvariantCulture, $"0 {BitConverter.DoubleToUInt64Bits(RegressionCutoff):x} {BitConverter.DoubleToUInt64Bits(Quantile):x}\n")
            : $"TRT-{Version}-{Name(Algorithm)}\n");
        foreach ((string tensor, float scale) in Scales)
        {
            text.Append(CultureInfo.InvariantCulture, $"{tensor}: {BitConverter.SingleToUInt32Bits(scale):x}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Reads the text.</summary>
    /// <param name="bytes">A whole file.</param>
    /// <exception cref="FormatException">The bytes are no calibration cache; the message names the line.</exception>
    public static CalibrationCache Read(ReadOnlySpan<byte> bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        CalibrationCache head = Head(lines[0].TrimEnd('\r'));
        List<(string, float)> scales = [];
        for (int i = 1; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r', '\0');
            if (line.Length == 0)
            {
                continue;
            }

            int colon = line.LastIndexOf(": ", StringComparison.Ordinal);
            if (colon < 1 || !uint.TryParse(line.AsSpan(colon + 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint bits))
            {
                throw new FormatException($"line {i + 1} is no tensor with a scale: \"{line}\"");
            }

            scales.Add((line[..colon], BitConverter.UInt32BitsToSingle(bits)));
        }

        return head with { Scales = scales };
    }

    private static CalibrationCache Head(string line)
    {
        string[] words = line.Split(' ');
        if (words is ["0", { } cutoff, { } quantile] && TryDouble(cutoff, out double cutoffNumber) && TryDouble(quantile, out double quantileNumber))
        {
            return new() { Algorithm = CalibrationAlgoType.LegacyCalibration, Version = string.Empty, RegressionCutoff = cutoffNumber, Quantile = quantileNumber, Scales = [] };
        }

        if (line.Split('-') is ["TRT", { Length: > 0 } version, { } name])
        {
            foreach (CalibrationAlgoType algorithm in (ReadOnlySpan<CalibrationAlgoType>)[CalibrationAlgoType.EntropyCalibration, CalibrationAlgoType.EntropyCalibration2, CalibrationAlgoType.MinmaxCalibration])
            {
                if (name == Name(algorithm))
                {
                    return new() { Algorithm = algorithm, Version = version, Scales = [] };
                }
            }
        }

        throw new FormatException($"the first line does not name a calibration algorithm: \"{(line.Length > 60 ? line[..60] : line)}\"");
    }

    private static bool TryDouble(string text, out double number)
    {
        bool valid = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits);
        number = BitConverter.UInt64BitsToDouble(bits);
        return valid;
    }
}
