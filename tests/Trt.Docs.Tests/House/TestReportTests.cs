using Trt.Build.Testing;

namespace Trt.Docs.Tests.House;

/// <summary>The counts at the end of <c>build.sh test</c>.</summary>
public class TestReportTests
{
    private const string Report = """
        <?xml version="1.0" encoding="utf-8"?>
        <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
          <Results>
            <UnitTestResult testName="a" outcome="Passed" />
            <UnitTestResult testName="b" outcome="Failed"><Output><ErrorInfo><Message>was 3</Message><StackTrace>at B()</StackTrace></ErrorInfo></Output></UnitTestResult>
            <UnitTestResult testName="c" outcome="NotExecuted"><Output><StdOut>no GPU</StdOut></Output></UnitTestResult>
            <UnitTestResult testName="d" outcome="NotExecuted"><Output><ErrorInfo><Message>no GPU</Message></ErrorInfo></Output></UnitTestResult>
            <UnitTestResult testName="e" outcome="Passed" />
          </Results>
          <ResultSummary outcome="Failed">
            <RunInfos>
              <RunInfo outcome="Error"><Text>[xUnit.net 00:00:01] b [FAIL]</Text></RunInfo>
              {0}
            </RunInfos>
          </ResultSummary>
        </TestRun>
        """;

    [Fact]
    public void Outcomes_and_reasons_are_read()
    {
        TestOutcome[] outcomes = Read("");
        Assert.Equal(
            [TestResult.Passed, TestResult.Failed, TestResult.Skipped, TestResult.Skipped, TestResult.Passed],
            outcomes.Select(o => o.Result));
        Assert.Equal("was 3\nat B()", outcomes[1].Text);
        Assert.Equal(["no GPU", "no GPU"], outcomes[2..4].Select(o => o.Text));
    }

    [Fact]
    public void A_crashed_process_is_a_failure()
    {
        TestOutcome[] outcomes = Read("<RunInfo outcome=\"Error\"><Text>The active test run was aborted. Reason: Test host process crashed</Text></RunInfo>");
        Assert.Equal(2, outcomes.Count(o => o.Result == TestResult.Failed));
        Assert.Contains("crashed", outcomes[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_line_is_the_sum()
    {
        StringWriter output = new();
        Assert.Equal(1, Summary.Print(Read(""), output));
        string[] lines = output.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.Equal("skipped (P 2): no GPU", lines[0]);
        Assert.Equal("failed (P): b", lines[1]);
        Assert.Equal("2 passed, 1 failed, 2 skipped", lines[^1]);
    }

    [Fact]
    public void Without_skips_the_line_is_short_and_without_failures_the_exit_code_is_0()
    {
        StringWriter output = new();
        Assert.Equal(0, Summary.Print([new("P", "a", TestResult.Passed, "")], output));
        Assert.Equal("1 passed, 0 failed", output.ToString().Trim());
        Assert.Equal(1, Summary.Print([], new StringWriter()));      // no test at all is no success
    }

    private static TestOutcome[] Read(string more)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, Report.Replace("{0}", more, StringComparison.Ordinal));
        TestOutcome[] outcomes = [.. TrxReport.Read("P", file)];
        File.Delete(file);
        return outcomes;
    }
}
