using System.Collections.Concurrent;

namespace Trt.Interop.Tests.Libraries;

/// <summary>Keeps every line.</summary>
internal sealed class CollectingLogger : ILogger
{
    private readonly ConcurrentQueue<LogLine> lines = new();

    public IReadOnlyList<LogLine> Lines => [.. lines];

    public IEnumerable<string> Errors => lines.Where(line => line.Severity <= Severity.Error).Select(line => line.Text);

    public void Log(Severity severity, string msg) => lines.Enqueue(new LogLine(severity, msg));
}
