using System.Globalization;
using System.Text.RegularExpressions;

namespace Trt.Cli;

/// <summary>Texts that give tensors shapes, as trtexec reads them: <c>x:1x3x224x224,y:scalar</c>.</summary>
internal static class ShapeText
{
    /// <summary>Reads a list of names and extents.</summary>
    /// <param name="text">Entries with commas between; each a name, a colon, and extents with <c>x</c> between; nothing or <c>scalar</c> behind the colon is a tensor of rank 0. The last colon counts; names with commas stand in single quotes.</param>
    /// <param name="option">The option's name, for errors.</param>
    /// <returns>Extents by name, or by pattern where a name has one <c>*</c>; later entries replace earlier ones.</returns>
    /// <exception cref="UserError">An entry is none.</exception>
    public static IReadOnlyDictionary<string, long[]> Parse(string text, string option)
    {
        OrderedDictionary<string, long[]> shapes = new(StringComparer.Ordinal);
        foreach (string entry in Entries(text))
        {
            int colon = entry.LastIndexOf(':');
            string name = (colon < 0 ? entry : entry[..colon]).Trim();
            name = name is ['\'', .., '\''] ? name[1..^1] : name;
            if (colon < 0 || name.Length == 0 || name.Count(c => c == '*') > 1 || Extents(entry[(colon + 1)..].Trim()) is not { } extents)
            {
                throw new UserError($"{option} has \"{entry}\": what is wanted is name:1x3x224x224 (name:scalar for rank 0), several with commas between; a name may have one *.", ExitCode.Usage);
            }

            shapes[name] = extents;
        }

        return shapes;
    }

    /// <summary>Extents alone: <c>1x3x224x224</c>, <c>scalar</c> or nothing for rank 0; null when the text is something else.</summary>
    public static long[]? Extents(string text)
    {
        if (text.Length == 0 || text.Equals("scalar", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        string[] parts = text.Split('x', 'X');
        long[] extents = new long[parts.Length];
        return parts.Index().All(part => long.TryParse(part.Item, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out extents[part.Index])) ? extents : null;
    }

    /// <summary>The entry for a tensor: the last that names it, or whose pattern fits.</summary>
    public static long[]? For(this IReadOnlyDictionary<string, long[]> shapes, string tensor) => shapes.LastOrDefault(shape => Fits(shape.Key, tensor)).Value;

    /// <summary>Whether a name, with at most one <c>*</c> in it, stands for a tensor.</summary>
    public static bool Fits(string pattern, string name) =>
        pattern == name || (pattern.Contains('*', StringComparison.Ordinal) && Regex.IsMatch(name, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.Singleline | RegexOptions.NonBacktracking));

    /// <summary>The parts of a list with commas; those in single quotes do not count.</summary>
    public static IEnumerable<string> Entries(string text)
    {
        int start = 0;
        bool quoted = false;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '\'')
            {
                quoted = !quoted;
            }
            else if (i == text.Length || (text[i] == ',' && !quoted))
            {
                if (i > start)
                {
                    yield return text[start..i];
                }

                start = i + 1;
            }
        }
    }
}
