using System.CommandLine;

namespace Trt.Cli.Options;

/// <summary>Options of old trtexec releases that scripts still hold: each is answered with what to write instead.</summary>
internal static class GoneOptions
{
    private static readonly (string Names, string Instead)[] All =
    [
        ("--deploy", "Caffe models are not read any more. Convert the model to ONNX and name that."),
        ("--model", "Caffe models are not read any more. Convert the model to ONNX and name that."),
        ("--uff", "UFF models are not read any more. Export the model to ONNX and name that."),
        ("--uffInput", "UFF models are not read any more. An ONNX model says its inputs itself; --opt-shapes gives shapes."),
        ("--uffNHWC", "UFF models are not read any more. --input-io-formats gives the layout of inputs."),
        ("--maxBatch", "networks have explicit batches only. Write --batch=1:N:N, or --max-shapes."),
        ("--explicitBatch", "networks always have explicit batches. Leave it out."),
        ("--explicitPrecision", "quantize nodes in the model decide it. Leave it out."),
        ("--workspace", "write --memPoolSize=workspace:N (in MiB)."),
        ("--buildOnly", "write --skipInference; trt build never runs a plan."),
        ("--nvtxMode", "write --profilingVerbosity (layer_names_only, detailed or none)."),
        ("--minTiming", "write --avgTiming, which alone counts since 8.6."),
        ("--heuristic", "write --builderOptimizationLevel (2 does what it did)."),
    ];

    public static void AddTo(Command command)
    {
        foreach ((string names, string instead) in All)
        {
            Option<string[]> option = new(names) { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
            option.Validators.Add(result => result.AddError($"{names} is gone from TensorRT: {instead}"));
            command.Options.Add(option);
        }
    }
}
