using Spectre.Console;
using Spectre.Console.Rendering;

namespace Trt.Cli;

/// <summary>Tables and trees that fit the terminal, 80 columns where there is none.</summary>
internal sealed class Screen
{
    private const int UsualWidth = 80;
    private readonly TextWriter writer;
    private readonly IAnsiConsole console;

    public Screen(TextWriter output, bool noColour)
    {
        writer = output;
        bool terminal = IsTerminal(output);
        bool colour = terminal && !noColour && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colour ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = Width(output);
        console.Profile.Capabilities.Unicode = true;
    }

    /// <summary>How many columns there are to write into.</summary>
    public static int Width(TextWriter output) => IsTerminal(output) && Console.WindowWidth > 20 ? Console.WindowWidth : UsualWidth;

    /// <summary>A table without frames: headings, a rule, rows. Numbers go right.</summary>
    /// <param name="columns">Headings; one that begins with <c>#</c> is a number's, without the sign.</param>
    /// <param name="rows">Cells.</param>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Table table = new() { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (string column in columns)
        {
            bool number = column.StartsWith('#');
            TableColumn heading = new(new Text(number ? column[1..] : column)) { Alignment = number ? Justify.Right : Justify.Left };
            heading.NoWrap = number;
            table.AddColumn(heading);
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow(row.Select(cell => (IRenderable)new Text(cell)));
        }

        StringWriter text = new();
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(text) });
        plain.Profile.Width = console.Profile.Width;
        plain.Profile.Capabilities.Unicode = true;
        plain.Write(table);
        foreach (string line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            writer.WriteLine(line);
        }
    }

    /// <summary>Names and values, one pair a line, values in one column that is broken at blanks where it is too long. A name that would leave them too little room stands above its value.</summary>
    public void Facts(params IEnumerable<(string Name, string? Value)> facts)
    {
        (string Name, string? Value)[] known = [.. facts.Where(fact => !string.IsNullOrEmpty(fact.Value))];
        int most = console.Profile.Width / 2;
        int width = known.Select(fact => fact.Name.Length).Where(length => length <= most).DefaultIfEmpty(0).Max();
        foreach ((string name, string? value) in known)
        {
            string before = name;
            if (name.Length > most)
            {
                writer.WriteLine(name);
                before = string.Empty;
            }

            foreach (string line in value!.Split('\n').SelectMany(line => line.Length + width + 2 <= console.Profile.Width ? [line] : TextWrap.Lines(line, console.Profile.Width - width - 2)))
            {
                writer.WriteLine($"{before.PadRight(width)}  {line}");
                before = string.Empty;
            }
        }
    }

    public void Line(string text = "") => writer.WriteLine(text);

    /// <summary>A text that is wrapped between words where it is wider than the screen.</summary>
    public void Paragraph(string text) => Write(new Text(text + "\n"));

    public void Write(IRenderable thing) => console.Write(thing);

    private static bool IsTerminal(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
}
