using Trt.Build;
using Trt.Docs.Tests.Markdown;

namespace Trt.Docs.Tests;

/// <summary>Every snippet and command of README.md and docs/ does what the page says.</summary>
public class PageTests
{
    public static TheoryData<string, int> CSharpBlocks() => Blocks("csharp");

    public static TheoryData<string, int> BashBlocks() => Blocks("bash");

    [SkippableTheory]
    [MemberData(nameof(CSharpBlocks))]
    public void A_CSharp_block_compiles_and_prints_what_the_page_says(string page, int line)
    {
        FencedBlock block = Find(page, line);
        SkipWithoutItsNeeds(block);
        bool run = block.CompiledOnly is null;
        if (run && Environment.GetEnvironmentVariable(OnnxRuntimeLibrary.Variable) is null or "")
        {
            OnnxRuntimeLibrary.Provide(Checkout.Repository);
        }

        string? printed = BlockRunner.CSharp(WholeProgram(block), run);
        if (printed is not null)
        {
            AssertOutput(block, printed);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(BashBlocks))]
    public void A_bash_block_ends_well_and_prints_what_the_page_says(string page, int line)
    {
        FencedBlock block = Find(page, line);
        SkipWithoutItsNeeds(block);
        string? bash = Tool.Find("bash");
        Skip.If(bash is null || OperatingSystem.IsWindows(), "bash blocks of the pages are run where there is a bash, and not on Windows");
        AssertOutput(block, BlockRunner.Bash(block.Text, bash!));
    }

    [Fact]
    public void Blocks_have_a_language_that_the_tests_know_or_say_why_they_are_not_run()
    {
        // console: a transcript; text: output; the others are data to look at.
        string[] known = ["csharp", "bash", "text", "console", "powershell", "xml", "json", "yaml", "cpp", "ini"];
        string[] strange = [.. MarkdownPage.All().SelectMany(MarkdownPage.Read).Where(b => !known.Contains(b.Language)).Select(b => b.ToString())];
        Assert.Empty(strange);
        string[] silent = [.. MarkdownPage.All().SelectMany(MarkdownPage.Read).Where(b => b is { NotRun: "" } or { CompiledOnly: "" } or { Needs: "" }).Select(b => b.ToString())];
        Assert.Empty(silent);
    }

    [Fact]
    public void README_shows_a_program_with_its_output_and_the_two_commands()
    {
        IReadOnlyList<FencedBlock> blocks = MarkdownPage.Read("README.md");
        FencedBlock first = blocks.First(b => b.Language is "csharp" or "bash");
        Assert.Equal("csharp", first.Language);
        Assert.NotNull(first.Expected);
        Assert.Null(first.NotRun);
        string commands = string.Join("\n", blocks.Where(b => b.Language == "bash").Select(b => b.Text));
        Assert.Contains("./build.sh run", commands, StringComparison.Ordinal);
        Assert.Contains("./build.sh test", commands, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        List<string> broken = [];
        foreach (string page in MarkdownPage.All())
        {
            string folder = Path.GetDirectoryName(Checkout.Path(page))!;
            foreach (string target in MarkdownLinks.Local(File.ReadAllText(Checkout.Path(page))))
            {
                string path = Path.Combine(folder, target);
                if (!File.Exists(path) && !Directory.Exists(path))
                {
                    broken.Add($"{page}: {target}");
                }
            }
        }

        Assert.Empty(broken);
    }

    private static TheoryData<string, int> Blocks(string language)
    {
        TheoryData<string, int> data = [];
        foreach (FencedBlock block in MarkdownPage.All().SelectMany(MarkdownPage.Read).Where(b => b.Language == language && b.NotRun is null))
        {
            data.Add(block.Page, block.Line);
        }

        return data;
    }

    private static FencedBlock Find(string page, int line) => MarkdownPage.Read(page).Single(b => b.Line == line);

    private static void SkipWithoutItsNeeds(FencedBlock block)
    {
        Skip.If(block.Needs is { } name && Environment.GetEnvironmentVariable(name) is null or "", $"{block} needs {block.Needs}, which is not set");
    }

    private static string WholeProgram(FencedBlock block)
    {
        if (!block.Continues)
        {
            return block.Text;
        }

        FencedBlock before = MarkdownPage.Read(block.Page).Last(b => b.Language == "csharp" && b.Line < block.Line);
        return $"{WholeProgram(before)}\n{block.Text}";
    }

    private static void AssertOutput(FencedBlock block, string printed)
    {
        if (block.Expected is not null)
        {
            Assert.True(ExpectedOutput.Matches(block.Expected, printed), $"{block} prints\n{printed}\nbut the page says\n{block.Expected}");
        }
    }
}
