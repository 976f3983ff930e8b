using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>An option of the command line that says how an engine is built: how it is written, and what it changes.</summary>
/// <remarks>Values are texts until they are applied; they are tried when the command line is parsed, so that all that is wrong is told at once.</remarks>
internal sealed class BuildOption
{
    private readonly Func<BuildOptions, string, BuildOptions> set;
    private readonly string absent;

    private BuildOption(Option option, string member, Func<BuildOptions, string, BuildOptions> set, string absent = "")
    {
        Option = option;
        Member = member;
        this.set = set;
        this.absent = absent;
    }

    /// <summary>The option as it is parsed.</summary>
    public Option Option { get; }

    /// <summary>What the library's sentences call it: a member of <see cref="BuildOptions"/>, or the beginning of a sentence about it.</summary>
    public string Member { get; }

    /// <summary>An option that is on when it stands there; <c>=false</c> turns it off.</summary>
    /// <param name="names">Our name, then trtexec's, with blanks between.</param>
    /// <param name="member">What the library calls it.</param>
    /// <param name="description">For the help.</param>
    /// <param name="set">What it changes.</param>
    public static BuildOption Flag(string names, string member, string description, Func<BuildOptions, bool, BuildOptions> set)
    {
        string[] all = names.Split(' ');
        return new BuildOption(new Option<bool>(all[0], all[1..]) { Description = description }, member, (options, text) => set(options, text.Length == 0 || bool.Parse(text)));
    }

    /// <summary>An option with a value.</summary>
    /// <param name="names">Our name, then trtexec's, with blanks between.</param>
    /// <param name="value">What the help calls the value.</param>
    /// <param name="member">What the library calls it.</param>
    /// <param name="description">For the help.</param>
    /// <param name="set">What a value changes; throws a <see cref="FormatException"/> that says what is allowed.</param>
    /// <param name="repeats">Whether it may stand there several times; each value is applied in order.</param>
    public static BuildOption Value(string names, string value, string member, string description, Func<BuildOptions, string, BuildOptions> set, bool repeats = false)
    {
        string[] all = names.Split(' ');
        Option option = repeats
            ? new Option<string[]>(all[0], all[1..]) { Description = description, HelpName = value, Arity = ArgumentArity.OneOrMore }
            : new Option<string>(all[0], all[1..]) { Description = description, HelpName = value };
        option.Validators.Add(result => Try(result, set));
        if (Words(value) is { Length: > 1 } words)
        {
            option.CompletionSources.Add(_ => words.Select(word => new CompletionItem(word)));
        }

        return new BuildOption(option, member, set);
    }

    /// <summary>An option that has its say elsewhere, to stand in a group of the help.</summary>
    public static BuildOption Of(Option option) => new(option, string.Empty, (options, _) => options);

    /// <summary>Options with what the command line says of this one.</summary>
    public BuildOptions Apply(ParseResult parsed, BuildOptions options)
    {
        if (parsed.GetResult(Option) is not { Implicit: false } given)
        {
            return options;
        }

        return given.Tokens.Count == 0 ? set(options, absent) : given.Tokens.Aggregate(options, (changed, token) => set(changed, token.Value));
    }

    /// <summary>Whether a flag stands on the command line, and not as <c>=false</c>.</summary>
    public bool IsOn(ParseResult parsed) => parsed.GetResult(Option) is { Implicit: false } given && (given.Tokens.Count == 0 || bool.Parse(given.Tokens[0].Value));

    /// <summary>The value as it stands on the command line, the last of several; null when it does not.</summary>
    public string? Text(ParseResult parsed) => parsed.GetResult(Option) is { Implicit: false, Tokens: [.., var last] } ? last.Value : null;

    /// <summary>The words that a value's name lists, for completion; none where it lists forms.</summary>
    private static string[] Words(string value) => value.AsSpan().ContainsAny(",:[") ? [] : [.. value.Split('|').Where(word => word.Any(char.IsLower) || char.IsAsciiDigit(word[0]) || word[0] == '-')];

    /// <summary>Tries the values of an option and notes what is wrong with them.</summary>
    private static void Try(OptionResult result, Func<BuildOptions, string, BuildOptions> set)
    {
        BuildOptions blank = new();
        foreach (Token token in result.Tokens)
        {
            try
            {
                set(blank, token.Value);
            }
            catch (Exception error) when (error is FormatException or UserError)
            {
                result.AddError(error is UserError ? error.Message : $"{result.IdentifierToken?.Value}={token.Value}: {error.Message}");
            }
        }
    }
}
