namespace Trt.GpuTests.Suite;

/// <summary>The program's own rule: a test of the suite is skipped where it asked for what the release lacks, and failed where it only says so.</summary>
internal static class SkipRuleChecks
{
    public static void Run(PartContext run)
    {
        Checks judged = new(TextWriter.Null);
        new SuiteRun(run with { Checks = judged, Found = new FoundLibrary("cpu:8.6.1", LibraryKind.Rehearsal), Done = new HashSet<string>() }).Run([new SuiteClass(typeof(SkipRuleSamples), string.Empty)]);
        run.Checks.That("every sample is judged once", () => judged.Records.Count == 11 ? null : $"there are {judged.Records.Count}");
        foreach (CaseRecord record in judged.Records)
        {
            string name = record.Name[(record.Name.IndexOf('.', StringComparison.Ordinal) + 1)..];
            Outcome expected = name.StartsWith("Skips", StringComparison.Ordinal) ? Outcome.Skipped : name.StartsWith("Fails", StringComparison.Ordinal) ? Outcome.Failed : Outcome.Ok;
            run.Checks.That($"a test that {char.ToLowerInvariant(name[0])}{name[1..].Replace('_', ' ')}", () => record.Outcome == expected ? null : $"was {record.Outcome}: {record.Message}");
        }
    }
}
