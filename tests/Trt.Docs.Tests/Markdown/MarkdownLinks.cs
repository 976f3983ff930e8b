using System.Text.RegularExpressions;

namespace Trt.Docs.Tests.Markdown;

/// <summary>Finds the links of a page that lead to files of the repository.</summary>
internal static partial class MarkdownLinks
{
    /// <summary>Targets as written, without a heading's anchor.</summary>
    public static IEnumerable<string> Local(string text) =>
        Link().Matches(text)
            .Select(m => m.Groups[1].Value.Split('#')[0])
            .Where(t => t.Length > 0 && !t.Contains("://", StringComparison.Ordinal) && !t.StartsWith("mailto:", StringComparison.Ordinal));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
