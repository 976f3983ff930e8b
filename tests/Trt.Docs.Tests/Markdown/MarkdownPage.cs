using System.Text.RegularExpressions;

namespace Trt.Docs.Tests.Markdown;

/// <summary>Finds the fenced blocks of a page.</summary>
internal static partial class MarkdownPage
{
    /// <summary>README.md and all pages under docs/, relative to the repository.</summary>
    public static IEnumerable<string> All()
    {
        yield return "README.md";
        string docs = Checkout.Path("docs");
        if (Directory.Exists(docs))
        {
            foreach (string page in Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                yield return Checkout.Repository.Relative(page);
            }
        }
    }

    public static IReadOnlyList<FencedBlock> Read(string page) => Parse(page, File.ReadAllLines(Checkout.Path(page)));

    public static IReadOnlyList<FencedBlock> Parse(string page, IReadOnlyList<string> lines)
    {
        List<FencedBlock> blocks = [];
        Dictionary<string, string> notes = [];
        bool mayBeOutput = false;       // nothing but empty lines since the last block
        for (int i = 0; i < lines.Count; i++)
        {
            Match fence = Fence().Match(lines[i]);
            if (fence.Success)
            {
                int start = i;
                List<string> text = [];
                for (i++; i < lines.Count && lines[i].Trim() != fence.Groups[1].Value; i++)
                {
                    text.Add(lines[i]);
                }

                if (i == lines.Count)
                {
                    throw new InvalidDataException($"{page}:{start + 1}: the fenced block is not closed.");
                }

                Add(blocks, page, start + 1, fence.Groups[2].Value, string.Join("\n", text), notes, mayBeOutput);
                notes = [];
                mayBeOutput = true;
            }
            else if (Note().Match(lines[i]) is { Success: true } note)
            {
                notes[note.Groups[1].Value] = note.Groups[2].Value.Trim();
            }
            else if (lines[i].Trim().Length > 0)
            {
                notes = [];
                mayBeOutput = false;
            }
        }

        return blocks;
    }

    private static void Add(List<FencedBlock> blocks, string page, int line, string language, string text, Dictionary<string, string> notes, bool mayBeOutput)
    {
        if (language == "text" && mayBeOutput && blocks[^1].Language is "csharp" or "bash")
        {
            blocks[^1] = blocks[^1] with { Expected = text };
        }

        blocks.Add(new(
            page, line, language, text,
            notes.GetValueOrDefault("not run"), notes.GetValueOrDefault("compiled only"), notes.GetValueOrDefault("needs"),
            notes.ContainsKey("continues"), Expected: null));
    }

    [GeneratedRegex(@"^\s*(```+)\s*([\w-]*)\s*$")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*<!--\s*(not run|compiled only|needs|continues)\s*:?(.*?)-->\s*$")]
    private static partial Regex Note();
}
