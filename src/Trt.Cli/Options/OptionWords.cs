using System.Text.RegularExpressions;

namespace Trt.Cli.Options;

/// <summary>Says in the command line's words what the library says of members of build options.</summary>
internal static partial class OptionWords
{
    private static readonly Lazy<(string Member, string Name)[]> Members = new(() =>
    [
        .. BuildGroup.Groups.SelectMany(group => group.Options).Where(option => option.Member.Length > 0).DistinctBy(option => option.Member)
            .Select(option => (option.Member, option.Option.Name)).OrderByDescending(pair => pair.Member.Length),
    ]);

    /// <summary>A sentence in which options have the names that the command line gives them.</summary>
    public static string Translate(string sentence)
    {
        foreach ((string member, string name) in Members.Value)
        {
            if (sentence.StartsWith(member, StringComparison.Ordinal) && (sentence.Length == member.Length || sentence[member.Length] is ':' or ' ' or '[' or '.'))
            {
                sentence = name + sentence[member.Length..];
                break;
            }
        }

        return Word().Replace(sentence, match => Array.Find(Members.Value, pair => pair.Member == match.Groups["member"].Value) is { Name: { } name } ? name : match.Value);
    }

    /// <summary>A capital inside of a sentence begins a member's name; one behind a full stop begins a sentence.</summary>
    [GeneratedRegex(@"(?<=[\w,;:)""] )(?:a )?(?<member>[A-Z][A-Za-z0-9]+(?:\.[A-Z][A-Za-z0-9]+)?)(?![\w(])", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
