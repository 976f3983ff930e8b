using System.Globalization;

namespace Trt.GpuTests;

/// <summary>What the user asked for.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        usage: Trt.GpuTests --library DIR[:DIR...] --report FILE [options]
          --library DIR[:DIR...]  folders of TensorRT, lean, dispatch, parser, plugin and TensorRT-RTX libraries of any release;
                                  cpu: this project's CPU runtime through its native interfaces, laid out as three releases
          --report FILE           where the report goes, as JSON
          --data DIR              models and goldens; what is not there is taken from the folder data beside the program
          --plans DIR             version-compatible plans with the answers of 8.6.0 (*.plan, *.npz); default: the data folder's plans
          --only PART[,PART...]   only these parts
          --except PART[,PART...] all parts but these
          --time-limit SECONDS    for each part (default 120)
          --list                  prints the parts and what each needs, and runs nothing
        """;

    public IReadOnlyList<string> Libraries { get; private init; } = [];

    public string? Report { get; private init; }

    public string? Data { get; private init; }

    public string? Plans { get; private init; }

    public IReadOnlyList<string> Only { get; private init; } = [];

    public IReadOnlyList<string> Except { get; private init; } = [];

    public int TimeLimit { get; private init; } = 120;

    public bool List { get; private init; }

    /// <summary>The folder that a child process shares with its parent; what the child is to do is in it.</summary>
    public string? Child { get; private init; }

    /// <exception cref="FormatException">It cannot be understood; the message says why.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        CommandLine line = new();
        for (int i = 0; i < arguments.Count; i++)
        {
            string option = arguments[i];
            if (option == "--list")
            {
                line = line with { List = true };
                continue;
            }

            if (option is not ("--library" or "--report" or "--data" or "--plans" or "--only" or "--except" or "--time-limit" or "--child"))
            {
                throw new FormatException($"There is no option {option}.");
            }

            if (++i == arguments.Count)
            {
                throw new FormatException($"{option} wants a value.");
            }

            string value = arguments[i];
            line = option switch
            {
                "--library" => line with { Libraries = [.. line.Libraries, .. SplitLibraries(value)] },
                "--report" => line with { Report = value },
                "--data" => line with { Data = value },
                "--plans" => line with { Plans = value },
                "--only" => line with { Only = [.. line.Only, .. Split(value, ',')] },
                "--except" => line with { Except = [.. line.Except, .. Split(value, ',')] },
                "--child" => line with { Child = value },
                _ => line with { TimeLimit = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds > 0 ? seconds : throw new FormatException($"--time-limit wants a number of seconds, not {value}.") },
            };
        }

        if (line is { List: false, Child: null })
        {
            if (line.Libraries.Count == 0)
            {
                throw new FormatException("--library is missing.");
            }

            if (line.Report is null)
            {
                throw new FormatException("--report is missing.");
            }
        }

        foreach (string name in line.Only.Concat(line.Except).Where(name => Parts.All.All(part => part.Name != name)))
        {
            throw new FormatException($"There is no part \"{name}\"; the parts are {string.Join(", ", Parts.All.Select(part => part.Name))}.");
        }

        return line;
    }

    /// <summary>Whether a part was asked for.</summary>
    public bool Wants(Part part) => (Only.Count == 0 || Only.Contains(part.Name)) && !Except.Contains(part.Name);

    private static string[] Split(string value, char separator) => value.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Rehearsals have a colon of their own: <c>cpu:10.16</c>.</summary>
    private static IEnumerable<string> SplitLibraries(string value)
    {
        string[] names = Split(value, ':');
        for (int i = 0; i < names.Length; i++)
        {
            bool release = names[i] == "cpu" && i + 1 < names.Length && (char.IsAsciiDigit(names[i + 1][0]) || names[i + 1] == "direct" || names[i + 1].StartsWith("rtx-", StringComparison.Ordinal)) && !Directory.Exists(names[i + 1]);
            yield return release ? $"cpu:{names[++i]}" : names[i];
        }
    }
}
