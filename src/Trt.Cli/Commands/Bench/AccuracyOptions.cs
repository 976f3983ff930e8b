using System.CommandLine;
using System.CommandLine.Parsing;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>trtexec's options that check outputs against references.</summary>
internal static class AccuracyOptions
{
    private static readonly Option<string[]> References = new("--load-ref-outputs", "--loadRefOutputs") { Description = "Reference outputs to check against, in the forms of --load-inputs.", HelpName = "NAME:FILE,...", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string[]> Pairs = new("--ref-pair", "--refPair") { Description = "Begins pair N of inputs and references: --load-inputs and --load-ref-outputs follow it. At least two pairs.", HelpName = "N", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> Algorithm = InferenceOptions.Of<string?>("--accuracy-algorithm --accuracyAlgorithm", "l0|l1|l2|lInf|cos", "Measure of the loss: share of elements outside of the tolerances, mean, root mean square or greatest difference, 1 - cosine. Default: l0.");
    private static readonly Option<double?> Absolute = InferenceOptions.Number<double>("--atol", "X", "Absolute tolerance of l0. Default: 1e-5.");
    private static readonly Option<double?> Relative = InferenceOptions.Number<double>("--rtol", "X", "Relative tolerance of l0. Default: 1e-5.");
    private static readonly Option<double?> Threshold = InferenceOptions.Number<double>("--accuracy-threshold --accuracyThreshold", "X", "The loss from which on the run fails, with exit code 1. Default: none.");

    public static IReadOnlyList<Option> All { get; } = [References, Pairs, Algorithm, Absolute, Relative, Threshold];

    /// <summary>How losses are measured, and what fails.</summary>
    /// <exception cref="UserError">A value is none.</exception>
    public static (AccuracyMeasure Measure, double Absolute, double Relative, double? Threshold) Read(ParseResult parsed)
    {
        double? threshold = parsed.GetValue(Threshold);
        if (threshold is not (null or > 0))
        {
            throw new UserError("--accuracy-threshold must be above 0.", ExitCode.Usage);
        }

        AccuracyMeasure measure = parsed.GetValue(Algorithm)?.ToUpperInvariant() switch
        {
            null or "L0" => AccuracyMeasure.L0,
            "L1" => AccuracyMeasure.L1,
            "L2" => AccuracyMeasure.L2,
            "LINF" => AccuracyMeasure.LInf,
            "COS" => AccuracyMeasure.Cos,
            { } other => throw new UserError($"--accuracy-algorithm={other}: it must be l0, l1, l2, lInf or cos.", ExitCode.Usage),
        };
        return (measure, parsed.GetValue(Absolute) ?? 1e-5, parsed.GetValue(Relative) ?? 1e-5, threshold);
    }

    /// <summary>The inputs and references that belong together: one pair without a name, or those that <c>--ref-pair</c> begins, in the order of the command line.</summary>
    /// <exception cref="UserError">A pair lacks one of both, or references have no inputs.</exception>
    public static IReadOnlyList<ReferencePair> ReadPairs(ParseResult parsed)
    {
        List<ReferencePair> pairs = [];
        if (parsed.GetValue(Pairs) is not { Length: > 0 })
        {
            pairs.Add(new ReferencePair("", InferenceOptions.ReadLoads(parsed), parsed.GetValue(References) ?? []));
            return pairs;
        }

        string option = "";
        List<(string Name, List<string> Inputs, List<string> Outputs)> named = [];
        foreach (Token token in parsed.Tokens)
        {
            if (token.Type == TokenType.Option)
            {
                option = token.Value;
            }
            else if (option is "--ref-pair" or "--refPair")
            {
                if (named.Exists(pair => pair.Name == token.Value))
                {
                    throw new UserError($"--ref-pair={token.Value} is there twice.", ExitCode.Usage);
                }

                named.Add((token.Value, [], []));
                option = "";
            }
            else if (option is "--load-inputs" or "--loadInputs" or "--load-ref-outputs" or "--loadRefOutputs")
            {
                if (named.Count == 0)
                {
                    throw new UserError($"{option} stands before the first --ref-pair: each pair has its own behind it.", ExitCode.Usage);
                }

                (option is "--load-inputs" or "--loadInputs" ? named[^1].Inputs : named[^1].Outputs).Add(token.Value);
                option = "";
            }
        }

        foreach ((string name, List<string> inputs, List<string> outputs) in named)
        {
            if (inputs.Count == 0 || outputs.Count == 0)
            {
                throw new UserError($"--ref-pair={name} lacks {(inputs.Count == 0 ? "--load-inputs" : "--load-ref-outputs")} behind it.", ExitCode.Usage);
            }

            pairs.Add(new ReferencePair(name, inputs, outputs));
        }

        return pairs.Count >= 2 ? pairs : throw new UserError("There is one --ref-pair only: leave it out, or name a second.", ExitCode.Usage);
    }
}
