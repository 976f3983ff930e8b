using System.CommandLine;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>One word for the types that layers may compute in, beside trtexec's <c>--fp16</c> and its like.</summary>
internal static class PrecisionOption
{
    private static readonly Option<string?> Word = new("--precision")
    {
        Description = "What layers may compute in: fp32 (default), fp16, bf16, int8 (needs --calibrate or a model with quantize nodes), fp8, best. The same as --fp16 and its like.",
        HelpName = "TYPE",
    };

    public static void AddTo(Command command) => command.Options.Add(Word);

    /// <summary>Options with what the word adds.</summary>
    /// <exception cref="UserError">There is no such word.</exception>
    public static BuildOptions Apply(ParseResult parsed, BuildOptions build) => parsed.GetValue(Word) is not { } word ? build : build with
    {
        Precision = build.Precision | word.ToLowerInvariant() switch
        {
            "fp32" => Precision.FP32,
            "fp16" => Precision.FP16,
            "bf16" => Precision.BF16,
            "int8" => Precision.Int8,
            "fp8" => Precision.FP8,
            "best" => Precision.Best,
            _ => throw new UserError($"--precision {word}: there are fp32, fp16, bf16, int8, fp8 and best.", ExitCode.Usage),
        },
    };
}
