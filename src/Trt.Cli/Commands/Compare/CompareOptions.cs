using System.CommandLine;
using Trt.Cli.Options;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>What the commands that compare have in common: options, and how they are read.</summary>
internal static class CompareOptions
{
    /// <summary>Makes a command with its own options, those about inputs and tolerances, and all about builds.</summary>
    public static GroupedCommand Command(string name, string description, IReadOnlyList<Option> own, SampleGroup samples, ToleranceGroup tolerances, IReadOnlyList<(string Line, string Meaning)> examples)
    {
        GroupedCommand command = new(name, description)
        {
            Groups = [Group("What is compared", own), Group("Inputs", samples.Options), Group("Tolerances", tolerances.Options), .. BuildGroup.Groups],
            Examples = examples,
        };
        foreach (Option option in own.Concat(samples.Options).Concat(tolerances.Options))
        {
            command.Options.Add(option);
        }

        BuildGroup.AddTo(command);
        PictureGroup.AddTo(command);
        return command;
    }

    /// <summary>What opens models as the build options say.</summary>
    public static RunnerFactory Factory(Session session, ParseResult parsed, bool isQuiet = false) =>
        new(session, parsed.GetValue(CommonOptions.Library), BuildGroup.Read(parsed), BuildGroup.ReadLoad(parsed)) { IsQuiet = isQuiet };

    private static OptionGroup Group(string title, IEnumerable<Option> options) => new(title, [.. options.Select(BuildOption.Of)]);
}
