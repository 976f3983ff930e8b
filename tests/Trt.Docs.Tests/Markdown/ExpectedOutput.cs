using System.Text.RegularExpressions;

namespace Trt.Docs.Tests.Markdown;

/// <summary>Compares what a block printed with what the page says. An ellipsis stands for anything in its line, and for any number of lines when alone.</summary>
internal static class ExpectedOutput
{
    private const string Ellipsis = "…";

    public static bool Matches(string expected, string actual)
    {
        string[] lines = Normal(expected).Split('\n');
        string pattern = string.Concat(lines.Select((line, i) => line.Trim() == Ellipsis
            ? @"([^\n]*\n)*?"
            : string.Join(@"[^\n]*", line.Split(Ellipsis).Select(Regex.Escape)) + @"\n"));
        return Regex.IsMatch(Normal(actual) + "\n", @"\A" + pattern + @"\z", RegexOptions.None, TimeSpan.FromSeconds(10));
    }

    private static string Normal(string text) =>
        string.Join("\n", text.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd())).Trim('\n');
}
