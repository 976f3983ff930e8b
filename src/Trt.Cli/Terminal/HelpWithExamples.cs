using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Trt.Cli;

/// <summary>The usual help, never wider than the terminal or 80 columns where there is none, with examples at its end.</summary>
/// <remarks>Examples stand in the descriptions of commands, behind <c>Example:</c> or <c>Examples:</c>, with <c>; trt </c> between them.</remarks>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction help;
    private readonly Dictionary<Command, string[]> examples;

    private HelpWithExamples(HelpAction help, Dictionary<Command, string[]> examples)
    {
        this.help = help;
        this.examples = examples;
    }

    /// <summary>Takes over the help of a command and all below it.</summary>
    public static void AddTo(RootCommand root)
    {
        Dictionary<Command, string[]> examples = [];
        Take(root, examples);
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples(new HelpAction { MaxWidth = Screen.Width(Console.Out) }, examples);
    }

    /// <summary>Who asks for help need not have a right command line.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (GroupedHelp.Concerns(parseResult.CommandResult.Command))
        {
            GroupedHelp.Write(parseResult.CommandResult.Command, examples.GetValueOrDefault(parseResult.CommandResult.Command) ?? [], parseResult.InvocationConfiguration.Output);
            return ExitCode.Success;
        }

        int code = help.Invoke(parseResult);
        if (examples.GetValueOrDefault(parseResult.CommandResult.Command) is { } lines)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(lines.Length == 1 ? "Example:" : "Examples:");
            foreach (string line in lines)
            {
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        return code;
    }

    private static void Take(Command command, Dictionary<Command, string[]> examples)
    {
        string description = command.Description ?? string.Empty;
        int at = description.IndexOf("Example", StringComparison.Ordinal);
        int colon = at < 0 ? -1 : description.IndexOf(": ", at, StringComparison.Ordinal);
        if (colon >= 0)
        {
            command.Description = description[..at].TrimEnd();
            examples[command] = [.. description[(colon + 2)..].Split("; trt ").Select((line, i) => i == 0 ? line.Trim().TrimEnd(';') : $"trt {line.Trim()}")];
        }

        foreach (Command child in command.Subcommands)
        {
            Take(child, examples);
        }
    }
}
