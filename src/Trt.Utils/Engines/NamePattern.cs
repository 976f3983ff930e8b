namespace Trt.Utils;

/// <summary>A name in which one <c>*</c> stands for anything.</summary>
internal readonly struct NamePattern(string pattern)
{
    private readonly int star = pattern.IndexOf('*', StringComparison.Ordinal);

    public bool Matches(string name) => star < 0
        ? name == pattern
        : name.Length >= pattern.Length - 1
            && name.StartsWith(pattern[..star], StringComparison.Ordinal)
            && name.EndsWith(pattern[(star + 1)..], StringComparison.Ordinal);

    /// <summary>Whether the text has at most one star.</summary>
    public bool IsValid => pattern.Length > 0 && pattern.LastIndexOf('*') == star;
}
