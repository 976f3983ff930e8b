namespace Trt.Docs.Tests.Markdown;

/// <summary>A fenced block of a page, with what the comments right before it say to the tests.</summary>
/// <param name="Page">The page, relative to the repository.</param>
/// <param name="Line">Line number of the opening fence.</param>
/// <param name="Language">The word after the fence; empty when there is none.</param>
/// <param name="Text">The lines between the fences.</param>
/// <param name="NotRun">The reason of <c>&lt;!-- not run: REASON --&gt;</c>: the block is only read by people.</param>
/// <param name="CompiledOnly">The reason of <c>&lt;!-- compiled only: REASON --&gt;</c>: C# that this machine cannot run.</param>
/// <param name="Needs">The variable of <c>&lt;!-- needs: VARIABLE --&gt;</c>, without which the block is skipped.</param>
/// <param name="Continues"><c>&lt;!-- continues --&gt;</c>: C# that stands on the C# block before it in the page.</param>
/// <param name="Expected">The text block that follows, which is the expected output; null when there is none.</param>
internal sealed record FencedBlock(string Page, int Line, string Language, string Text, string? NotRun, string? CompiledOnly, string? Needs, bool Continues, string? Expected)
{
    public override string ToString() => $"{Page}:{Line} ({Language})";
}
