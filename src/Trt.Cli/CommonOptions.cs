using System.CommandLine;

namespace Trt.Cli;

/// <summary>Options that every command takes.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document instead of text.", Recursive = true };

    public static Option<bool> NoColour { get; } = new("--no-color") { Description = "No colours (also: the variable NO_COLOR, and when the output is no terminal).", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Show all that the library logs, and the whole of an unexpected error.", Recursive = true };

    /// <summary>Which library; not of every command, but the same wherever it is.</summary>
    public static Option<string?> Library { get; } = new("--library")
    {
        Description = "cpu, or the file or folder of a TensorRT library; without it whatever is found, else cpu.",
        HelpName = "cpu|PATH",
    };

    /// <summary>For models that are weights.</summary>
    public static Option<string?> Architecture => field ??= new("--architecture")
    {
        Description = $"What weights are of, when their names do not tell: {string.Join(", ", Utils.ModelBuilders.All.Select(builder => builder.Name))}.",
        HelpName = "NAME",
    };

    public static void AddTo(RootCommand root)
    {
        root.Options.Add(Json);
        root.Options.Add(NoColour);
        root.Options.Add(Verbose);
    }
}
