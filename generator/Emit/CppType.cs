namespace Trt.Generator.Emit;

/// <summary>A C++ type as the models spell it: a name, its pointers, and whether it is a reference.</summary>
/// <param name="Name">Qualified name without const.</param>
/// <param name="Stars">Number of pointer levels.</param>
/// <param name="IsReference">Whether it ends in &amp;.</param>
/// <param name="IsConst">Whether what is named is const.</param>
internal sealed record CppType(string Name, int Stars, bool IsReference, bool IsConst)
{
    public static CppType Parse(string text)
    {
        bool reference = text.Contains('&', StringComparison.Ordinal);
        int stars = text.Count(c => c == '*');
        int end = text.IndexOfAny(['*', '&']);
        string head = (end < 0 ? text : text[..end]).Trim();
        bool isConst = head.EndsWith(" const", StringComparison.Ordinal) || head.StartsWith("const ", StringComparison.Ordinal);
        head = head.Replace(" const", string.Empty, StringComparison.Ordinal).Replace("const ", string.Empty, StringComparison.Ordinal).Trim();
        return new CppType(head == "std::size_t" ? "size_t" : head, stars, reference, isConst);
    }

    /// <summary>Pointer levels as the ABI sees them: a reference is one more.</summary>
    public int Levels => Stars + (IsReference ? 1 : 0);
}
