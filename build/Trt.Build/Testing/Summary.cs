namespace Trt.Build.Testing;

/// <summary>The end of a test run: why tests were skipped, which failed, and the counts.</summary>
internal static class Summary
{
    private const int MostLines = 30;

    /// <summary>Prints it; the counts are the last line.</summary>
    /// <returns>The exit code: 0 when tests ran and none failed.</returns>
    public static int Print(IReadOnlyCollection<TestOutcome> outcomes, TextWriter output)
    {
        foreach (IGrouping<string, TestOutcome> reason in outcomes
            .Where(o => o.Result == TestResult.Skipped)
            .GroupBy(o => o.Text.Length == 0 ? "no reason given" : o.Text.ReplaceLineEndings(" "))
            .OrderByDescending(g => g.Count()))
        {
            string projects = string.Join(", ", reason.GroupBy(o => o.Project).Select(g => $"{g.Key} {g.Count()}"));
            output.WriteLine($"skipped ({projects}): {reason.Key}");
        }

        foreach (TestOutcome failure in outcomes.Where(o => o.Result == TestResult.Failed))
        {
            output.WriteLine($"failed ({failure.Project}): {failure.Name}");
        }

        output.WriteLine(Line(outcomes));
        return outcomes.Any(o => o.Result == TestResult.Failed) || outcomes.Count == 0 ? 1 : 0;
    }

    /// <summary>The first lines of a long text; the stack of a crashed process has hundreds.</summary>
    public static string Shorten(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        return lines.Length <= MostLines ? string.Join("\n", lines) : string.Join("\n", lines.Take(MostLines)) + $"\n… {lines.Length - MostLines} more lines";
    }

    /// <summary><c>N passed, N failed</c>, and <c>, N skipped</c> when there are any.</summary>
    public static string Line(IReadOnlyCollection<TestOutcome> outcomes)
    {
        int Of(TestResult result) => outcomes.Count(o => o.Result == result);
        string line = $"{Of(TestResult.Passed)} passed, {Of(TestResult.Failed)} failed";
        return Of(TestResult.Skipped) > 0 ? $"{line}, {Of(TestResult.Skipped)} skipped" : line;
    }
}
