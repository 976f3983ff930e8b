using System.CommandLine;
using System.Text.RegularExpressions;

namespace Trt.Cli.Options;

/// <summary>Says in the command line's words what the library says of members of build options.</summary>
internal static partial class OptionWords
{
    /// <summary>How sentences about several types at once begin.</summary>
    private const string Types = "Precision = ";

    private static readonly Lazy<ILookup<string, Option>> Members = new(() =>
        BuildGroup.Groups.SelectMany(group => group.Options).Where(option => option.Member.Length > 0).ToLookup(option => option.Member, option => option.Option));

    /// <summary>A sentence in which options have the names that the command line gives them.</summary>
    /// <param name="sentence">The library's sentence.</param>
    /// <param name="parsed">The command line: where several options stand for a member, those that are on it are meant.</param>
    public static string Translate(string sentence, ParseResult? parsed = null)
    {
        if (sentence.StartsWith(Types, StringComparison.Ordinal) && sentence.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon)
        {
            sentence = string.Join(", ", sentence[Types.Length..colon].Split(", ").Select(type => Name($"Precision.{type}") ?? type)) + sentence[colon..];
        }

        string? begins = Members.Value.Select(member => member.Key).Where(member => Begins(sentence, member)).MaxBy(member => member.Length);
        string translated = begins is null ? sentence : Name(begins)! + sentence[begins.Length..];
        return Word().Replace(translated, match => Name(match.Groups["member"].Value) ?? match.Value);

        string? Name(string member) => (Members.Value[member].FirstOrDefault(option => parsed?.GetResult(option) is { Implicit: false }) ?? Members.Value[member].FirstOrDefault())?.Name;
    }

    private static bool Begins(string sentence, string member) =>
        sentence.StartsWith(member, StringComparison.Ordinal) && (sentence.Length == member.Length || sentence[member.Length] is ':' or ' ' or '[' or '.');

    /// <summary>A capital inside of a sentence begins a member's name; one behind a full stop begins a sentence, unless the word has another one.</summary>
    [GeneratedRegex(@"(?:(?<=[\w,;:)""] )(?:a )?|(?<=\. )(?=[A-Z][a-z0-9]+[A-Z]))(?<member>[A-Z][A-Za-z0-9]+(?:\.[A-Z][A-Za-z0-9]+)?)(?![\w(])", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
