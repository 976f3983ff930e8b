using System.Collections.Concurrent;
using Trt.Interop;

namespace Trt.Tests;

/// <summary>Keeps every line, with the phase in which it was logged. May be called from any thread.</summary>
internal sealed class CollectingLogger : ILogger
{
    private readonly ConcurrentQueue<(string Phase, Severity Severity, string Text)> lines = new();

    /// <summary>What the test is about to do.</summary>
    public string Phase { get; set; } = string.Empty;

    public IReadOnlyList<(string Phase, Severity Severity, string Text)> Lines => [.. lines];

    public IEnumerable<string> Errors => lines.Where(line => line.Severity <= Severity.Error).Select(line => line.Text);

    public void Log(Severity severity, string msg) => lines.Enqueue((Phase, severity, msg));
}
