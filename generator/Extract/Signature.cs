namespace Trt.Generator.Extract;

/// <summary>A function's type text taken apart.</summary>
/// <param name="Returns">Return type as written.</param>
/// <param name="Parameters">Parameter list with its parentheses, as written.</param>
/// <param name="IsConst">A const method.</param>
/// <param name="IsNoexcept">Declared not to throw.</param>
internal sealed record Signature(string Returns, string Parameters, bool IsConst, bool IsNoexcept)
{
    /// <summary>Takes the type of a function or method apart.</summary>
    /// <exception cref="ExtractException">Its form is not known.</exception>
    public static Signature Of(AstNode function)
    {
        string text = function.Type;
        bool isNoexcept = Cut(ref text, " noexcept");
        bool isConst = Cut(ref text, " const");
        int depth = 0, open = -1;
        for (int i = text.Length - 1; i >= 0 && open < 0; i--)
        {
            depth += text[i] == ')' ? 1 : text[i] == '(' ? -1 : 0;
            open = depth == 0 ? i : -1;
        }
        if (open < 0 || !text.EndsWith(')') || text.EndsWith("...)", StringComparison.Ordinal))
        {
            throw new ExtractException($"{function.Where}: \"{function.Name}\" has the type \"{function.Type}\", a form that the extractor does not know.");
        }
        return new Signature(text[..open].TrimEnd(), text[open..], isConst, isNoexcept);
    }

    /// <summary>How clang's vtable dump names a method of this type.</summary>
    public string DumpName(string name) => name + Parameters + (IsConst ? " const" : "");

    private static bool Cut(ref string text, string suffix)
    {
        bool found = text.EndsWith(suffix, StringComparison.Ordinal);
        text = found ? text[..^suffix.Length] : text;
        return found;
    }
}
