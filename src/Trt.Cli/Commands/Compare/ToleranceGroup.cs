using System.CommandLine;
using System.Globalization;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Options that say when outputs agree, for all or by output.</summary>
internal sealed class ToleranceGroup
{
    private readonly Option<string[]> absolute = new("--atol") { Description = "Absolute tolerance (1e-5), for all or one output, several with commas: 1e-3,prob:1e-2.", HelpName = "[NAME:]NUMBER" };
    private readonly Option<string[]> relative = new("--rtol") { Description = "Relative tolerance (1e-5), for all or one output.", HelpName = "[NAME:]NUMBER" };

    private readonly Option<string[]> check = new("--check-error-stat", "--check")
    {
        Description = "What must be within them: elemwise (each element within one of both tolerances), allclose (their sum, as NumPy), max, mean, median, quantile (--quantile); or cosine, snr, psnr with a least value: cosine>=0.999.",
        HelpName = "[NAME:]CHECK",
    };

    private readonly Option<double> quantile = new("--quantile", "--error-quantile") { Description = "The quantile that --check quantile looks at.", DefaultValueFactory = _ => new ComparisonRule().Quantile };
    private readonly Option<bool> infinities = new("--infinities-equal", "--infinities-compare-equal") { Description = "Infinities of the same sign are equal." };
    private readonly Option<bool> nans = new("--nans-equal") { Description = "NaN on both sides is equal." };

    public ToleranceGroup(bool checkIsCommand = false)
    {
        if (checkIsCommand)
        {
            check.Aliases.Remove("--check");
        }
    }

    public IReadOnlyList<Option> Options => [absolute, relative, check, quantile, infinities, nans];

    /// <summary>The rule for each output.</summary>
    /// <exception cref="UserError">A value is none.</exception>
    public Func<string, ComparisonRule> Read(ParseResult parsed)
    {
        (string? Name, double Value)[] absolutes = Numbers(parsed, absolute), relatives = Numbers(parsed, relative);
        (string? Name, Func<ComparisonRule, ComparisonRule> Apply)[] checks = [.. (parsed.GetValue(check) ?? []).SelectMany(ShapeText.Entries).Select(Check)];
        ComparisonRule common = new() { Quantile = parsed.GetValue(quantile), InfinitiesAreEqual = parsed.GetValue(infinities), NaNsAreEqual = parsed.GetValue(nans) };
        if (common.Quantile is not (>= 0 and <= 1))
        {
            throw new UserError("--quantile must be from 0 to 1.", ExitCode.Usage);
        }

        return output =>
        {
            ComparisonRule rule = common with { Absolute = For(absolutes, output, common.Absolute), Relative = For(relatives, output, common.Relative) };
            return For(checks, output, rule => rule)(rule);
        };
    }

    /// <summary>The last entry that names an output counts, else the last one for all.</summary>
    private static T For<T>((string? Name, T Value)[] entries, string output, T otherwise) =>
        Array.FindLastIndex(entries, entry => entry.Name is not null && ShapeText.Fits(entry.Name, output)) is >= 0 and var own ? entries[own].Value
        : Array.FindLastIndex(entries, entry => entry.Name is null) is >= 0 and var all ? entries[all].Value
        : otherwise;

    private static (string? Name, double Value)[] Numbers(ParseResult parsed, Option<string[]> option) => [.. (parsed.GetValue(option) ?? []).SelectMany(ShapeText.Entries).Select(entry =>
    {
        int colon = entry.LastIndexOf(':');
        return double.TryParse(entry.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0
            ? (colon < 0 ? null : entry[..colon].Trim('\''), value)
            : throw new UserError($"{option.Name} {entry}: what is wanted is a number of 0 or more, or NAME:NUMBER.", ExitCode.Usage);
    })];

    private static (string? Name, Func<ComparisonRule, ComparisonRule> Apply) Check(string entry)
    {
        int colon = entry.LastIndexOf(':');
        string text = entry[(colon + 1)..].ToLowerInvariant();
        int sign = text.IndexOf(">=", StringComparison.Ordinal);
        string kind = sign < 0 ? text : text[..sign];
        double least = 0;
        ComparisonCheck? check = kind switch
        {
            "elemwise" or "elementwise" => ComparisonCheck.Elementwise,
            "allclose" or "l0" => ComparisonCheck.AllClose,
            "max" => ComparisonCheck.Max,
            "mean" => ComparisonCheck.Mean,
            "median" => ComparisonCheck.Median,
            "quantile" => ComparisonCheck.Quantile,
            "cosine" => ComparisonCheck.Cosine,
            "snr" => ComparisonCheck.Snr,
            "psnr" => ComparisonCheck.Psnr,
            _ => null,
        };
        bool takesLeast = check is ComparisonCheck.Cosine or ComparisonCheck.Snr or ComparisonCheck.Psnr;
        if (check is null || (sign >= 0 && !(takesLeast && double.TryParse(text.AsSpan(sign + 2), NumberStyles.Float, CultureInfo.InvariantCulture, out least))))
        {
            throw new UserError($"--check-error-stat {entry}: what is wanted is elemwise, allclose, max, mean, median, quantile, cosine, snr or psnr (the last three with >=NUMBER if wanted), for one output as NAME:CHECK.", ExitCode.Usage);
        }

        return (colon < 0 ? null : entry[..colon].Trim('\''), rule => (rule with { Check = check.Value }) switch
        {
            var changed when sign < 0 => changed,
            { Check: ComparisonCheck.Cosine } changed => changed with { MinCosine = least },
            { Check: ComparisonCheck.Snr } changed => changed with { MinSnr = least },
            var changed => changed with { MinPsnr = least },
        });
    }
}
