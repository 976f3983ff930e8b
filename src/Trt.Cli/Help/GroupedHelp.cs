using System.CommandLine;
using Trt.Cli.Options;

namespace Trt.Cli;

/// <summary>Help of commands that take build options, in 80 columns: usage, arguments, options in groups, examples.</summary>
internal static class GroupedHelp
{
    private const int Stacked = 6;
    private const int WidestFirstColumn = 26;

    /// <summary>Whether a command takes build options.</summary>
    public static bool Concerns(Command command) => command is GroupedCommand || BuildGroup.IsIn(command);

    /// <summary>Writes the help of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="examples">Command lines for its end.</param>
    /// <param name="writer">Where to.</param>
    public static void Write(Command command, IReadOnlyList<string> examples, TextWriter writer)
    {
        TextWrap.Write(writer, string.Empty, command.Description ?? string.Empty, 0);
        writer.WriteLine();
        writer.WriteLine("Usage:");
        TextWrap.Write(writer, string.Empty, Usage(command), 2);
        Section(writer, "Arguments", command.Arguments.Where(argument => !argument.Hidden).Select(argument => (Name(argument), argument.Description)));
        Options(command, writer);
        WriteExamples(command, examples, writer);
    }

    private static void Options(Command command, TextWriter writer)
    {
        HashSet<Option> grouped = [];
        if (command is GroupedCommand { Groups: { } groups })
        {
            foreach (OptionGroup group in groups)
            {
                Section(writer, group.Title, group.Options.Select(option => (Name(option.Option), option.Option.Description)));
                grouped.UnionWith(group.Options.Select(option => option.Option));
            }
        }

        bool areElsewhere = BuildGroup.IsIn(command) && !grouped.Overlaps(BuildGroup.All);
        if (areElsewhere)
        {
            grouped.UnionWith(BuildGroup.All);
        }

        IEnumerable<Option> inherited = Above(command).SelectMany(parent => parent.Options.Where(option => option.Recursive));
        Section(writer, grouped.Count > 0 && command is GroupedCommand ? "Other options" : "Options",
            command.Options.Concat(inherited).Where(option => !option.Hidden && !grouped.Contains(option)).Select(option => (Name(option), option.Description)));
        if (areElsewhere)
        {
            writer.WriteLine();
            TextWrap.Write(writer, string.Empty, "A model that is no plan is built first: all options of \"trt build --help\" from \"Shapes\" on are taken here, too.", 0);
        }
    }

    /// <summary>Name and text beside each other where all names are short, else below each other.</summary>
    private static void Section(TextWriter writer, string title, IEnumerable<(string Name, string? Text)> rows)
    {
        (string Name, string? Text)[] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }

        writer.WriteLine();
        writer.WriteLine($"{title}:");
        int widest = all.Max(row => row.Name.Length);
        foreach ((string name, string? text) in all)
        {
            if (widest <= WidestFirstColumn)
            {
                TextWrap.Write(writer, $"  {name}", text ?? string.Empty, widest + 4);
            }
            else
            {
                TextWrap.Write(writer, string.Empty, name, 2);
                TextWrap.Write(writer, string.Empty, text ?? string.Empty, Stacked);
            }
        }
    }

    private static void WriteExamples(Command command, IReadOnlyList<string> examples, TextWriter writer)
    {
        (string Line, string Meaning)[] all = [.. examples.Select(line => (line, string.Empty)), .. (command as GroupedCommand)?.Examples ?? []];
        if (all.Length == 0)
        {
            return;
        }

        writer.WriteLine();
        writer.WriteLine(all.Length == 1 ? "Example:" : "Examples:");
        foreach ((string line, string meaning) in all)
        {
            string[] parts = [.. TextWrap.Lines(line, TextWrap.UsualWidth - Stacked)];
            writer.WriteLine($"  {string.Join($" \\{Environment.NewLine}    ", parts)}");
            if (meaning.Length > 0)
            {
                TextWrap.Write(writer, string.Empty, meaning, Stacked);
            }
        }
    }

    private static string Usage(Command command)
    {
        string path = string.Join(' ', Above(command).Reverse().Append(command).Select(part => part is RootCommand ? "trt" : part.Name));
        string arguments = string.Concat(command.Arguments.Where(argument => !argument.Hidden).Select(argument =>
            argument.Arity.MinimumNumberOfValues == 0 ? $" [{Name(argument)}]" : argument.Arity.MaximumNumberOfValues > 1 ? $" {Name(argument)}..." : $" {Name(argument)}"));
        return $"{path}{arguments} [options]";
    }

    private static IEnumerable<Command> Above(Command command)
    {
        for (Command? parent = command.Parents.OfType<Command>().FirstOrDefault(); parent is not null; parent = parent.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return parent;
        }
    }

    private static string Name(Argument argument) => argument.HelpName ?? argument.Name;

    /// <summary>Short names, then ours, then trtexec's, then the value.</summary>
    private static string Name(Option option)
    {
        IEnumerable<string> names = option.Aliases.Where(alias => alias.Length == 2).Append(option.Name).Concat(option.Aliases.Where(alias => alias.Length > 2)).Where(name => name.StartsWith('-'));
        string value = option.HelpName is { } help ? $" {help}" : option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? string.Empty : " VALUE";
        return string.Join(", ", names) + value;
    }
}
