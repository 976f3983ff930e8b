namespace Trt.Generator.Extract;

/// <summary>The text of a pointer to function taken apart.</summary>
/// <param name="Returns">Return type as written.</param>
/// <param name="Parameters">Parameter types as written.</param>
internal sealed record FunctionPointer(string Returns, IReadOnlyList<string> Parameters)
{
    private const string Mark = "(*)(";

    /// <summary>Takes <c>R (*)(A, B)</c> apart; null when the text is no such type.</summary>
    public static FunctionPointer? TryParse(string text)
    {
        int mark = text.IndexOf(Mark, StringComparison.Ordinal);
        if (mark < 0)
        {
            return null;
        }
        int start = mark + Mark.Length, depth = 1, end = start;
        while (end < text.Length && depth > 0)
        {
            depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
            end++;
        }
        return depth == 0 ? new FunctionPointer(text[..mark].Trim(), SplitList(text[start..(end - 1)])) : null;
    }

    /// <summary>Splits at commas that stand outside parentheses; an empty list or <c>void</c> has no items.</summary>
    public static IReadOnlyList<string> SplitList(string list)
    {
        List<string> items = [];
        int depth = 0, start = 0;
        for (int i = 0; i <= list.Length; i++)
        {
            if (i == list.Length || (list[i] == ',' && depth == 0))
            {
                items.Add(list[start..i].Trim());
                start = i + 1;
            }
            else
            {
                depth += list[i] == '(' ? 1 : list[i] == ')' ? -1 : 0;
            }
        }
        return items is ["" or "void"] ? [] : items;
    }
}
