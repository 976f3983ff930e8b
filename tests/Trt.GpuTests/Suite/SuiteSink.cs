using Xunit;
using Xunit.Abstractions;

namespace Trt.GpuTests.Suite;

/// <summary>Hears what xunit finds and runs, and tells the checks.</summary>
internal sealed class SuiteSink(PartContext run) : LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    private readonly ManualResetEventSlim finished = new();

    /// <summary>The tests that were found.</summary>
    public List<ITestCase> Found { get; } = [];

    /// <summary>Name of a test in the lines and the report: its class without the namespace, and its method with arguments.</summary>
    public static string NameOf(string displayName)
    {
        int arguments = displayName.IndexOf('(', StringComparison.Ordinal);
        string[] path = (arguments < 0 ? displayName : displayName[..arguments]).Split('.');
        return string.Join('.', path[Math.Max(0, path.Length - 2)..]) + (arguments < 0 ? string.Empty : displayName[arguments..]);
    }

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseDiscoveryMessage found:
                Found.Add(found.TestCase);
                break;
            case ITestStarting starting:
                run.Checks.Begin(NameOf(starting.Test.DisplayName));
                break;
            case ITestPassed passed:
                End(passed, Outcome.Ok, null);
                break;
            case ITestFailed failed when failed.ExceptionTypes[0] == typeof(SkipException).FullName:
                // Facts that the suite itself always runs are not skippable there.
                End(failed, Outcome.Skipped, failed.Messages[0].Split('\n')[0]);
                break;
            case ITestFailed failed when MissingMember.Of(failed.ExceptionTypes[0], failed.Messages[0], run.Library) is { } missing:
                End(failed, Outcome.Skipped, missing);
                break;
            case ITestFailed failed:
                End(failed, Outcome.Failed, Words(failed));
                break;
            case ITestSkipped skipped:
                End(skipped, Outcome.Skipped, skipped.Reason);
                break;
            case IErrorMessage or ITestClassCleanupFailure or ITestCollectionCleanupFailure or ITestAssemblyCleanupFailure:
                run.Checks.That("the suite runs", () => Words((IFailureInformation)message));
                break;
            case IDiscoveryCompleteMessage or ITestAssemblyFinished:
                finished.Set();
                break;
        }

        return true;
    }

    /// <summary>Until all were found, or all ran.</summary>
    public void Wait() => finished.Wait();

    public void Dispose() => finished.Dispose();

    private static string Words(IFailureInformation failure) => string.Join(Environment.NewLine, failure.Messages.Select((text, i) => $"{failure.ExceptionTypes[i]}: {text}{Environment.NewLine}{failure.StackTraces[i]}"));

    private void End(ITestResultMessage result, Outcome outcome, string? message) =>
        run.Checks.Record(new CaseRecord(run.Checks.Part, run.Checks.Library, NameOf(result.Test.DisplayName), outcome, message, (double)result.ExecutionTime * 1000, []));
}
