using System.CommandLine;

namespace Trt.Cli;

/// <summary>Finds the option that somebody may have meant.</summary>
internal static class NearestOption
{
    /// <summary>What to say of a word that looks like an option but is none.</summary>
    /// <param name="command">The command that it was given to.</param>
    /// <param name="word">The word, perhaps with its value.</param>
    public static string Answer(Command command, string word)
    {
        string name = word.Split('=')[0];
        string? near = command.Options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Append(option.Name)).Where(known => known.Length > 2)
            .Select(known => (known, Distance: Distance(name, known))).Where(pair => pair.Distance <= Math.Max(1, name.Length / 5)).OrderBy(pair => pair.Distance).FirstOrDefault().known;
        return $"There is no option {name}{(near is null ? string.Empty : $"; {near} is one")}.";
    }

    /// <summary>How many letters must be put in, taken out or exchanged, case aside (Levenshtein's distance).</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 0; i < from.Length; i++)
        {
            int corner = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int same = corner + (char.ToUpperInvariant(from[i]) == char.ToUpperInvariant(to[j]) ? 0 : 1);
                corner = row[j + 1];
                row[j + 1] = Math.Min(same, Math.Min(row[j], corner) + 1);
            }
        }

        return row[^1];
    }
}
