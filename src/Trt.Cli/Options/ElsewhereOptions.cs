using System.CommandLine;

namespace Trt.Cli.Options;

/// <summary>Options of trtexec that say how a plan is run and what is told of it: <c>trt build</c> says where they are.</summary>
internal static class ElsewhereOptions
{
    private static readonly string[] Runs =
    [
        "--loadInputs", "--iterations", "--warmUp", "--duration", "--sleepTime", "--idleTime", "--infStreams", "--streams", "--exposeDMA", "--noDataTransfers", "--includeDataTransfers",
        "--useManagedMemory", "--useSpinWait", "--noSpinWait", "--threads", "--useCudaGraph", "--noCudaGraph", "--timeDeserialize", "--timeRefit", "--separateProfileRun", "--persistentCacheRatio",
        "--useProfile", "--allocationStrategy", "--saveDebugTensors", "--saveAllDebugTensors", "--weightStreamingBudget", "--avgRuns", "--percentile", "--dumpOutput", "--dumpRawBindingsToFile",
        "--dumpProfile", "--exportTimes", "--exportOutput", "--exportProfile",
    ];

    private static readonly (string Name, string Answer)[] Others =
    [
        .. new[] { "--dumpLayerInfo", "--exportLayerInfo", "--dumpOptimizationProfile" }.Select(name => (name, "trt build only builds; trt inspect shows what is in a plan.")),
        ("--dumpRefit", "trt build only builds; trt refit --list shows what can be replaced."),
        .. new[] { "--loadRefOutputs", "--refPair", "--accuracyAlgorithm", "--atol", "--rtol", "--accuracyThreshold" }.Select(name => (name, "trt build only builds; trt compare checks outputs.")),
        .. new[] { "--tuneBuildRoutes", "--tuneBuildRouteFile", "--tuningSearch", "--tuningCacheFile", "--tuningTimeOut", "--saveAllEngines", "--dryRun", "--continue", "--helpBuildRoute", "--tuningResultFile" }
            .Select(name => (name, "the search for build routes is trtexec's alone; --set-build-route builds one that it found.")),
    ];

    /// <summary>Makes a command answer them.</summary>
    public static void AddTo(Command command)
    {
        foreach ((string name, string answer) in Runs.Select(name => (name, "trt build only builds; trt bench runs and measures, and takes it.")).Concat(Others))
        {
            Option<string[]> option = new(name) { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
            option.Validators.Add(result => result.AddError($"{name}: {answer}"));
            command.Options.Add(option);
        }
    }
}
