using System.Text.RegularExpressions;

namespace Trt.Generator.Extract;

/// <summary>Names of the parameters of function pointers in structs, read from preprocessed source: clang's syntax tree has only their types.</summary>
internal sealed partial class ParameterNames(string preprocessed)
{
    private readonly Dictionary<string, string> bodies = [];

    /// <summary>Names in order, empty where a parameter has none; null when the declaration is not found or has another number of parameters.</summary>
    /// <param name="record">Struct.</param>
    /// <param name="field">Function pointer in it.</param>
    /// <param name="count">How many parameters its type has.</param>
    public IReadOnlyList<string>? Of(string record, string field, int count)
    {
        string body = Body(record);
        Match match = Regex.Match(body, $@"\(\s*\*\s*{Regex.Escape(field)}\s*\)\s*\(");
        if (!match.Success)
        {
            return null;
        }
        int start = match.Index + match.Length;
        IReadOnlyList<string> parameters = FunctionPointer.SplitList(body[start..Close(body, start, '(', ')')]);
        return parameters.Count == count ? [.. parameters.Select(Name)] : null;
    }

    private string Body(string record)
    {
        if (!bodies.TryGetValue(record, out string? body))
        {
            Match match = Regex.Match(preprocessed, $@"struct\s+{Regex.Escape(record)}\s*\{{");
            int start = match.Index + match.Length;
            body = bodies[record] = match.Success ? preprocessed[start..Close(preprocessed, start, '{', '}')] : "";
        }
        return body;
    }

    private static int Close(string text, int start, char open, char close)
    {
        int depth = 1;
        for (int i = start; i < text.Length; i++)
        {
            depth += text[i] == open ? 1 : text[i] == close ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }
        return text.Length;
    }

    private static string Name(string parameter)
    {
        if (PointerName().Match(parameter) is { Success: true } pointer)
        {
            return pointer.Groups[1].Value;
        }
        // A name follows the type: "char const* text" has one, "char const*" and "int" have none.
        Match match = LastWord().Match(parameter);
        return match.Success ? match.Groups[1].Value : "";
    }

    [GeneratedRegex(@"\(\s*\*\s*(\w+)\s*\)")]
    private static partial Regex PointerName();

    [GeneratedRegex(@"(?:[*&]\s*(?:const\s+)?|\w\s+)(?!const$)([A-Za-z_]\w*)\s*(?:\[\d*\])?$")]
    private static partial Regex LastWord();
}
