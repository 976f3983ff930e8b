using System.CommandLine;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about the ranges that 8-bit layers need.</summary>
internal static class CalibrationOptions
{
    public static OptionGroup Group { get; } = new("Calibration", [
        BuildOption.Value("--calib", "FILE", "CalibrationCache", "Scales of an earlier calibration, in NVIDIA's text format.", (o, text) => o with { CalibrationCache = text }),
        BuildOption.Value("--calib-profile --calibProfile", "N", "CalibrationProfile", "The profile to calibrate with. Default: 0.", (o, text) => o with { CalibrationProfile = OptionValue.Int(text, 0) }),
        BuildOption.Flag("--arbitrary-int8-ranges", "ArbitraryInt8Ranges", "Build --int8 without a calibration, with ranges -4 to 4: for measuring speed only, results are wrong.", (o, on) => o with { ArbitraryInt8Ranges = on }),
        BuildOption.Value("--quantization-flags", "NAME,...", "QuantizationFlags", "Switches of quantization: calibrateBeforeFusion.",
            (o, text) => o with { QuantizationFlags = [.. o.QuantizationFlags, .. OptionValue.Names(text).Select(name => OptionValue.Choice(name, ("calibrateBeforeFusion", QuantizationFlag.CalibrateBeforeFusion)))] }, repeats: true),
    ]);
}
