using System.CommandLine;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>Options about the ranges that 8-bit layers need.</summary>
internal static class CalibrationOptions
{
    private static readonly BuildOption Data = Text("--calibrate", "FOLDER|FILE.npz", "Calibration",
        "Data to find ranges with for --int8, --fp8 or --best: pictures in a folder, or arrays named like the inputs, items along the first axis.");

    private static readonly BuildOption Algorithm = BuildOption.Value("--calibration-algorithm", "entropy2|entropy|minmax|legacy", "Calibration", "How ranges are chosen. Default: entropy2; transformers want minmax.",
        (o, text) => AlgorithmOf(text) >= 0 ? o : o);

    private static readonly BuildOption BatchSize = BuildOption.Value("--calibration-batch", "N", "Calibration", "Items shown at a time where the model leaves its batch open. Default: 32.",
        (o, text) => OptionValue.Int(text, 1) > 0 ? o : o);

    private static readonly BuildOption ItemShape = BuildOption.Value("--calibration-shape", "CxHxW", "Calibration", "Shape that pictures get. Default: the input's, where the model says it.",
        (o, text) => ShapeOf(text) is null ? o : o);

    private static readonly BuildOption Scaling = BuildOption.Value("--calibration-scaling", "0..1|-1..1|0..255|imagenet", "Calibration", "What pixels become. Default: 0..1. (trt calibrate has more to choose from.)",
        (o, text) => ScalingOf(text) is null ? o : o);

    private static readonly BuildOption CacheFile = Text("--calibration-cache", "FILE", "Calibration", "Where found scales are kept for the next build. Default: nowhere.");

    public static OptionGroup Group { get; } = new("Calibration", [
        Data,
        Algorithm,
        BatchSize,
        ItemShape,
        Scaling,
        CacheFile,
        BuildOption.Value("--calib", "FILE", "CalibrationCache", "Scales of an earlier calibration, in NVIDIA's text format.", (o, text) => o with { CalibrationCache = text }),
        BuildOption.Value("--calib-profile --calibProfile", "N", "CalibrationProfile", "The profile to calibrate with. Default: 0.", (o, text) => o with { CalibrationProfile = OptionValue.Int(text, 0) }),
        BuildOption.Flag("--arbitrary-int8-ranges", "ArbitraryInt8Ranges", "Build --int8 without a calibration, with ranges -4 to 4: for measuring speed only, results are wrong.", (o, on) => o with { ArbitraryInt8Ranges = on }),
        BuildOption.Value("--quantization-flags", "NAME,...", "QuantizationFlags", "Switches of quantization: calibrateBeforeFusion.",
            (o, text) => o with { QuantizationFlags = [.. o.QuantizationFlags, .. OptionValue.Names(text).Select(name => OptionValue.Choice(name, ("calibrateBeforeFusion", QuantizationFlag.CalibrateBeforeFusion)))] }, repeats: true),
    ]);

    /// <summary>Makes a calibration of --calibrate and what stands beside it.</summary>
    /// <exception cref="UserError">There is no such data, or something stands there without it.</exception>
    public static BuildOptions Apply(ParseResult parsed, BuildOptions options)
    {
        if (Data.Text(parsed) is not { } data)
        {
            return new[] { Algorithm, BatchSize, ItemShape, Scaling, CacheFile }.FirstOrDefault(option => option.Text(parsed) is not null) is { } lonely
                ? throw new UserError($"{lonely.Option.Name}: it goes with --calibrate, which names the data.", ExitCode.Usage)
                : options;
        }

        int batch = BatchSize.Text(parsed) is { } size ? OptionValue.Int(size, 1) : 32;
        string? cache = CacheFile.Text(parsed);
        Int8Calibration calibration;
        if (data.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
        {
            if ((ItemShape.Text(parsed) ?? Scaling.Text(parsed)) is not null)
            {
                throw new UserError($"--calibrate={data}: arrays are taken as they are. Leave --calibration-shape and --calibration-scaling out.", ExitCode.Usage);
            }

            calibration = Int8Calibration.FromNpz(NpzFile.Open(data), batch, cache);
        }
        else if (!Directory.Exists(data))
        {
            throw new UserError($"--calibrate={data}: there is no such folder. A folder with pictures or an .npz file is wanted.", ExitCode.Usage);
        }
        else
        {
            PixelScaling scaling = ScalingOf(Scaling.Text(parsed) ?? "0..1");
            calibration = ItemShape.Text(parsed) is { } shape
                ? Int8Calibration.FromFolder(data, new Dims(ShapeOf(shape)), scaling, batch, cache)
                : Int8Calibration.FromFolder(data, scaling, batch, cache);
        }

        calibration.Algorithm = AlgorithmOf(Algorithm.Text(parsed) ?? "entropy2");
        return options with { Calibration = calibration };
    }

    private static BuildOption Text(string names, string value, string member, string description) => BuildOption.Value(names, value, member, description, (o, _) => o);

    private static CalibrationAlgoType AlgorithmOf(string text) => OptionValue.Choice(text, ("entropy2", CalibrationAlgoType.EntropyCalibration2), ("entropy", CalibrationAlgoType.EntropyCalibration),
        ("minmax", CalibrationAlgoType.MinmaxCalibration), ("legacy", CalibrationAlgoType.LegacyCalibration));

    private static long[] ShapeOf(string text) => ShapeText.Extents(text) is { Length: 3 } shape && shape.All(extent => extent > 0) && shape[0] is 1 or 3
        ? shape
        : throw new FormatException("channels (1 or 3), height and width are wanted, as in 3x224x224.");

    private static PixelScaling ScalingOf(string text) => OptionValue.Choice(text, ("0..1", PixelScaling.ZeroToOne), ("imagenet", PixelScaling.ImageNet),
        ("-1..1", new PixelScaling { Divisor = 127.5f, Mean = [1] }), ("0..255", new PixelScaling { Divisor = 1 }));
}
