using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Writes single options through a library's setters: first asks whether the release has them, then reads back what became of them.</summary>
/// <remarks>Without a configuration it only asks; so everything that a release lacks is told at once, before anything is made.</remarks>
internal sealed class OptionWriter(TensorRtLibrary library, IBuilderConfig? config, BuildLog.Collector? lines, Action<string>? warn)
{
    private readonly List<string> refusals = [];

    /// <summary>What cannot be done, a sentence each.</summary>
    public IReadOnlyList<string> Refusals => refusals;

    /// <summary>The configuration, or null while it is only asked whether.</summary>
    public IBuilderConfig? Config => config;

    /// <summary>Notes something that cannot be done.</summary>
    public void Refuse(string sentence) => refusals.Add(sentence);

    /// <summary>Notes what a release lacks.</summary>
    /// <returns>Whether it has it.</returns>
    public bool Has(string option, string member) => Ask(option, () => library.Require(member));

    /// <summary>Notes what a release lacks.</summary>
    /// <returns>Whether it has it.</returns>
    public bool Has<T>(string option, T enumerator)
        where T : unmanaged, Enum => Ask(option, () => library.Require(enumerator));

    /// <summary>Sets a number, or nothing when none is asked for.</summary>
    public void Set<T>(string option, T? asked, string setter, Func<IBuilderConfig, T> get, Action<IBuilderConfig, T> set)
        where T : struct
    {
        if (asked is { } value && Has($"{option} = {Text(value)}", setter))
        {
            Write(option, value, get, set);
        }
    }

    /// <summary>Sets an enumerator, or nothing when none is asked for.</summary>
    public void SetEnum<T>(string option, T? asked, string setter, Func<IBuilderConfig, T> get, Action<IBuilderConfig, T> set)
        where T : unmanaged, Enum
    {
        if (asked is { } value && Has($"{option} = {value}", setter) && Has($"{option} = {value}", value))
        {
            Write(option, value, get, set);
        }
    }

    /// <summary>Turns a flag on, when asked to.</summary>
    public void Flag(string option, bool asked, BuilderFlag flag)
    {
        if (asked)
        {
            Flag(option, flag, on: true);
        }
    }

    /// <summary>Turns a flag on or off.</summary>
    public void Flag(string option, BuilderFlag flag, bool on)
    {
        if (!on && !library.Supports(flag))
        {
            return;
        }

        if (Has(option, flag))
        {
            Write(option, on, c => c.GetFlag(flag), (c, value) =>
            {
                if (value)
                {
                    c.SetFlag(flag);
                }
                else
                {
                    c.ClearFlag(flag);
                }
            });
        }
    }

    /// <summary>Writes a value and reads it back.</summary>
    public void Write<T>(string option, T value, Func<IBuilderConfig, T> get, Action<IBuilderConfig, T> set)
    {
        if (config is null)
        {
            return;
        }

        int mark = lines?.Count ?? 0;
        T before = get(config);
        try
        {
            set(config, value);
        }
        catch (TensorRtException error)
        {
            Refuse($"{option} = {Text(value)}: {library} refuses it. {error.Message}");
            return;
        }

        T after = get(config);
        if (EqualityComparer<T>.Default.Equals(after, value))
        {
            return;
        }

        string words = lines is null ? string.Empty : string.Join(' ', lines.From(mark));
        if (EqualityComparer<T>.Default.Equals(after, before))
        {
            Refuse($"{option} = {Text(value)}: {library} keeps {Text(after)}. {(words.Length > 0 ? words : "Leave the option out, or ask for a value that it takes.")}");
        }
        else
        {
            warn?.Invoke($"{option}: {Text(value)} was asked for, {library} takes {Text(after)}. {words}".TrimEnd());
        }
    }

    private bool Ask(string option, Action require)
    {
        try
        {
            require();
            return true;
        }
        catch (NotInThisReleaseException error)
        {
            Refuse($"{option}: {error.Message} Leave the option out, or build with a release that has it.");
            return false;
        }
    }

    private static string Text<T>(T value) => value switch
    {
        bool on => on ? "on" : "off",
        string text => $"\"{AddressWithoutPassword.Hide(text)}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        null => "nothing",
        _ => value.ToString() ?? string.Empty,
    };
}
