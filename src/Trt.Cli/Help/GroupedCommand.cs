using System.CommandLine;
using Trt.Cli.Options;

namespace Trt.Cli;

/// <summary>A command whose help shows options in groups, and examples at the end.</summary>
internal sealed class GroupedCommand(string name, string description) : Command(name, description)
{
    /// <summary>The groups; options outside of them come last.</summary>
    public IReadOnlyList<OptionGroup> Groups { get; init; } = [];

    /// <summary>Command lines, with what they do.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; init; } = [];
}
