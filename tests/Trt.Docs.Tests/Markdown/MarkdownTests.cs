namespace Trt.Docs.Tests.Markdown;

/// <summary>The reader of pages itself.</summary>
public class MarkdownTests
{
    [Fact]
    public void Blocks_notes_and_outputs_are_found()
    {
        string[] page =
        [
            "# Title", "", "```csharp", "int x = 1;", "```", "", "```text", "one", "```", "",
            "<!-- needs: SOME_VARIABLE -->", "```bash", "ls", "```", "prints", "```text", "two", "```",
            "<!-- not run: takes a day -->", "", "```bash", "sleep", "```",
            "<!-- continues -->", "<!-- compiled only: no GPU here -->", "```csharp", "x++;", "```",
        ];
        IReadOnlyList<FencedBlock> blocks = MarkdownPage.Parse("page.md", page);

        Assert.Equal(["csharp", "text", "bash", "text", "bash", "csharp"], blocks.Select(b => b.Language));
        Assert.Equal([3, 7, 12, 16, 21, 26], blocks.Select(b => b.Line));
        Assert.Equal("one", blocks[0].Expected);
        Assert.Equal("SOME_VARIABLE", blocks[2].Needs);
        Assert.Null(blocks[2].Expected);        // a sentence stands between
        Assert.Equal("takes a day", blocks[4].NotRun);
        Assert.True(blocks[5].Continues);
        Assert.Equal("no GPU here", blocks[5].CompiledOnly);
        Assert.Equal("x++;", blocks[5].Text);
    }

    [Fact]
    public void An_open_block_is_an_error_with_its_line()
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => MarkdownPage.Parse("page.md", ["", "```bash", "ls"]));
        Assert.StartsWith("page.md:2:", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb", "a\nb\n", true)]
    [InlineData("a  \nb", "a\r\nb", true)]
    [InlineData("a\n…\nd", "a\nb\nc\nd", true)]
    [InlineData("a\n…\nd", "a\nd", true)]
    [InlineData("took … ms", "took 12 ms", true)]
    [InlineData("took … ms", "took 12 s", false)]
    [InlineData("a", "a\nb", false)]
    [InlineData("a\nb", "a", false)]
    [InlineData("(a.c)", "(abc)", false)]
    public void Outputs_are_compared_line_by_line(string expected, string actual, bool same) =>
        Assert.Equal(same, ExpectedOutput.Matches(expected, actual));

    [Fact]
    public void A_snippet_that_does_not_compile_is_reported_with_its_line()
    {
        string assembly = Path.Combine(Directory.CreateTempSubdirectory("trt-docs-").FullName, "Wrong.dll");
        IReadOnlyList<string> problems = SnippetCompiler.Compile("Console.WriteLine(1);\nint x = \"a\";", assembly);
        Assert.Contains(problems, p => p.StartsWith("line 2: CS0029", StringComparison.Ordinal));
        Directory.Delete(Path.GetDirectoryName(assembly)!, recursive: true);
    }

    [Fact]
    public void A_snippet_runs_in_the_repository() =>
        Assert.Equal("True 42", BlockRunner.CSharp("Console.WriteLine($\"{File.Exists(\"Trt.slnx\")} {6 * 7}\");", run: true)!.Trim());

    [Fact]
    public void Links_to_files_are_told_from_links_to_sites() =>
        Assert.Equal(["docs/a.md", "b"], MarkdownLinks.Local("[a](docs/a.md#part) [b](b) [c](https://example.org/x) [d](#top)"));
}
