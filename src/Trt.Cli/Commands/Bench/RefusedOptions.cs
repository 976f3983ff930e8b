using System.CommandLine;

namespace Trt.Cli.Commands.Bench;

/// <summary>Options of trtexec that are known and not taken: each is refused with its reason, where "unknown option" would leave people guessing.</summary>
internal static class RefusedOptions
{
    private const string Tuning = "this tool builds one route at a time; it has no search over build routes. Use --set-build-route for the route that trtexec's tuner found.";

    private static readonly (string Name, string Reason)[] All =
    [
        ("--tuneBuildRoutes", Tuning), ("--tuneBuildRouteFile", Tuning), ("--tuningSearch", Tuning), ("--tuningCacheFile", Tuning), ("--tuningTimeOut", Tuning),
        ("--saveAllEngines", Tuning), ("--dryRun", Tuning), ("--continue", Tuning), ("--tuningResultFile", Tuning),
        ("--helpBuildRoute", "the knobs are printed by trtexec of TensorRT 11.1; --set-build-route takes a route of them."),
    ];

    public static void AddTo(Command command)
    {
        foreach ((string name, string reason) in All)
        {
            Option<string[]> option = new(name) { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
            option.Validators.Add(result => result.AddError($"{name} is not taken: {reason}"));
            command.Options.Add(option);
        }
    }
}
