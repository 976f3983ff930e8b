using System.Collections.Concurrent;
using Trt.Interop;

namespace Trt.Cpu.Tests.Goldens;

/// <summary>Keeps what is logged, with the phase in which it was.</summary>
internal sealed class RecordingLogger : ILogger
{
    public string Phase { get; set; } = string.Empty;

    public ConcurrentQueue<(string Phase, Severity Severity, string Text)> Lines { get; } = [];

    public IEnumerable<string> Errors => Lines.Where(line => line.Severity <= Severity.Error).Select(line => line.Text);

    public void Log(Severity severity, string msg) => Lines.Enqueue((Phase, severity, msg));
}
