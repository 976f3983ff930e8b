namespace Trt.Cli;

/// <summary>Breaks texts into lines at blanks.</summary>
internal static class TextWrap
{
    /// <summary>Columns where nothing says how many there are.</summary>
    public const int UsualWidth = 80;

    /// <summary>The lines of a text, each at most so wide unless a single word is wider.</summary>
    public static IEnumerable<string> Lines(string text, int width)
    {
        foreach (string paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            string line = string.Empty;
            foreach (string word in paragraph.Split(' '))
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > width)
                {
                    yield return line;
                    line = word;
                }
                else
                {
                    line = line.Length == 0 ? word : $"{line} {word}";
                }
            }

            yield return line;
        }
    }

    /// <summary>Writes a text of which every line but the first begins so many columns in.</summary>
    public static void Write(TextWriter writer, string first, string text, int indent, int width = UsualWidth)
    {
        string before = first.PadRight(indent);
        foreach (string line in Lines(text, width - indent))
        {
            writer.WriteLine((before + line).TrimEnd());
            before = new string(' ', indent);
        }
    }
}
