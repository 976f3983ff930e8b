using System.Xml.Linq;

namespace Trt.Build.Testing;

/// <summary>Reads the report that <c>dotnet test --logger trx</c> writes.</summary>
internal static class TrxReport
{
    private static readonly XNamespace Team = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>All outcomes of a report; what the run itself had to say when its process crashed counts as a failure.</summary>
    public static IEnumerable<TestOutcome> Read(string project, string file)
    {
        XElement run = XDocument.Load(file).Root!;
        foreach (XElement result in run.Descendants(Team + "UnitTestResult"))
        {
            TestResult kind = (string?)result.Attribute("outcome") switch
            {
                "Passed" => TestResult.Passed,
                "NotExecuted" => TestResult.Skipped,
                _ => TestResult.Failed,
            };
            yield return new(project, (string?)result.Attribute("testName") ?? "?", kind, kind == TestResult.Passed ? "" : Text(result));
        }

        XElement? summary = run.Element(Team + "ResultSummary");
        foreach (XElement info in summary?.Descendants(Team + "RunInfo").Where(i => (string?)i.Attribute("outcome") == "Error") ?? [])
        {
            string text = info.Element(Team + "Text")?.Value.Trim() ?? "";
            if (!text.StartsWith("[xUnit.net", StringComparison.Ordinal))       // the runner's echo of a failed test
            {
                yield return new(project, "the test process", TestResult.Failed, text);
            }
        }
    }

    private static string Text(XElement result)
    {
        XElement? output = result.Element(Team + "Output");
        XElement? error = output?.Element(Team + "ErrorInfo");
        string[] parts =
        [
            error?.Element(Team + "Message")?.Value ?? "",
            error?.Element(Team + "StackTrace")?.Value ?? "",
            output?.Element(Team + "StdOut")?.Value ?? "",
        ];
        return string.Join("\n", parts.Select(p => p.Trim()).Where(p => p.Length > 0));
    }
}
